"""StarGAN's networks: one translator for all domains, a discriminator with classes.

They have the layers of the authors' networks, so their published weights can be loaded
layer by layer.
"""

import keras
from keras import ops

from gan_zoo.networks.blocks import ImageSizeError, check_sides, instance_norm


def stargan_generator(image_shape, domains, exclusive=False, width=64, blocks=6):
    """The paper's generator: the target enters as further channels of the image.

    Two strided convolutions, residual blocks, two fractionally strided convolutions
    (table 4 of the paper).

    Args:
        image_shape: (height, width, channels), both sides multiples of 4.
        domains: number of attributes, or of domains.
        exclusive: whether an image belongs to one domain; the target is then its index,
            int32 (n,). Otherwise it is 0 or 1 for each attribute, (n, domains).
        width: filters of the first convolution.
        blocks: number of residual blocks.

    Returns:
        Functional model of [images in [-1, 1] (n, h, w, c), targets] → images (n, h, w,
        c), for images of any size in multiples of 4.

    Raises:
        ValueError: for other than images; ImageSizeError when a side is no multiple
            of 4.

    Reference: Choi et al. 2018, 1711.09020, appendix 8.
    """
    check_sides(image_shape)
    if any(side % 4 for side in image_shape[:2]):
        raise ImageSizeError(
            "The generator halves an image twice: expected sides that are multiples of "
            f"4, got image_shape={tuple(image_shape)}. Crop or resize the images."
        )
    image = keras.Input((None, None, image_shape[-1]))
    if exclusive:
        target = keras.Input((), dtype="int32")
        row = ops.one_hot(target, domains)
    else:
        row = target = keras.Input((domains,))
    x = _with_channels(image, row)
    x = _relu_norm(_conv(x, width, 7))
    x = _relu_norm(_conv(x, 2 * width, 4, 2))
    x = _relu_norm(_conv(x, 4 * width, 4, 2))
    for _ in range(blocks):
        y = _relu_norm(_conv(x, 4 * width, 3))
        y = instance_norm(scale=True)(_conv(y, 4 * width, 3))
        x = keras.layers.Add()([x, y])
    for filters in (2 * width, width):
        x = keras.layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False)(x)
        x = _relu_norm(x)
    x = _conv(x, image_shape[-1], 7, activation="tanh", dtype="float32")
    return keras.Model([image, target], x, name="generator")


def stargan_discriminator(image_shape, domains, width=64, levels=None):
    """The paper's discriminator: scores of patches, and class logits of the image.

    Strided convolutions with leaky ReLU, then two heads (table 5 of the paper).

    Args:
        image_shape: (height, width, channels), both sides multiples of 2 ** levels.
        domains: number of attributes, or of domains.
        width: filters of the first convolution; each level has twice as many.
        levels: number of strided convolutions. By default 6, as in the paper, or as
            many as leave 2 × 2 whole patches.

    Returns:
        Functional model of images (n, h, w, c) → [scores (n, h', w', 1), logits
        (n, domains)], where h' is h / 2 ** levels.

    Raises:
        ValueError: for other than images; ImageSizeError when a side cannot be halved
            so often.

    Reference: Choi et al. 2018, 1711.09020, appendix 8.
    """
    check_sides(image_shape)
    if levels is None:
        halves = [k for k in range(1, 7) if _halve(image_shape, k)]
        levels = max(halves, default=1)
    if any(side % 2**levels for side in image_shape[:2]):
        raise ImageSizeError(
            f"The discriminator halves an image {levels} times: expected sides that "
            f"are multiples of {2**levels}, got image_shape={tuple(image_shape)}. Crop "
            "or resize the images."
        )
    x = image = keras.Input(image_shape)
    for level in range(levels):
        x = keras.layers.Conv2D(width * 2**level, 4, 2, "same")(x)
        x = keras.layers.LeakyReLU(negative_slope=0.01)(x)
    scores = _conv(x, 1, 3, dtype="float32", name="scores")
    logits = keras.layers.Conv2D(
        domains, x.shape[1:3], use_bias=False, dtype="float32", name="class_logits"
    )(x)
    logits = keras.layers.Flatten(dtype="float32")(logits)
    return keras.Model(image, [scores, logits], name="discriminator")


def _halve(image_shape, times):
    """Whether both sides can be halved so often, and are then 2 at least."""
    return all(side % 2**times == 0 < side >> (times + 1) for side in image_shape[:2])


def _with_channels(image, row):
    """The image, and each number of the row as a channel of that value."""
    # (n, d) -> (n, 1, 1, d) -> (n, h, w, d)
    row = ops.cast(row, image.dtype)[:, None, None, :]
    return keras.layers.Concatenate()([image, row + 0.0 * image[..., :1]])


def _conv(x, filters, kernel_size, strides=1, **kwargs):
    return keras.layers.Conv2D(
        filters, kernel_size, strides, "same", use_bias=False, **kwargs
    )(x)


def _relu_norm(x):
    return keras.layers.ReLU()(instance_norm(scale=True)(x))
