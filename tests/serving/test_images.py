import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

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


@pytest.mark.parametrize(("mode", "channels"), [("RGBA", 3), ("LA", 1), ("LA", 3)])
def test_what_is_transparent_is_laid_on_white(mode, channels):
    """As `load` and the command line do it, with Pillow."""
    shape = (6, 5, len(mode))
    pixels = np.random.default_rng(0).integers(0, 256, shape, "uint8")
    pixels[0, :, -1] = 0  # whatever colour hides there
    made = images.decoded(tf.io.encode_png(pixels), channels)
    shown = Image.fromarray(pixels, mode).convert("RGBA")
    shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    wanted = np.asarray(shown)[..., :channels].astype(int)
    np.testing.assert_array_equal(made[0], 255)
    assert np.abs(made - wanted).max() <= 1


def test_colours_become_grey_as_tensorflow_does_it():
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 3), "uint8")
    file = tf.io.encode_png(pixels)
    wanted = tf.io.decode_png(file, 1)
    np.testing.assert_array_equal(images.decoded(file, 1), wanted)
