import keras
import numpy as np

from gan_zoo.networks.cgan import (
    cgan_discriminator,
    cgan_generator,
    conditional_dcgan_discriminator,
    conditional_dcgan_generator,
)


def test_networks_are_the_paper_s():
    generator = cgan_generator((28, 28, 1))
    assert generator.count_params() == (
        101 * 200 + 11 * 1000 + 1201 * 1200 + 1201 * 784
    )
    discriminator = cgan_discriminator((28, 28, 1))
    assert discriminator.count_params() == (785 * 1200 + 11 * 250 + 291 * 960 + 241)


def test_the_label_reaches_both_convolutional_networks():
    keras.utils.set_random_seed(0)
    shape = (8, 8, 1)
    generator = conditional_dcgan_generator(shape, 4, 3, width=4)
    discriminator = conditional_dcgan_discriminator(shape, 3, width=4)
    z = np.ones((3, 4), "float32")
    images = generator([z, np.arange(3)]).numpy()
    assert np.ptp(images, axis=0).max() > 1e-4
    same = np.zeros((3, *shape), "float32")
    assert np.ptp(discriminator([same, np.arange(3)]).numpy()) > 1e-4


def test_planes_are_one_hot():
    discriminator = conditional_dcgan_discriminator((8, 8, 1), 3, width=4)
    joined = discriminator.get_layer(index=-2).output
    planes = keras.Model(discriminator.inputs, joined)
    images = np.full((2, 8, 8, 1), 0.5, "float32")
    out = planes([images, np.array([2, 0])]).numpy()
    np.testing.assert_array_equal(out[0, 3, 5], [0.5, 0, 0, 1])
    np.testing.assert_array_equal(out[1, 7, 0], [0.5, 1, 0, 0])


def test_the_paper_s_networks_work_in_its_range_of_pixels():
    """D sees (x + 1) / 2, and G gives 2σ(a) − 1."""
    generator = cgan_generator((2, 2, 1), 3, 2)
    last = generator.layers[-3]
    assert last.activation is keras.activations.sigmoid
    weights = last.get_weights()
    last.set_weights([np.zeros_like(weights[0]), np.full(4, np.log(3.0))])
    images = generator([np.zeros((1, 3), "float32"), np.array([1])])
    np.testing.assert_allclose(images, np.full((1, 2, 2, 1), 0.5), atol=1e-6)
    discriminator = cgan_discriminator((2, 2, 1), 2)
    first = next(x for x in discriminator.layers if x.name.startswith("maxout"))
    seen = keras.Model(discriminator.inputs[0], first.input)
    pixels = np.array([-1.0, 0.0, 0.5, 1.0], "float32").reshape(1, 2, 2, 1)
    wanted = [[0.0, 0.5, 0.75, 1.0]]
    np.testing.assert_allclose(seen(pixels), wanted)
