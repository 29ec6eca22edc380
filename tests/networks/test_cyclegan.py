"""The networks against the authors' own, and what their names promise."""

import keras
import numpy as np
import pytest
from networks.torch_networks import (
    batch_norm,
    case,
    channels_last,
    load_torch,
    relative_error,
)

from gan_zoo.networks.cyclegan import resnet_generator

GENERATORS = [
    ("cyclegan.npz", "resnet9_instance", 9, 6, None),
    ("cyclegan_pix2pix.npz", "resnet6_instance", 6, 8, None),
    ("cyclegan_pix2pix.npz", "resnet6_batch", 6, 8, batch_norm),
]


@pytest.mark.parametrize(("file", "name", "blocks", "width", "norm"), GENERATORS)
def test_generator_equals_the_authors(file, name, blocks, width, norm):
    arrays = case(file, name)
    shape = channels_last(arrays["in/x"]).shape[1:]
    network = resnet_generator(shape, width=width, blocks=blocks, norm=norm)
    load_torch(network, arrays, "G")
    assert relative_error(network, arrays, "eval") < 3e-5
    assert relative_error(network, arrays, "train") < 3e-5


def test_paper_sizes():
    # Counts of the authors' code for 3 channels; instance norm has no weights.
    assert resnet_generator((256, 256, 3)).count_params() == 11_378_179
    assert resnet_generator((128, 128, 3), blocks=6).count_params() == 7_837_699


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


def test_sizes_that_cannot_work():
    with pytest.raises(ValueError, match=r"multiples of 4, got image_shape=\(30, 32"):
        resnet_generator((30, 32, 3))
    with pytest.raises(ValueError, match=r"width, channels\).*got \(32, 32\)"):
        resnet_generator((32, 32))
