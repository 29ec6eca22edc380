"""AttributeGAN's discriminator, and the networks of its residual form.

The generator of `AttributeGAN` is CycleGAN's, `cyclegan.resnet_generator`.
"""

import keras

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import (
    ImageSizeError,
    check_sides,
    conv,
    normal,
    transposed_conv,
)


def attribute_discriminator(image_shape, width=64, levels=5, maps=2):
    """Strided convolutions to a logit, whose last feature maps are given too.

    Each level halves the image: a 4 × 4 convolution, batch norm from the second level
    on, leaky ReLU. They are those of DCGAN.

    Args:
        image_shape: (height, width, channels), both sides multiples of 2 ** levels.
        width: filters of the first convolution; each level has twice as many.
        levels: number of convolutions.
        maps: how many of the last levels are outputs.

    Returns:
        Functional model of images (n, h, w, c) → [logits (n, 1), maps (n, h', w', d),
        ...], the maps from fine to coarse.

    Raises:
        ValueError: for other than images; ImageSizeError when a side cannot be halved
            so often.
    """
    image, found = _halvings(image_shape, width, levels, first_norm=False)
    logit = _dense(found[-1], 1, "logit")
    return keras.Model(image, [logit, *found[-maps:]], name="discriminator")


def residual_generator(image_shape, width=64):
    """A network that makes the difference of an image and its translation.

    Three convolutions, of which two halve, and two transposed ones; each with batch
    norm and leaky ReLU. The last convolution is linear.

    Args:
        image_shape: (height, width, channels), both sides multiples of 4.
        width: filters of the first convolution.

    Returns:
        Functional model of images (n, h, w, c) → differences (n, h, w, c), for images
        of any size in multiples of 4.

    Raises:
        ValueError: for other than images; ImageSizeError when a side is no multiple
            of 4.

    Reference: Shen & Liu 2016, 1612.05363, section 3.
    """
    _check(image_shape, 2)
    x = image = keras.Input((None, None, image_shape[-1]))
    for level, (size, strides) in enumerate(((5, 1), (4, 2), (4, 2))):
        x = conv(x, width * 2**level, size, strides, padding="same", use_bias=False)
        x = keras.layers.LeakyReLU(0.2)(_norm(x))
    for filters in (2 * width, width):
        x = transposed_conv(x, filters, 3, use_bias=False)
        x = keras.layers.LeakyReLU(0.2)(_norm(x))
    x = conv(x, image_shape[-1], 4, padding="same", dtype="float32")
    return keras.Model(image, x, name="generator")


def residual_discriminator(image_shape, width=64, levels=5, place=3):
    """Strided convolutions to logits of three classes, with one of the feature maps.

    Args:
        image_shape: (height, width, channels), both sides multiples of 2 ** levels.
        width: filters of the first convolution; each level has twice as many.
        levels: number of convolutions, 4 × 4 with batch norm and leaky ReLU.
        place: which level's map is given, counted from 1.

    Returns:
        Functional model of images (n, h, w, c) → [logits (n, 3) of images without the
        attribute, with it, and of generated ones, maps (n, h', w', d)].

    Raises:
        ValueError: for other than images; ImageSizeError when a side cannot be halved
            so often.

    Reference: Shen & Liu 2016, 1612.05363, section 3.
    """
    image, found = _halvings(image_shape, width, levels, first_norm=True)
    logits = _dense(found[-1], 3, "class_logits")
    return keras.Model(image, [logits, found[place - 1]], name="discriminator")


def _halvings(image_shape, width, levels, first_norm):
    """An image, and the maps of so many strided convolutions."""
    _check(image_shape, levels)
    x = image = keras.Input(image_shape)
    found = []
    for level in range(levels):
        normed = first_norm or level > 0
        x = conv(x, width * 2**level, 4, 2, padding="same", use_bias=not normed)
        x = keras.layers.LeakyReLU(0.2)(_norm(x) if normed else x)
        found.append(x)
    return image, found


def _dense(x, units, name):
    return keras.layers.Dense(
        units, kernel_initializer=normal(0.02), dtype="float32", name=name
    )(keras.layers.Flatten()(x))


def _norm(x):
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def _check(image_shape, levels):
    check_sides(image_shape)
    if any(side % 2**levels for side in image_shape[:2]):
        raise ImageSizeError(
            f"The network halves an image {levels} times: expected sides that are "
            f"multiples of {2**levels}, got image_shape={tuple(image_shape)}. Crop or "
            "resize the images, or build the network with fewer levels."
        )
