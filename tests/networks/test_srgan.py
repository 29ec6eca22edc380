"""SRResNet against another project's, and the paper's sizes."""

import itertools

import keras
import numpy as np
import pytest
from networks.torch_networks import (
    batch_norm,
    case,
    channels_last,
    error_of_running_statistics,
    largest_relative_error,
)

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import ImageSizeError
from gan_zoo.networks.srgan import srgan_discriminator, srresnet


def residual_norm():
    """That project's, whose second argument became ε."""
    return BatchNormalization(momentum=0.9, epsilon=0.8)


def load(network, arrays):
    """The state dict in its order; slopes are one number for all channels there."""
    layers = {}
    for key, value in arrays.items():
        if key.startswith("w/G/"):
            layer, name = key.removeprefix("w/G/").rsplit(".", 1)
            layers.setdefault(layer, {})[name] = value
    ours = [layer for layer in network.layers if layer.weights]
    for layer, weights in zip(ours, layers.values(), strict=True):
        if isinstance(layer, keras.layers.PReLU):
            layer.set_weights([np.full(layer.alpha.shape, weights["weight"][0])])
        elif isinstance(layer, keras.layers.BatchNormalization):
            names = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([weights[name] for name in names])
        else:
            kernel = np.transpose(weights["weight"], (2, 3, 1, 0))
            layer.set_weights([kernel, weights["bias"]])


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_srresnet_equals_another_project_s(mode):
    """Which shuffles in torch's order, without a permutation of the channels."""
    arrays = case("srresnet.npz", "srresnet")

    network = srresnet(blocks=1, norm=residual_norm, upsampling_norm=batch_norm)
    load(network, arrays)
    x, before = channels_last(arrays["in/x"]), network.get_weights()
    made = network(x, training=mode == "train")
    wanted = channels_last(arrays[f"out/{mode}"])
    assert largest_relative_error(made, wanted) < 2e-5
    if mode == "train":
        assert error_of_running_statistics(network, arrays, x, before) < 2e-5


def test_paper_sizes():
    def conv(side, inputs, outputs):
        return side * side * inputs * outputs + outputs

    norm, block = 4 * 64, 2 * conv(3, 64, 64)
    trunk = conv(9, 3, 64) + 64 + 16 * (block + 2 * norm + 64) + conv(3, 64, 64) + norm
    up = 2 * (conv(3, 64, 256) + 64)
    assert srresnet().count_params() == trunk + up + conv(9, 64, 3)
    widths = [3, 64, 64, 128, 128, 256, 256, 512, 512]
    convs = sum(conv(3, a, b) for a, b in itertools.pairwise(widths))
    norms = 4 * sum(widths[2:])
    dense = 6 * 6 * 512 * 1024 + 1024 + 1025
    assert srgan_discriminator((96, 96, 3)).count_params() == convs + norms + dense


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_images_of_any_size_are_enlarged(scale):
    network = srresnet(1, scale, width=4, blocks=1)
    made = network(np.zeros((2, 5, 7, 1), "float32"))
    assert made.shape == (2, 5 * scale, 7 * scale, 1)
    assert np.abs(made).max() <= 1


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="scale 1, 2, 4 or 8, got 3"):
        srresnet(scale=3)
    with pytest.raises(ImageSizeError, match="at least 16"):
        srgan_discriminator((8, 32, 3))
