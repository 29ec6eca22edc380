"""What the networks of several papers share.

These are the sizes of an image that is halved down to about 4×4, initial weights,
instance norm, and the layers between features and images or logits.
"""

import math

import keras

from gan_zoo.layers import FirstCrop, InstanceNormalization


class ImageSizeError(ValueError):
    """A network does not take images of this height and width."""


def check_sides(image_shape):
    """Raises ValueError for shapes without height and width, such as vectors.

    Args:
        image_shape: an image's shape, channels included.
    """
    if len(image_shape) != 3:
        raise ValueError(
            "Expected image_shape (height, width, channels), since the network has "
            f"convolutions; got {tuple(image_shape)}. {_advice(tuple(image_shape))}"
        )


def _advice(shape):
    if len(shape) == 2:
        return f"Grey images have one channel: {(*shape, 1)}."
    return (
        "For vectors pass networks of your own, such as "
        "gan_zoo.networks.gan.mlp(inputs, outputs)."
    )


def even_halvings(image_shape, most):
    """How often both sides of an image can be halved evenly.

    Args:
        image_shape: (height, width, channels), sides None where they are not known.
        most: largest number to try.

    Returns:
        A number from 0, for odd or unknown sides, to `most`.
    """
    for times in range(most, 0, -1):
        if all(side and side % 2**times == 0 for side in image_shape[:2]):
            return times
    return 0


