"""StyleGAN2's networks with the authors' weights, and their recorded numbers."""

import json

import numpy as np
import tensorflow as tf
from testing import golden

from gan_zoo.networks.stylegan2 import stylegan2_discriminator, stylegan2_generator

CASES = ("r32_uncond_skip_resnet", "r32_cond_skip_resnet", "r64_uncond_skip_resnet")


def case(name):
    """The arrays of one case, and its configuration."""
    with np.load(golden("stylegan2_nets.npz")) as archive:
        keys = [k for k in archive.files if k.startswith(f"{name}/")]
        arrays = {k.removeprefix(f"{name}/"): archive[k] for k in keys}
    return arrays, json.loads(str(arrays.pop("cfg")))


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def check_close(got, wanted, rel=2e-5):
    wanted = np.asarray(wanted)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=rel * np.abs(wanted).max())


def networks_of(cfg):
    shape, classes = (cfg["res"], cfg["res"], 3), cfg["c_dim"] or None
    sizes = {"width": cfg["channel_max"], "capacity": cfg["channel_base"]}
    depth = {"mapping_depth": cfg["map_layers"], "num_classes": classes}
    return (
        stylegan2_generator(shape, cfg["z_dim"], cfg["w_dim"], **sizes, **depth),
        stylegan2_discriminator(shape, group=cfg["mbstd_group"], **sizes, **depth),
    )


def torch_name(layer, weight, player):
    """The authors' name of a weight of ours, from the names of its layer and itself."""
    parts = layer.split("_")
    weight = {
        "kernel": "weight",
        "constant": "noise_const",
        "strength": "noise_strength",
        "affine/kernel": "affine.weight",
        "affine/bias": "affine.bias",
    }.get(weight, weight)
    if player == "D":
        block = {
            "last_conv": "b4.conv",
            "last_dense": "b4.fc",
            "logit": "b4.out",
            "features": "b4.out",
        }.get(layer)
        if parts[0] in ("conv", "shortcut"):
            part = "skip" if parts[0] == "shortcut" else f"conv{parts[2]}"
            block = f"b{parts[1]}.{part}"
        elif layer == "from_image":
            block = "FIRST.fromrgb"
    elif layer == "constant":
        return "synthesis.b4.const"
    elif layer == "mean_style":
        return "mapping.w_avg"
    else:
        block = None
        if parts[0] in ("conv", "bias", "noise"):
            if parts[1] == "image":
                block = f"synthesis.b{parts[2]}.torgb"
            else:
                block = f"synthesis.b{parts[1]}.conv{parts[2]}"
    if layer == "class_embedding":
        block = "mapping.embed"
    if parts[0] == "dense":
        block = f"mapping.fc{parts[1]}"
    return f"{block}.{weight}"


def named(network, player, res):
    """Dict of the authors' name to our variable."""
    found = {}
    for variable in network.variables:
        path = variable.path.split("/")
        inner = "/".join(path[1:])
        name = torch_name(path[0], inner, player)
        found[name.replace("FIRST", f"b{res}")] = variable
    return found


def ours(name, array, variable):
    """A weight or gradient of the authors in our layout."""
    array = np.asarray(array)
    if name == "b4.fc.weight":  # its input is channels first
        units, channels = array.shape[0], variable.shape[0] // 16
        array = array.reshape(units, channels, 4, 4).transpose(0, 2, 3, 1)
        return array.reshape(units, -1).T
    if name == "synthesis.b4.const":
        return array.transpose(1, 2, 0)
    if name.endswith("noise_const"):
        return array[None, :, :, None]
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    return array.T if array.ndim == 2 else array


def loaded_case(name):
    """The authors' weights in our networks.

    Returns:
        Arrays of the case, generator, discriminator, for each of both the dict of the
        authors' name to our variable, and the configuration.
    """
    arrays, cfg = case(name)
    networks = dict(zip("GD", networks_of(cfg), strict=True))
    variables = {}
    for player, network in networks.items():
        variables[player] = named(network, player, cfg["res"])
        weights = {
            k.removeprefix(f"w/{player}/"): v
            for k, v in arrays.items()
            if k.startswith(f"w/{player}/") and "resample_filter" not in k
        }
        used = {k for k in weights if k in variables[player]}
        # The discriminator's layers keep no noise.
        assert set(variables[player]) == used
        assert not {k for k in set(weights) - used if "noise_const" not in k}
        for name, variable in variables[player].items():
            variable.assign(ours(name, weights[name], variable))
    return arrays, networks["G"], networks["D"], variables, cfg


def given(arrays, cfg, x, rows=slice(None)):
    """Inputs of a network: with labels where the case has classes."""
    x = tf.convert_to_tensor(x)
    if not cfg["c_dim"]:
        return x
    return [x, tf.argmax(arrays["in/c"][rows], axis=-1, output_type="int32")]


def gradients(tape, loss, variables):
    """Dict of the authors' name to the gradient, 0 where there is none."""
    values = tape.gradient(loss, [v.value for v in variables.values()])
    return {
        name: np.zeros(v.shape) if g is None else g.numpy()
        for (name, v), g in zip(variables.items(), values, strict=True)
    }


def check_gradients(found, arrays, prefix, rel=1e-4):
    wanted = {k: v for k, v in arrays.items() if k.startswith(prefix)}
    assert wanted
    for key, value in wanted.items():
        name = key.removeprefix(prefix)
        value = ours(name, value, found[name])
        # Some are tiny beside the others, and rounding of the same size.
        scale = max(np.abs(value).max(), 1e-6)
        np.testing.assert_allclose(
            found[name], value, rtol=0, atol=rel * scale, err_msg=key
        )
