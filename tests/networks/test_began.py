import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.networks import began


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (25, 30, 2)])
def test_images_come_back_in_their_shape(shape):
    autoencoder = began.began_autoencoder(shape, 8, 4)
    images = np.zeros((2, *shape), "float32")
    assert autoencoder(images).shape == images.shape
    assert began.began_decoder(shape, 8, 4)(tf.zeros((2, 8))).shape == images.shape


def test_the_paper_s_widths_at_64():
    """Levels of 8, 16, 32 and 64 pixels; filters grow linearly on the way down."""
    encoder = began.began_encoder((64, 64, 3), 64, 16)
    convolutions = [layer for layer in encoder.layers if hasattr(layer, "kernel_size")]
    assert [layer.filters for layer in convolutions] == [
        16,
        *(16, 16, 32),
        *(32, 32, 48),
        *(48, 48, 64),
        *(64, 64),
    ]
    assert encoder.layers[-1].input.shape[1] == 8 * 8 * 64
    decoder = began.began_decoder((64, 64, 3), 64, 16)
    convolutions = [layer for layer in decoder.layers if hasattr(layer, "kernel_size")]
    assert [layer.filters for layer in convolutions] == [16] * 8 + [3]
