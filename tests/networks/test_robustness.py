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


def deviations(network, *names):
    return [float(np.std(network.get_layer(name).kernel)) for name in names]


def named(network, kind):
    return [layer.name for layer in network.layers if isinstance(layer, kind)]


def test_first_weights_are_the_authors():
    # Worked by hand from the authors' formulas, a stride of 2 in a layer's fans.
    generator, _ = ARCHITECTURES["G: no norm, constant width"]((64, 64, 3), 128, 64)
    names = named(generator, (keras.layers.Dense, *CONVS))
    expected = [(2 / (128 + 1024)) ** 0.5]
    expected += [(4 / (64 * 25 / 4 + 64 * 25)) ** 0.5] * 3
    expected += [(4 / (64 * 25 / 4 + 3 * 25)) ** 0.5]
    np.testing.assert_allclose(deviations(generator, *names), expected, rtol=0.02)
    _, discriminator = ARCHITECTURES["gated nonlinearities"]((64, 64, 3), 128, 64)
    names = named(discriminator, keras.layers.Conv2D)
    channels = [(3, 128), (64, 256), (128, 512), (256, 1024)]
    expected = [(4 / (25 * i + 25 * o / 4)) ** 0.5 for i, o in channels]
    np.testing.assert_allclose(deviations(discriminator, *names), expected, rtol=0.02)
    generator, discriminator = ARCHITECTURES["DCGAN"]((64, 64, 3), 128, 64)
    for network in (generator, discriminator):
        names = named(network, (keras.layers.Dense, *CONVS))
        np.testing.assert_allclose(deviations(network, *names), 0.02, rtol=0.03)
    generator, _ = ARCHITECTURES["G: 4-layer 512 ReLU MLP"]((64, 64, 3), 128, 64)
    names = named(generator, keras.layers.Dense)
    expected = [(2 / 128) ** 0.5, *[(2 / 512) ** 0.5] * 3, (2 / (512 + 12288)) ** 0.5]
    np.testing.assert_allclose(deviations(generator, *names), expected, rtol=0.02)


def test_residual_networks_are_the_authors_at_their_size():
    generator, discriminator = ARCHITECTURES["101-layer ResNet G and D"](
        (64, 64, 3), 128, 64
    )
    adds = [x.output.shape[1:] for x in generator.layers if "add" in x.name]
    expected = [(4, 512)] * 6 + [(8, 256)] * 7 + [(16, 128)] * 7 + [(32, 64)] * 7
    expected += [(64, 32)] * 6
    assert [(size, channels) for size, _, channels in adds] == expected
    adds = [x.output.shape[1:] for x in discriminator.layers if "add" in x.name]
    # A block that halves the size is the first of its new one.
    expected = [(64, 32)] * 5 + [(32, 64)] * 7 + [(16, 128)] * 7 + [(8, 256)] * 7
    expected += [(4, 512)] * 7
    assert [(size, channels) for size, _, channels in adds] == expected


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
