import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.inputs.image import from_bytes
from gan_zoo.serving import images


def test_bytes_of_known_values():
    values = tf.constant([-1.5, -1.0, 0.0, 1.0, 1.5, 1 / 127.5])
    # (0 + 1) 127.5 is half way, and even is 128
    np.testing.assert_array_equal(
        images.to_uint8(values), np.array([0, 0, 128, 255, 255, 128], "uint8")
    )


def test_every_byte_comes_back():
    every = np.arange(256, dtype="uint8")
    np.testing.assert_array_equal(images.to_uint8(from_bytes(every)), every)


@pytest.mark.parametrize("channels", images.PNG_CHANNELS)
def test_png_keeps_every_pixel(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3, 5, channels), "uint8")
    for png, wanted in zip(images.to_png(pixels).numpy(), pixels, strict=True):
        np.testing.assert_array_equal(tf.io.decode_png(png), wanted)
    assert images.to_png(pixels[:0]).shape == (0,)


@pytest.mark.parametrize("channels", images.DECODED_CHANNELS)
def test_files_are_decoded_to_the_channels_asked_for(channels):
    grey = np.full((4, 6, 1), 77, "uint8")
    files = [tf.io.encode_png(grey)]
    if channels != 4:  # JPEG knows no transparency
        files.append(tf.io.encode_jpeg(grey))
    for file in files:
        made = images.decoded(file, channels)
        assert made.shape == (4, 6, channels)
        np.testing.assert_array_equal(made[..., 0], grey[..., 0])
