import numpy as np
import pytest

from gan_zoo.networks import vaegan


@pytest.mark.parametrize("size", [(28, 28), (30, 20)])
def test_other_sizes_of_image_go(size):
    shape = (*size, 1)
    decoder = vaegan.vaegan_decoder(shape, 4, [4, 4, 4, 4])
    assert decoder.output.shape[1:] == shape
    encoder = vaegan.vaegan_encoder(shape, 4, 4, 8)
    discriminator = vaegan.vaegan_discriminator(shape, [4, 4, 4, 4], 8)
    images = np.zeros((2, *shape), "float32")
    assert [x.shape for x in encoder(images)] == [(2, 4), (2, 4)]
    assert discriminator(images)[0].shape == (2, 1)


def test_features_are_the_last_convolution_s_before_its_norm_and_relu():
    network = vaegan.vaegan_discriminator((16, 16, 1), [4, 4, 4, 6], 8)
    images = np.random.default_rng(0).normal(size=(5, 16, 16, 1))
    _, features = network(images, training=True)
    assert features.shape == (5, 2, 2, 6)
    assert features.numpy().min() < 0
    assert abs(features.numpy().std() - 1) > 0.05
