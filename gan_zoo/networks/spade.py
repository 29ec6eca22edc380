"""SPADE's networks: a generator normalised by a layout, discriminators with maps."""

import keras
from keras import ops

from gan_zoo.layers import BatchNormalization, SpectralConv2D
from gan_zoo.networks.blocks import (
    ImageSizeError,
    check_sides,
    conv,
    even_halvings,
    instance_norm,
)

_MOST_DOUBLINGS = 5


def spade_generator(layout_shape, channels=3, width=64, levels=None, hidden=128):
    """A generator whose features are scaled and shifted by a layout at every size.

    It begins with a convolution of the layout, reduced to the smallest size. Residual
    blocks follow, one for each size and two for the second one, between nearest
    doublings, then a convolution and tanh. A block has SPADE norm, leaky ReLU and a
    spectrally normalised 3 × 3 convolution, twice; where the number of features
    changes, its shortcut has SPADE norm and a 1 × 1 convolution.

    Args:
        layout_shape: (height, width, channels) of the layouts, sides multiples of
            2 ** levels, or None where they are not known.
        channels: channels of the images.
        width: features at the image's size; each smaller size has twice as many, up to
            16 times.
        levels: number of doublings. By default the paper's 5 of 256 × 256, or as many
            as leave 4 pixels.
        hidden: features between a layout and its scales and shifts.

    Returns:
        Functional model of layouts (n, h, w, c) → images in [-1, 1] (n, h, w,
        channels), for layouts of any size in multiples of 2 ** levels.

    Raises:
        ValueError: for other than images; ImageSizeError when a side cannot be halved
            so often, or not once.

    Reference: Park et al. 2019, 1903.07291, figure 4 and appendix A; the authors' code.
    """
    check_sides(layout_shape)
    sides = [side for side in layout_shape[:2] if side is not None]
    if levels is None:
        smallest = min(sides, default=256)
        fitting = [k for k in range(1, _MOST_DOUBLINGS + 1) if smallest >> k >= 4]
        levels = max(fitting, default=1)
        if sides:
            levels = even_halvings(layout_shape, levels)
    if levels < 1 or any(side % 2**levels for side in sides):
        raise ImageSizeError(
            f"The generator doubles an image {max(levels, 1)} times: expected sides "
            f"that are multiples of {2 ** max(levels, 1)}, got image_shape="
            f"{tuple(layout_shape)}. Crop or resize the images."
        )
    layout = keras.Input((None, None, layout_shape[-1]))
    # Every second pixel, and so on: nearest reduction.
    layouts = [layout[:, :: 2**k, :: 2**k] for k in range(levels + 1)]
    x = keras.layers.Conv2D(_width(width, levels), 3, padding="same")(layouts[-1])
    x = _block(x, layouts[-1], _width(width, levels), hidden)
    for level in reversed(range(levels)):
        x = keras.layers.UpSampling2D()(x)
        x = _block(x, layouts[level], _width(width, level), hidden)
        if level == levels - 1:
            x = _block(x, layouts[level], _width(width, level), hidden)
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    x = keras.layers.Conv2D(
        channels, 3, padding="same", activation="tanh", dtype="float32"
    )(x)
    return keras.Model(layout, x, name="generator")


def _width(width, level):
    return width * 2 ** min(level, 4)


def _block(x, layout, filters, hidden):
    shortcut, middle = x, min(filters, x.shape[-1])
    if x.shape[-1] != filters:
        shortcut = SpectralConv2D(filters, 1, use_bias=False)(
            spade_norm(x, layout, hidden)
        )
    for features in (middle, filters):
        x = keras.layers.LeakyReLU(negative_slope=0.2)(spade_norm(x, layout, hidden))
        x = SpectralConv2D(features, 3, padding="same")(x)
    return keras.layers.Add()([shortcut, x])


def spade_norm(x, layout, hidden=128):
    """Adds batch norm whose scales and shifts are those of a layout, pixel by pixel.

    γ(layout) · (x − μ) / σ + β(layout), where γ begins near 1 and β near 0.

    Args:
        x: features (n, h, w, c).
        layout: (n, h, w, k).
        hidden: features of the convolution that γ and β are made of.

    Returns:
        Features (n, h, w, c).

    Reference: Park et al. 2019, 1903.07291, equation 1.
    """
    channels = x.shape[-1]
    x = BatchNormalization(momentum=0.9, epsilon=1e-5, center=False, scale=False)(x)
    shared = conv(layout, hidden, 3, padding="same", activation="relu")
    # (n, h, w, 2c) -> twice (n, h, w, c)
    scale, shift = ops.split(conv(shared, 2 * channels, 3, padding="same"), 2, -1)
    return x * (1.0 + scale) + shift


def spade_discriminator(pair_shape, width=64, layers=4, halved=False):
    """A discriminator of patches, which gives the features of its layers as well.

    4 × 4 convolutions with leaky ReLU, all but the last one strided, and from the
    second one on with spectral and instance norm; then a convolution to the scores.
    With 4 layers, a score sees a patch of 70 × 70 pixels.

    Args:
        pair_shape: (height, width, channels) of a layout and its image, the channels of
            one after those of the other.
        width: filters of the first convolution; each layer has twice as many, up to
            512.
        layers: number of convolutions before the one to the scores, at least 2.
        halved: whether pairs are first reduced to half of their sides, by means of
            3 × 3 pixels, for the second of the paper's discriminators. The means begin
            at the first pixel (authors: one pixel before).

    Returns:
        Functional model of pairs (n, h, w, c) → [scores (n, h', w', 1), float32,
        features of each layer, finest first].

    Raises:
        ValueError: for other than images.

    Reference: Park et al. 2019, 1903.07291, appendix A; the authors' code.
    """
    check_sides(pair_shape)
    x = pair = keras.Input(pair_shape)
    if halved:
        x = keras.layers.AveragePooling2D(3, 2, "same")(x)
    maps = []
    for layer in range(layers):
        x = keras.layers.ZeroPadding2D(2)(x)
        filters = min(width * 2**layer, 512)
        if layer:
            strides = 1 if layer == layers - 1 else 2
            x = SpectralConv2D(
                filters, 4, strides=strides, padding="valid", use_bias=False
            )(x)
            x = instance_norm()(x)
        else:
            x = keras.layers.Conv2D(filters, 4, 2)(x)
        x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
        maps.append(x)
    x = keras.layers.ZeroPadding2D(2)(x)
    scores = keras.layers.Conv2D(1, 4, dtype="float32", name="scores")(x)
    return keras.Model(pair, [scores, *maps], name="discriminator")
