import keras
import numpy as np
import pytest

from gan_zoo import layers
from gan_zoo.networks.robustness import ARCHITECTURES

SHAPE = (28, 28, 1)


def count(network, *kinds):
    return sum(isinstance(layer, kinds) for layer in network.layers)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_shapes_and_ranges(name):
    generator, discriminator = ARCHITECTURES[name](SHAPE, 6, 4)
    images = generator(np.random.default_rng(0).normal(size=(3, 6)))
    assert images.shape == (3, *SHAPE)
    assert np.abs(images).max() <= 1
    assert discriminator(images).shape == (3, 1)


NORMS = keras.layers.BatchNormalization, keras.layers.GroupNormalization
CONVS = keras.layers.Conv2D, keras.layers.Conv2DTranspose
TABLE = {  # normalisations in G and D, convolutions in G
    "DCGAN": (3, 2, 3),
    "G: no norm, constant width": (0, 2, 3),
    "G: 4-layer 512 ReLU MLP": (0, 2, 0),
    "no norm in G or D": (0, 0, 3),
    "gated nonlinearities": (3, 2, 3),
    "tanh nonlinearities": (3, 2, 3),
    # 33 blocks of three, the last, and three shortcuts that double the size.
    "101-layer ResNet G and D": (33, 33, 99 + 1 + 3),
}


@pytest.mark.parametrize(("name", "counts"), TABLE.items(), ids=TABLE)
def test_each_is_what_its_name_says(name, counts):
    generator, discriminator = ARCHITECTURES[name](SHAPE, 6, 4)
    norms, convs = (count(generator, *NORMS), count(generator, *CONVS))
    assert (norms, count(discriminator, *NORMS), convs) == counts


def test_constant_width_is_constant():
    generator, _ = ARCHITECTURES["G: no norm, constant width"](SHAPE, 6, 4)
    filters = [x.filters for x in generator.layers if isinstance(x, CONVS)]
    assert filters == [4, 4, 1]


def test_gates_and_tanh_are_everywhere():
    for network in ARCHITECTURES["gated nonlinearities"](SHAPE, 6, 4):
        assert count(network, layers.Gate) == 3
        assert count(network, keras.layers.ReLU, keras.layers.LeakyReLU) == 0
    generator, discriminator = ARCHITECTURES["tanh nonlinearities"](SHAPE, 6, 4)
    assert count(generator, keras.layers.Activation) == 4
    assert count(discriminator, keras.layers.Activation) == 3


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_critic_of_the_gradient_penalty_sees_each_image_alone(name):
    _, critic = ARCHITECTURES[name](SHAPE, 6, 4, "layer")
    images = np.random.default_rng(0).uniform(-1, 1, (4, *SHAPE)).astype("float32")
    together = critic(images, training=True)
    alone = [critic(image[None], training=True)[0] for image in images]
    np.testing.assert_allclose(together, alone, atol=1e-5)
