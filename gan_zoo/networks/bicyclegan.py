"""BicycleGAN's generator, whose levels all see a latent code, and its encoder.

The discriminators are pix2pix's, `pix2pix.patch_discriminator`.
"""

import keras

from gan_zoo.layers import LatentChannels
from gan_zoo.networks.blocks import conv, instance_norm, normal, transposed_conv
from gan_zoo.networks.pix2pix import unet_levels


def bicycle_generator(image_shape, latent_dim=8, channels=None, width=64, levels=None):
    """A U-Net that sees a latent code at every level of the way down.

    Args:
        image_shape: (height, width, channels) of the images to translate; both sides
            multiples of 2^levels.
        latent_dim: length of the code.
        channels: channels of the output images. The default is that of the input.
        width: filters of the first convolution, doubled at each next one, up to eight
            times as many.
        levels: as `pix2pix.unet_generator`.

    Returns:
        Functional model of [images in [-1, 1] (n, h, w, c), codes (n, latent_dim)] →
        images (n, h, w, channels), for images of any size in multiples of 2^levels.

    Raises:
        ValueError, ImageSizeError: as `pix2pix.unet_generator`.

    Reference: Zhu et al. 2017, 1711.11586, section 4 and figure 3.
    """
    levels = unet_levels(image_shape, levels, "bicyclegan.bicycle_generator")
    x = image = keras.Input((None, None, image_shape[-1]))
    code = keras.Input((latent_dim,))
    skips = []
    for level in range(levels):
        if level:
            x = keras.layers.LeakyReLU(0.2)(x)
        x = LatentChannels()([x, code])
        x = conv(x, width * min(2**level, 8), 4, 2, padding="same")
        if 0 < level < levels - 1:
            x = instance_norm()(x)
        skips.append(x)
    for level in reversed(range(levels - 1)):
        x = transposed_conv(keras.layers.ReLU()(x), width * min(2**level, 8))
        x = keras.layers.Concatenate()([skips[level], instance_norm()(x)])
    x = transposed_conv(
        keras.layers.ReLU()(x),
        channels or image_shape[-1],
        activation="tanh",
        dtype="float32",
    )
    return keras.Model([image, code], x, name="generator")


def bicycle_encoder(image_shape, latent_dim=8, width=64, levels=None):
    """Strided convolutions to the mean and the log variance of a latent code.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: length of the code.
        width: filters of the first convolution; each next one has as many more, up to
            four times as many.
        levels: number of convolutions of stride 2. The default leaves 4 to 7 pixels of
            the shorter side.

    Returns:
        Functional model of images (n, h, w, c) → [means (n, latent_dim), log variances
        (n, latent_dim)].

    Reference: Zhu et al. 2017, 1711.11586, section 4.
    """
    if levels is None:
        levels = max(min(image_shape[:2]).bit_length() - 3, 1)
    x = image = keras.Input(image_shape)
    for level in range(levels):
        x = conv(x, width * min(level + 1, 4), 4, 2, padding="same")
        x = keras.layers.LeakyReLU(0.2)(instance_norm()(x) if level else x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    heads = [
        keras.layers.Dense(
            latent_dim, kernel_initializer=normal(0.02), dtype="float32", name=name
        )(x)
        for name in ("means", "log_variances")
    ]
    return keras.Model(image, heads, name="encoder")
