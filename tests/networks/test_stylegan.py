import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.networks.stylegan import (
    mapping_network,
    stylegan_discriminator,
    stylegan_generator,
)

# Channels at 4², 8² ... 1024².
CHANNELS = [512, 512, 512, 512, 256, 128, 64, 32, 16]


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_sizes_at_1024_are_the_authors():
    """Their script prints 26,219,627 weights for G and 23,087,249 for D.

    That counts what growing needs besides: 1×1 convolutions from and to RGB at each of
    the eight smaller resolutions.
    """
    generator = stylegan_generator((1024, 1024, 3))
    to_rgb = sum(3 * c + 3 for c in CHANNELS[:-1])
    assert trainable(generator) + to_rgb == 26_219_627
    discriminator = stylegan_discriminator((1024, 1024, 3))
    from_rgb = sum(3 * c + c for c in CHANNELS[:-1])
    assert trainable(discriminator) + from_rgb == 23_087_249

    synthesis = generator.get_layer("synthesis")
    assert synthesis.input.shape[1:] == (18, 512)
    noises = [x for x in synthesis.layers if "noise" in x.name]
    sides = [2**i for i in range(2, 11)]
    assert [x.constant.shape[1] for x in noises] == [s for s in sides for _ in "ab"]
    assert [x.strength.shape[0] for x in noises] == [c for c in CHANNELS for _ in "ab"]


def test_the_mapping_ignores_the_length_of_z():
    mapping = mapping_network(8, 6, depth=2)
    z = tf.random.stateless_normal((3, 8), (0, 1))
    np.testing.assert_allclose(mapping(z), mapping(100 * z), rtol=1e-5)
    assert mapping.layers[-1].name == "mean_style"


def test_the_mapping_keeps_the_mean_of_its_styles():
    mapping = mapping_network(8, 6, depth=2)
    z = tf.random.stateless_normal((50, 8), (0, 1))
    w = mapping(z, training=True).numpy()
    mean = mapping.get_layer("mean_style").mean
    np.testing.assert_allclose(mean, 0.005 * w.mean(0), rtol=1e-4)


def test_the_score_of_an_image_depends_on_its_group_only():
    network = stylegan_discriminator((8, 8, 1), 4, 32, group=2)
    x = tf.random.stateless_normal((4, 8, 8, 1), (0, 1))
    scores, first = network(x).numpy(), network(x[:2]).numpy()
    np.testing.assert_allclose(scores[:2], first, rtol=1e-5)
    twins = network(tf.repeat(x[:1], 2, 0)).numpy()
    assert not np.isclose(twins[0], first[0])  # another spread


def test_odd_sides_are_refused():
    for network in (lambda shape: stylegan_generator(shape, 8), stylegan_discriminator):
        with pytest.raises(ValueError, match="halve evenly"):
            network((31, 32, 1))


def test_sides_other_than_powers_of_two_and_rectangles_work():
    generator = stylegan_generator((24, 40, 3), 8, 8, 1, width=4, capacity=32)
    images = generator(tf.random.stateless_normal((2, 8), (0, 1)))
    assert images.shape == (2, 24, 40, 3)
    discriminator = stylegan_discriminator((24, 40, 3), 4, 32)
    assert discriminator(images).shape == (2, 1)


def test_float32_comes_out_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    generator = stylegan_generator((8, 8, 1), 8, 8, 1, width=4)
    assert generator.output.dtype == "float32"
    assert stylegan_discriminator((8, 8, 1), 4).output.dtype == "float32"
