"""Networks with the weights that other projects recorded, against their outputs."""

import keras
import numpy as np
from testing import golden

from gan_zoo.layers import BatchNormalization


def batch_norm():
    return BatchNormalization(momentum=0.9, epsilon=1e-5)


def case(file, name):
    """Arrays of one recorded case by key, without the case's name."""
    with np.load(golden(file)) as archive:
        keys = [k for k in archive.files if k.startswith(f"{name}/")]
        return {k.removeprefix(f"{name}/"): archive[k] for k in keys}


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def load_torch(network, arrays, module):
    """Sets a network's weights from a torch state dict, layer by layer in order."""
    torch_layers = {}
    for key, value in arrays.items():
        if key.startswith(f"w/{module}/"):
            layer, name = key.rsplit(".", 1)
            torch_layers.setdefault(layer, {})[name] = value
    ours = [layer for layer in network.layers if layer.weights]
    for layer, weights in zip(ours, torch_layers.values(), strict=True):
        if isinstance(layer, keras.layers.BatchNormalization):
            names = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([weights[name] for name in names])
            continue
        if isinstance(layer, keras.layers.GroupNormalization):
            layer.set_weights([weights["weight"], weights["bias"]])
            continue
        # (out, in, h, w) or, transposed, (in, out, h, w) -> (h, w, in, out) or its like
        kernel = np.transpose(weights["weight"], (2, 3, 1, 0))
        if not layer.use_bias:
            assert "bias" not in weights
            layer.set_weights([kernel])
            continue
        # In front of a batch norm the authors' convolutions have no bias.
        layer.set_weights([kernel, weights.get("bias", np.zeros(layer.bias.shape))])


def relative_error(network, arrays, mode):
    x = channels_last(arrays["in/x"])
    made = network(x, training=mode == "train")
    # Without running statistics both modes are one; the extract keeps it once.
    wanted = channels_last(arrays.get(f"out/{mode}", arrays["out/eval"]))
    return largest_relative_error(made, wanted)


def largest_relative_error(made, wanted):
    return np.max(np.abs(made - wanted)) / np.max(np.abs(wanted))


def error_of_running_statistics(network, arrays, x, before):
    """How far they are from the recorded ones after one batch of training.

    PyTorch divides a variance by one less than the number of values.

    Args:
        network: the network, after a call with `training=True`.
        arrays: the recorded case.
        x: the images of that call.
        before: the network's weights before it.

    Returns:
        The largest relative error of a layer's means, or of its variances.
    """
    norms = [x for x in network.layers if isinstance(x, BatchNormalization)]
    seen = keras.Model(network.inputs[0], [layer.input for layer in norms])(x)
    seen = seen if isinstance(seen, list) else [seen]
    old = dict(zip([v.path for v in network.weights], before, strict=True))
    recorded = [v for key, v in arrays.items() if key.startswith("out/after_train/")]
    errors = []
    for place, (layer, values) in enumerate(zip(norms, seen, strict=True)):
        count = float(np.prod(values.shape[:-1]))
        kept = 0.9 * old[layer.moving_variance.path]
        fresh = np.asarray(layer.moving_variance) - kept
        variance = kept + fresh * count / (count - 1.0)
        mean, wanted = recorded[2 * place : 2 * place + 2]
        errors.append(largest_relative_error(np.asarray(layer.moving_mean), mean))
        errors.append(largest_relative_error(variance, wanted))
    assert len(recorded) == len(errors) > 0
    return max(errors)