def image_sizes(image_shape, smallest=4):
    """Sizes from coarse to fine, each half the next one, rounded up.

    Args:
        image_shape: (height, width, channels).
        smallest: smallest side of a level.

    Returns:
        List of (height, width), for example [(4, 4), (7, 7), (14, 14), (28, 28)].

    Raises:
        ValueError: for another number of axes.
        ImageSizeError: when the image is too small to be halved once.
    """
    check_sides(image_shape)
    size = tuple(image_shape[:2])
    sizes = [size]
    while min(sizes[0]) >= 2 * smallest - 1:
        sizes.insert(0, tuple((side + 1) // 2 for side in sizes[0]))
    if len(sizes) == 1:
        raise ImageSizeError(
            f"Expected images of at least {2 * smallest - 1} pixels a side, got "
            f"{size}. Pass networks of your own for smaller ones."
        )
    return sizes


def even_sizes(image_shape, smallest=4):
    """Sizes from coarse to fine, each exactly half the next one.

    Args:
        image_shape: (height, width, channels).
        smallest: smallest side of a level.

    Returns:
        List of (height, width), for example [(4, 4), (8, 8), (16, 16), (32, 32)], or
        [(7, 7), (14, 14), (28, 28)].

    Raises:
        ValueError: for another number of axes.
        ImageSizeError: when the shorter side cannot be halved down to less than
            2 · `smallest`, or the image is too small to be halved once.
    """
    check_sides(image_shape)
    size = tuple(image_shape[:2])
    sizes = [size]
    while min(sizes[0]) >= 2 * smallest and all(side % 2 == 0 for side in sizes[0]):
        sizes.insert(0, tuple(side // 2 for side in sizes[0]))
    if len(sizes) == 1 or min(sizes[0]) >= 2 * smallest:
        raise ImageSizeError(
            f"Expected image sides of at least {2 * smallest} that halve evenly down "
            f"to {smallest} to {2 * smallest - 1}, such as 28, 32, 48 or 64, got "
            f"{size}. Pad or resize the images, for example 30×30 to 32×32."
        )
    return sizes


def channels_at(size, width, capacity):
    """Channels at a size in ProGAN's way: twice as many at half of it, up to a width.

    Args:
        size: (height, width) of the features.
        width: most channels.
        capacity: product of the longer side and the channels.

    Returns:
        A number from 1 to `width`.
    """
    return max(1, min(width, capacity // max(size)))


def uniform(half_width):
    """A new initializer, uniform in ±half_width."""
    # One object per layer, since a Keras initializer always returns the same numbers.
    return keras.initializers.RandomUniform(-half_width, half_width)


def normal(stddev):
    """A new initializer, normal with mean 0."""
    # One object per layer, as in `uniform`.
    return keras.initializers.RandomNormal(stddev=stddev)


def conv(x, filters, kernel_size, strides=1, **kwargs):
    """Adds a convolution whose first kernel is normal with deviation 0.02."""
    return keras.layers.Conv2D(
        filters, kernel_size, strides, kernel_initializer=normal(0.02), **kwargs
    )(x)


def transposed_conv(x, filters, kernel_size=4, **kwargs):
    """Adds a transposed convolution that doubles the sides; first weights as `conv`."""
    return keras.layers.Conv2DTranspose(
        filters, kernel_size, 2, "same", kernel_initializer=normal(0.02), **kwargs
    )(x)


def halving_conv(x, filters):
    """Adds a 3×3 convolution of stride 2 with a symmetric padding of 1, as PyTorch's.

    The sides of x are even.
    """
    # Of that padding, a convolution of stride 2 does not use the last row and column.
    x = keras.layers.ZeroPadding2D(((1, 0), (1, 0)))(x)
    return conv(x, filters, 3, 2)


def doubling_conv(x, filters):
    """Adds the fractionally strided convolution that goes with `halving_conv`."""
    x = keras.layers.Conv2DTranspose(filters, 3, 2, kernel_initializer=normal(0.02))(x)
    return FirstCrop()(x)  # (n, 2h + 1, 2w + 1, c) -> (n, 2h, 2w, c)


def instance_norm(scale=False):
    """Instance norm without running statistics, as the authors of CycleGAN use it.

    Args:
        scale: whether to learn a scale, from N(1, 0.02), and an offset. This is batch
            norm in batches of one, with which the authors of pix2pix train and test.
    """
    return InstanceNormalization(
        center=scale,
        scale=scale,
        gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02),
    )


def to_image(x, image_shape, initializer="glorot_uniform"):
    """Adds a dense tanh layer: features (n, d) → images (n, *image_shape), float32."""
    # (n, d) -> (n, h * w * c) -> (n, h, w, c)
    pixels = math.prod(image_shape)
    x = keras.layers.Dense(
        pixels, "tanh", kernel_initializer=initializer, dtype="float32"
    )(x)
    return keras.layers.Reshape(image_shape, dtype="float32")(x)


def to_unit_image(x, image_shape, initializer):
    """As `to_image`, of a dense layer with the sigmoid of pixels in [0, 1]: 2σ(a) − 1.

    For networks of papers whose learning rates were found in that range: tanh has twice
    the gradient, and its images have twice the scale.
    """
    pixels = math.prod(image_shape)
    x = keras.layers.Dense(
        pixels, "sigmoid", kernel_initializer=initializer, dtype="float32"
    )(x)
    x = keras.layers.Rescaling(2.0, -1.0, dtype="float32")(x)
    return keras.layers.Reshape(image_shape, dtype="float32")(x)


def from_unit_image(image):
    """Pixels of images in [-1, 1] as a vector in [0, 1]; see `to_unit_image`."""
    # (n, h, w, c) -> (n, h * w * c)
    return keras.layers.Rescaling(0.5, 0.5)(keras.layers.Flatten()(image))


def to_logit(x, initializer="glorot_uniform"):
    """Adds a dense layer: features (n, d) → logits (n, 1), float32."""
    return keras.layers.Dense(
        1, kernel_initializer=initializer, dtype="float32", name="logit"
    )(x)


def crop(x, size):
    """Crops rows at the bottom and columns at the right, to `size`."""
    extra = [given - target for given, target in zip(x.shape[1:3], size, strict=True)]
    if not any(extra):
        return x
    return keras.layers.Cropping2D(((0, extra[0]), (0, extra[1])))(x)
