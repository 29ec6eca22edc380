"""The networks against the authors' own, and what their names promise."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.networks.cyclegan import (
    patch_discriminator,
    patch_receptive_field,
    resnet_generator,
)


def batch_norm():
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


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
        # (out, in, h, w) or, transposed, (in, out, h, w) -> (h, w, in, out) or its like
        kernel = np.transpose(weights["weight"], (2, 3, 1, 0))
        # In front of a batch norm the authors' convolutions have no bias.
        layer.set_weights([kernel, weights.get("bias", np.zeros(layer.bias.shape))])


def relative_error(network, arrays, mode):
    x = channels_last(arrays["in/x"])
    made = network(x, training=mode == "train")
    # Without running statistics both modes are one; the extract keeps it once.
    wanted = channels_last(arrays.get(f"out/{mode}", arrays["out/eval"]))
    return np.max(np.abs(made - wanted)) / np.max(np.abs(wanted))


GENERATORS = [
    ("cyclegan.npz", "resnet9_instance", 9, 6, None),
    ("cyclegan_pix2pix.npz", "resnet6_instance", 6, 8, None),
    ("cyclegan_pix2pix.npz", "resnet6_batch", 6, 8, batch_norm),
]
DISCRIMINATORS = [
    ("cyclegan.npz", "nlayer3_instance", 3, None),
    ("cyclegan_pix2pix.npz", "nlayer3_batch", 3, batch_norm),
    ("cyclegan_pix2pix.npz", "nlayer2_batch", 2, batch_norm),
]


@pytest.mark.parametrize(("file", "name", "blocks", "width", "norm"), GENERATORS)
def test_generator_equals_the_authors(file, name, blocks, width, norm):
    arrays = case(file, name)
    shape = channels_last(arrays["in/x"]).shape[1:]
    network = resnet_generator(shape, width=width, blocks=blocks, norm=norm)
    load_torch(network, arrays, "G")
    assert relative_error(network, arrays, "eval") < 3e-5
    assert relative_error(network, arrays, "train") < 3e-5


@pytest.mark.parametrize(("file", "name", "n_layers", "norm"), DISCRIMINATORS)
def test_discriminator_equals_the_authors(file, name, n_layers, norm):
    arrays = case(file, name)
    shape = channels_last(arrays["in/x"]).shape[1:]
    network = patch_discriminator(shape, width=8, n_layers=n_layers, norm=norm)
    load_torch(network, arrays, "D")
    assert relative_error(network, arrays, "eval") < 3e-5
    assert relative_error(network, arrays, "train") < 3e-5


@pytest.mark.parametrize(("n_layers", "side"), [(1, 16), (2, 34), (3, 70)])
def test_one_score_sees_exactly_its_patch(n_layers, side):
    # Instance norm would let the whole image in.
    network = patch_discriminator(
        (136, 144, 1), width=4, n_layers=n_layers, norm=keras.layers.Identity
    )
    x = tf.random.stateless_normal((1, 136, 144, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = network(x)
        height, width = scores.shape[1:3]
        middle = scores[0, height // 2, width // 2, 0]
    seen = np.abs(tape.gradient(middle, x)[0, ..., 0]) > 0
    rows, columns = np.nonzero(seen.any(1))[0], np.nonzero(seen.any(0))[0]
    assert rows.max() - rows.min() + 1 == side
    assert columns.max() - columns.min() + 1 == side
    assert seen[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].all()
    assert patch_receptive_field(n_layers) == side


def test_paper_sizes():
    # Counts of the authors' code for 3 channels; instance norm has no weights.
    assert resnet_generator((256, 256, 3)).count_params() == 11_378_179
    assert resnet_generator((128, 128, 3), blocks=6).count_params() == 7_837_699
    discriminator = patch_discriminator((256, 256, 3))
    assert discriminator.count_params() == 2_764_737
    assert discriminator.output.shape == (None, 30, 30, 1)


@pytest.mark.parametrize("shape", [(8, 12, 1), (20, 16, 5)])
def test_any_multiple_of_four_and_any_channels(shape):
    network = resnet_generator(shape, channels=2, width=2, blocks=1)
    made = network(np.zeros((3, *shape), "float32"))
    assert made.shape == (3, *shape[:2], 2)


def test_first_weights():
    kernels = np.concatenate(
        [w.numpy().ravel() for w in resnet_generator((32, 32, 3), width=16).weights]
    )
    kernels = kernels[kernels != 0]
    assert abs(kernels.std() - 0.02) < 2e-4
    layers = resnet_generator((32, 32, 3), width=4, blocks=2).layers
    first, second = [x.kernel.numpy() for x in layers if x.name.startswith("conv")][3:5]
    assert first.shape == second.shape
    assert np.abs(first - second).max() > 0.01  # no two layers start alike


def test_float32_at_the_ends_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    assert resnet_generator((8, 8, 3), width=2, blocks=1).output.dtype == "float32"
    network = patch_discriminator((8, 8, 3), width=2, n_layers=1)
    assert network.output.dtype == "float32"


def test_sizes_that_cannot_work():
    with pytest.raises(ValueError, match=r"multiples of 4, got image_shape=\(30, 32"):
        resnet_generator((30, 32, 3))
    with pytest.raises(ValueError, match=r"width, channels\).*got \(32, 32\)"):
        resnet_generator((32, 32))
    with pytest.raises(ValueError, match="n_layers=3 needs images of at least 24"):
        patch_discriminator((16, 32, 3))
    assert patch_discriminator((24, 24, 3), width=2).output.shape == (None, 1, 1, 1)
