import numpy as np

from gan_zoo.networks import mmd_gan


def test_any_size_of_image_goes():
    shape = (28, 20, 3)
    encoder = mmd_gan.mmd_gan_encoder(shape, 6, 4)
    decoder = mmd_gan.mmd_gan_decoder(shape, 6, 4)
    assert decoder(encoder(np.zeros((2, *shape), "float32"))).shape == (2, *shape)


def test_the_code_takes_the_place_of_the_logit():
    encoder = mmd_gan.mmd_gan_encoder((32, 32, 1), 10)
    # 64, 128 and 256 channels down to 4×4, then the code, without bias.
    assert [w.shape for w in encoder.layers[-1].weights] == [(4 * 4 * 256, 10)]
