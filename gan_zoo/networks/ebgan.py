"""EBGAN's discriminator: a convolutional autoencoder that also gives its codes."""

import keras

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import check_sides, crop, normal


def ebgan_autoencoder(image_shape, width=64, levels=3):
    """Maps images to reconstructions and codes.

    The encoder is 4×4 convolutions of stride 2 with `width`, 2 `width` ... filters. The
    decoder is as many transposed convolutions back. The layers between the first and
    the last have batch norm. All have leaky ReLU, the last one has tanh.

    Args:
        image_shape: (height, width, channels); odd sizes are cropped after upsampling.
        width: filters of the first convolution (paper: 64).
        levels: number of convolutions in the encoder (paper: 3).

    Returns:
        Functional model (n, *image_shape) → [reconstructions (n, *image_shape) in
        [-1, 1], codes (n, h, w, c)], the codes being the encoder's output.

    Reference: Zhao et al. 2016, 1609.03126, appendix D.
    """
    check_sides(image_shape)
    image = x = keras.Input(image_shape)
    sizes = []
    for level in range(levels):
        sizes.append(x.shape[1:3])
        x = _strided(keras.layers.Conv2D, width * 2**level)(x)
        x = _activated(x, batch_norm=level > 0)
    codes = keras.layers.Identity(dtype="float32", name="codes")(x)
    for level in reversed(range(1, levels)):
        x = _strided(keras.layers.Conv2DTranspose, width * 2 ** (level - 1))(x)
        x = _activated(crop(x, sizes[level]))
    x = _strided(keras.layers.Conv2DTranspose, image_shape[-1])(x)
    again = keras.layers.Activation("tanh", dtype="float32")(crop(x, sizes[0]))
    return keras.Model(image, [again, codes], name="discriminator")


def _strided(layer, filters):
    return layer(filters, 4, strides=2, padding="same", kernel_initializer=normal(0.02))


def _activated(x, batch_norm=True):
    if batch_norm:
        x = BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    return keras.layers.LeakyReLU(0.2)(x)
