"""The U-Net of guided completion: an image with a hole, its mask, and a guide."""

import keras

from gan_zoo.networks.blocks import check_sides
from gan_zoo.networks.pix2pix import unet_generator, unet_levels


def completion_generator(image_shape, width=64, levels=None):
    """A U-Net that sees the known pixels, the mask and the guide as channels.

    Args:
        image_shape: (height, width, channels), both sides multiples of 2^levels.
        width: as `pix2pix.unet_generator`.
        levels: as `pix2pix.unet_generator`.

    Returns:
        Functional model of [images (n, h, w, c) that are 0 where pixels are missing,
        masks (n, h, w, 1), guides (n, h, w, c)] → images in [-1, 1] (n, h, w, c).

    Raises:
        ValueError, ImageSizeError: as `pix2pix.unet_generator`.
    """
    check_sides(image_shape)
    height, columns, channels = image_shape
    builder = "face_completion.completion_generator"
    levels = unet_levels(image_shape, levels, builder)  # which names the user's shape
    seen = (height, columns, 2 * channels + 1)
    # Without dropout: what is missing has one right answer here.
    unet = unet_generator(seen, channels, width, levels, dropout=0)
    inputs = [
        keras.Input(image_shape),
        keras.Input((height, columns, 1)),
        keras.Input(image_shape),
    ]
    made = unet(keras.layers.Concatenate()(inputs))
    return keras.Model(inputs, made, name="generator")
