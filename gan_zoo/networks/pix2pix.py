"""pix2pix's U-Net, and its discriminators of patches and of single pixels.

They have the layers of the authors' networks, so their published weights can be loaded
layer by layer.
"""

import keras

from gan_zoo.layers import Dropout
from gan_zoo.networks.blocks import (
    ImageSizeError,
    check_sides,
    conv,
    even_halvings,
    instance_norm,
    transposed_conv,
)


def unet_generator(
    image_shape, channels=None, width=64, levels=None, norm=None, dropout=0.5
):
    """The U-Net of the paper: halves an image down to a pixel, and doubles it again.

    Every level of the way up also sees the features of the same size on the way down.
    C64-C128-C256-C512-C512-C512-C512-C512, then CD512-CD512-CD512-C512-C256-C128-C64 in
    the paper's notation, for 256 × 256 and `levels=8`.

    Args:
        image_shape: (height, width, channels) of the images to translate; both sides
            multiples of 2^levels. They may be None if `levels` is given.
        channels: channels of the output images. The default is that of the input.
        width: filters of the first convolution, doubled at each next one, up to eight
            times as many.
        levels: number of convolutions that halve the image; by default as many as both
            sides allow, which must be down to 4 pixels or less, 8 at most.
        norm: callable without arguments that returns a normalisation layer;
            `instance_norm` with scale and offset by default, which is the authors'
            batch norm of one image. The first level and the innermost features have
            none.
        dropout: fraction that the three innermost levels of the way up drop: the noise
            of the paper. It is on in translations too, see `layers.Dropout`.

    Returns:
        Functional model of images in [-1, 1] (n, h, w, c) → (n, h, w, channels), for
        images of any size in multiples of 2^levels.

    Raises:
        ValueError: for other than images; ImageSizeError for sides that cannot be
            halved so often.

    Reference: Isola et al. 2016, 1611.07004, appendix 6.1.1.
    """
    check_sides(image_shape)
    norm = norm or (lambda: instance_norm(scale=True))
    levels = unet_levels(image_shape, levels)
    x = image = keras.Input((None, None, image_shape[-1]))
    skips = []
    for level in range(levels):
        if level:
            x = keras.layers.LeakyReLU(0.2)(x)
        x = conv(x, width * min(2**level, 8), 4, 2, padding="same")
        if 0 < level < levels - 1:
            x = norm()(x)
        skips.append(x)
    for level in reversed(range(levels - 1)):
        x = transposed_conv(keras.layers.ReLU()(x), width * min(2**level, 8))
        x = norm()(x)
        if level >= levels - 4 and dropout:
            x = Dropout(dropout, always=True)(x)
        x = keras.layers.Concatenate()([skips[level], x])
    image_made = transposed_conv(
        keras.layers.ReLU()(x),
        channels or image_shape[-1],
        activation="tanh",
        dtype="float32",
    )
    return keras.Model(image, image_made, name="generator")


def unet_levels(image_shape, levels=None, builder="pix2pix.unet_generator"):
    """How often a U-Net halves an image: as asked for, or as often as the image allows.

    Args:
        image_shape: (height, width, channels), as the user gave it.
        levels: number asked for, or None.
        builder: module and name of the function that builds the network, for messages.

    Returns:
        The number of levels.

    Raises:
        ImageSizeError: for sides that cannot be halved so often.
    """
    sides = image_shape[:2]
    if levels is None:
        levels = even_halvings(image_shape, 8)
        if levels < 8 and not all(side and side >> levels <= 4 for side in sides):
            advice = ""
            if levels >= 2 or None in sides:  # a U-Net of fewer levels takes them
                advice = (
                    f", or build the network by gan_zoo.networks.{builder}(..., levels="
                    f"{levels or '...'}) and pass it to the model, for example as "
                    "generator="
                )
            raise ImageSizeError(
                "Expected sides that can be halved evenly down to 4 pixels or less, "
                f"such as 64, 96 or 256, got image_shape={tuple(image_shape)}. Crop, "
                f"pad or resize the images{advice}."
            )
    if levels < 2 or any(side is not None and side % 2**levels for side in sides):
        raise ImageSizeError(
            "Expected sides that are multiples of 2^levels, levels at least 2, got "
            f"image_shape={tuple(image_shape)} and levels={levels}. Crop, pad or "
            "resize the images, for example to 64 × 64 or 256 × 256."
        )
    return levels


def patch_discriminator(image_shape, width=64, n_layers=None, norm=None):
    """A PatchGAN: returns a score for every patch of an image.

    C64-C128-C256-C512 in the papers' notation for `n_layers=3`, whose patches are
    70 × 70; see `patch_receptive_field`.

    Args:
        image_shape: (height, width, channels) of the images. Those of pix2pix have the
            channels of an input and its output, one after the other.
        width: filters of the first convolution.
        n_layers: number of convolutions that halve the image. The default is the
            papers' 3, or the largest whose patches fit the image.
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
    if n_layers is None:
        n_layers = _largest_patches(image_shape)
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


def _largest_patches(image_shape):
    n_layers = 3
    while n_layers > 1 and patch_receptive_field(n_layers) > min(image_shape[:2]):
        n_layers -= 1
    return n_layers


def _padded_conv(x, filters, strides, **kwargs):
    return conv(keras.layers.ZeroPadding2D(1)(x), filters, 4, strides, **kwargs)


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


def pixel_discriminator(image_shape, width=64, norm=None):
    """The 1 × 1 discriminator of the paper: returns a score for every pixel.

    C64-C128 in the paper's notation, of 1 × 1 convolutions.

    Args:
        image_shape: as for `patch_discriminator`.
        width: filters of the first convolution.
        norm: as for `patch_discriminator`.

    Returns:
        Functional model of images (n, h, w, c) → scores (n, h, w, 1), float32.

    Reference: Isola et al. 2016, 1611.07004, appendix 6.1.2.
    """
    check_sides(image_shape)
    norm = norm or instance_norm
    image = keras.Input(image_shape)
    x = keras.layers.LeakyReLU(0.2)(conv(image, width, 1))
    x = keras.layers.LeakyReLU(0.2)(norm()(conv(x, 2 * width, 1)))
    scores = conv(x, 1, 1, dtype="float32")
    return keras.Model(image, scores, name="discriminator")
