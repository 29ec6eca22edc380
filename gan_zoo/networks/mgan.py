"""MGAN's networks: a decoder of feature maps, and a discriminator of their patches."""

import keras

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import conv, transposed_conv


def mgan_decoder(channels, image_channels=3, levels=3, width=64):
    """A decoder of feature maps into images that are 2 ** levels times as large.

    A 3 × 3 convolution, then transposed 4 × 4 ones that double the size; batch norm and
    ReLU between them, tanh at the end.

    Args:
        channels: channels of the feature maps.
        image_channels: channels of the images.
        levels: how often the size is doubled; 3 for VGG19's `vgg41`.
        width: filters before the last layer but one; each level before has twice as
            many, so that the first convolution has width · 2 ** levels.

    Returns:
        Functional model of feature maps (n, h, w, channels), of any size → images in
        [-1, 1] (n, h · 2 ** levels, w · 2 ** levels, image_channels).

    Reference: Li & Wand 2016, 1604.04382, figure 2, and the authors' code.
    """
    x = maps = keras.Input((None, None, channels))
    x = conv(x, width * 2**levels, 3, padding="same", use_bias=False)
    x = keras.layers.ReLU()(_norm(x))
    for level in reversed(range(1, levels)):
        x = transposed_conv(x, width * 2**level, use_bias=False)
        x = keras.layers.ReLU()(_norm(x))
    x = transposed_conv(
        x, image_channels, use_bias=False, activation="tanh", dtype="float32"
    )
    return keras.Model(maps, x, name="generator")


def mgan_discriminator(map_shape, width=256, levels=2, border=1):
    """Scores of the patches of a feature map: strided convolutions, then a 1 × 1 one.

    Args:
        map_shape: (height, width, channels) of the feature maps.
        width: filters of the first convolution; each level has twice as many.
        levels: number of 4 × 4 convolutions, of stride 2.
        border: width of the margin whose scores are left out, since padding is seen
            there. Less where nothing would remain.

    Returns:
        Functional model of feature maps (n, h, w, c) → scores (n, h', w', 1).

    Reference: Li & Wand 2016, 1604.04382, figure 2, and the authors' code.
    """
    maps = keras.Input(map_shape)
    x = keras.layers.LeakyReLU(0.2)(maps)
    for level in range(levels):
        x = conv(x, width * 2**level, 4, 2, padding="same", use_bias=False)
        x = keras.layers.LeakyReLU(0.2)(_norm(x))
    scores = conv(x, 1, 1, use_bias=False, dtype="float32", name="scores")
    border = min(border, (min(scores.shape[1:3]) - 1) // 2)
    if border:
        scores = keras.layers.Cropping2D(border, dtype="float32")(scores)
    return keras.Model(maps, scores, name="discriminator")


def _norm(x):
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
