"""CycleGAN's residual generator, and the PatchGAN discriminator of pix2pix.

Both have the layers of the authors' networks, so their published weights can be loaded
layer by layer.
"""

import keras
from keras import ops

from gan_zoo.layers import ReflectionPad
from gan_zoo.networks.blocks import ImageSizeError, check_sides, normal


def instance_norm():
    """The authors' instance norm: no scale, no offset, no running statistics."""
    return keras.layers.GroupNormalization(
        groups=-1, epsilon=1e-5, center=False, scale=False
    )


def _conv(x, filters, kernel_size, strides=1, **kwargs):
    return keras.layers.Conv2D(
        filters, kernel_size, strides, kernel_initializer=normal(0.02), **kwargs
    )(x)


def _relu(x):
    return keras.layers.ReLU()(x)


def resnet_generator(image_shape, channels=None, width=64, blocks=9, norm=None):
    """The generator of the paper: halves twice, residual blocks, doubles twice.

    c7s1-64, d128, d256, `blocks` × R256, u128, u64, c7s1-3 in the paper's notation.

    Args:
        image_shape: (height, width, channels) of the images to translate; both sides
            multiples of 4.
        channels: channels of the output images. The default is that of the input.
        width: filters of the first convolution; the residual blocks have four times as
            many.
        blocks: number of residual blocks. The paper uses 6 at 128 × 128 and 9 from
            256 × 256.
        norm: callable without arguments that returns a normalisation layer;
            `instance_norm` by default.

    Returns:
        Functional model of images in [-1, 1] (n, h, w, c) → (n, h, w, channels).

    Raises:
        ValueError: for other than images; ImageSizeError when a side is no multiple
            of 4.

    Reference: Zhu et al. 2017, 1703.10593, appendix 7.2, after Johnson et al. 2016.
    """
    norm = norm or instance_norm
    check_sides(image_shape)
    if any(side % 4 for side in image_shape[:2]):
        raise ImageSizeError(
            "The generator halves an image twice: expected sides that are multiples of "
            f"4, got image_shape={tuple(image_shape)}. Crop or resize the images."
        )
    x = image = keras.Input(image_shape)
    x = _relu(norm()(_conv(ReflectionPad(3)(x), width, 7)))
    for filters in (2 * width, 4 * width):
        # A convolution of stride 2 does not use the last row and column of a symmetric
        # padding.
        x = keras.layers.ZeroPadding2D(((1, 0), (1, 0)))(x)
        x = _relu(norm()(_conv(x, filters, 3, 2)))
    for _ in range(blocks):
        x = _residual_block(x, 4 * width, norm)
    for filters in (2 * width, width):
        x = keras.layers.Conv2DTranspose(
            filters, 3, 2, kernel_initializer=normal(0.02)
        )(x)
        # (n, 2h + 1, 2w + 1, c) -> (n, 2h, 2w, c) by splits, whose gradients are
        # cheaper than those of Cropping2D.
        for axis in (1, 2):
            _, x = ops.split(x, [1], axis=axis)
        x = _relu(norm()(x))
    x = ReflectionPad(3)(x)
    output = _conv(
        x, channels or image_shape[-1], 7, activation="tanh", dtype="float32"
    )
    return keras.Model(image, output, name="generator")


def _residual_block(x, filters, norm):
    y = _relu(norm()(_conv(ReflectionPad(1)(x), filters, 3)))
    y = norm()(_conv(ReflectionPad(1)(y), filters, 3))
    return keras.layers.Add()([x, y])


def patch_discriminator(image_shape, width=64, n_layers=3, norm=None):
    """A PatchGAN: returns a score for every patch of an image.

    C64-C128-C256-C512 in the paper's notation for `n_layers=3`, whose patches are
    70 × 70; see `patch_receptive_field`.

    Args:
        image_shape: (height, width, channels) of the images.
        width: filters of the first convolution.
        n_layers: number of convolutions that halve the image.
        norm: callable without arguments that returns a normalisation layer;
            `instance_norm` by default.

    Returns:
        Functional model of images (n, h, w, c) → scores (n, h', w', 1), float32, where
        h' = h / 2^n_layers − 2.

    Raises:
        ImageSizeError: if the image is too small for `n_layers`.

    Reference: Isola et al. 2016, 1611.07004, appendix 6.1.2; Zhu et al. 2017,
    1703.10593, appendix 7.2.
    """
    norm = norm or instance_norm
    smallest = 3 * 2**n_layers
    if any(side < smallest for side in image_shape[:2]):
        raise ImageSizeError(
            f"A discriminator of n_layers={n_layers} needs images of at least "
            f"{smallest} x {smallest}, got image_shape={tuple(image_shape)}. Use fewer "
            "n_layers or larger images."
        )
    image = keras.Input(image_shape)
    x = keras.layers.LeakyReLU(0.2)(_padded_conv(image, width, 2))
    for n in range(1, n_layers + 1):
        strides = 2 if n < n_layers else 1
        x = _padded_conv(x, width * min(2**n, 8), strides)
        x = keras.layers.LeakyReLU(0.2)(norm()(x))
    scores = _padded_conv(x, 1, 1, dtype="float32")
    return keras.Model(image, scores, name="discriminator")


def _padded_conv(x, filters, strides, **kwargs):
    return _conv(keras.layers.ZeroPadding2D(1)(x), filters, 4, strides, **kwargs)


def patch_receptive_field(n_layers):
    """The side of the receptive field of `patch_discriminator`, in pixels.

    Mean and variance of instance norm depend on the whole image in addition.

    Args:
        n_layers: number of convolutions that halve the image.

    Returns:
        16, 34, 70 for 1, 2, 3.
    """
    # The field of two 4x4 convolutions of stride 1 is 7 pixels. A convolution of stride
    # 2 before them changes r to 2 (r - 1) + 4.
    return 9 * 2**n_layers - 2
