import itertools

import keras
import numpy as np
import pytest

import gan_zoo
from gan_zoo.networks.discogan import discogan_discriminator, discogan_generator


def test_sizes_are_those_of_the_authors_code():
    """At 64 × 64; ours has β and γ of as many norms, and no further biases."""
    generator = discogan_generator((64, 64, 3))
    down = [3, 64, 128, 256, 512]
    kernels = sum(16 * a * b for a, b in itertools.pairwise(down))
    norms = 2 * (128 + 256 + 512 + 256 + 128 + 64)
    trainable = sum(v.value.shape.num_elements() for v in generator.trainable_variables)
    assert trainable == 2 * kernels + norms
    discriminator = discogan_discriminator((64, 64, 3))
    trainable = sum(
        v.value.shape.num_elements() for v in discriminator.trainable_variables
    )
    assert trainable == kernels + 2 * (128 + 256 + 512) + 16 * 512
    assert discriminator.output.shape == (None, 1)


def test_pixels_are_seen_from_zero_to_one():
    """Black images give no signal: the first convolution has no bias."""
    network = discogan_discriminator((16, 16, 1), width=2, levels=2)
    first = keras.Model(network.input, network.layers[2].output)
    assert isinstance(network.layers[2], keras.layers.Conv2D)
    assert np.abs(first(-np.ones((1, 16, 16, 1)))).max() == 0.0
    made = discogan_generator((16, 16, 1), width=2)(np.ones((1, 16, 16, 1)))
    assert -1 < np.min(made) < np.max(made) < 1


@pytest.mark.parametrize("shape", [(16, 32, 1), (32, 16, 4)])
def test_other_sizes_and_channels(shape):
    network = discogan_generator(shape, channels=2, width=2)
    assert network.compute_output_shape((1, *shape)) == (1, *shape[:2], 2)
    assert discogan_discriminator(shape, width=2).output.shape == (None, 1)


def test_sizes_that_cannot_work():
    for network in (discogan_generator, discogan_discriminator):
        with pytest.raises(ValueError, match=r"2\^levels = 16, got image_shape=\(24,"):
            network((24, 32, 3))
        with pytest.raises(ValueError, match=r"got \(32, 32\)"):
            network((32, 32))


def test_networks_of_fewer_levels_are_built_as_advised():
    """And are passed to the model, which has no such argument."""
    shape = (24, 24, 1)
    with pytest.raises(ValueError, match=r"with levels=3 and pass them to the model"):
        gan_zoo.DiscoGAN(shape)
    generator, discriminator = (
        [network(shape, width=2, levels=3) for _ in "ab"]
        for network in (discogan_generator, discogan_discriminator)
    )
    gan_zoo.DiscoGAN(
        shape,
        generator_a_to_b=generator[0],
        generator_b_to_a=generator[1],
        discriminator_a=discriminator[0],
        discriminator_b=discriminator[1],
    )
    with pytest.raises(ValueError, match=r"or resize the images\.$"):
        gan_zoo.DiscoGAN((27, 27, 1))  # which no number of levels divides


def test_float32_at_the_ends_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    assert discogan_generator((16, 16, 3), width=2).output.dtype == "float32"
    assert discogan_discriminator((16, 16, 3), width=2).output.dtype == "float32"
