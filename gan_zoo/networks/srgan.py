"""SRGAN's networks: SRResNet, which enlarges images, and a deep discriminator."""

import keras

from gan_zoo.layers import BatchNormalization, PixelShuffle
from gan_zoo.networks.blocks import ImageSizeError, check_sides, normal, to_logit


def srresnet(channels=3, scale=4, width=64, blocks=16, norm=None, upsampling_norm=None):
    """The paper's generator: residual blocks, then pixel shuffles; images of any size.

    k9n64s1, `blocks` × (k3n64s1, batch norm, PReLU, k3n64s1, batch norm), a skip around
    them, and for each factor of 2 k3n256s1, a pixel shuffle and a PReLU.

    Args:
        channels: channels of the images, 1 or 3.
        scale: 1, 2, 4 or 8; 1 is for restoration at the same size.
        width: filters of all convolutions but the last.
        blocks: number of residual blocks.
        norm: callable without arguments that returns the norm of the residual part;
            batch norm by default.
        upsampling_norm: the same for behind the convolutions of the enlargement, where
            the paper has none.

    Returns:
        Functional model of images in [-1, 1] (n, h, w, channels) → (n, h · scale, w ·
        scale, channels).

    Raises:
        ValueError: for another scale.

    Differs from the paper: the last layer is a tanh, which keeps images in their range.

    Reference: Ledig et al. 2017, 1609.04802, section 2.1 and figure 4.
    """
    if scale not in (1, 2, 4, 8):
        raise ValueError(f"Expected scale 1, 2, 4 or 8, got {scale!r}.")
    norm = norm or BatchNormalization
    image = keras.Input((None, None, channels))
    x = first = _prelu(_conv(image, width, 9))
    for _ in range(blocks):
        y = _prelu(norm()(_conv(x, width, 3)))
        x = keras.layers.Add()([x, norm()(_conv(y, width, 3))])
    x = keras.layers.Add()([first, norm()(_conv(x, width, 3))])
    for _ in range(scale.bit_length() - 1):
        x = _conv(x, 4 * width, 3)
        x = upsampling_norm()(x) if upsampling_norm else x
        x = _prelu(PixelShuffle(2)(x))
    x = _conv(x, channels, 9, activation="tanh", dtype="float32")
    return keras.Model(image, x, name="generator")


def srgan_discriminator(image_shape, width=64, units=1024):
    """The paper's discriminator: eight convolutions, two dense layers.

    Args:
        image_shape: (height, width, channels), sides of at least 16.
        width: filters of the first two convolutions; the last two have eight times as
            many.
        units: units of the first dense layer.

    Returns:
        Functional model of images (n, h, w, c) → logits (n, 1).

    Raises:
        ValueError: for other than images; ImageSizeError for smaller ones.

    Reference: Ledig et al. 2017, 1609.04802, figure 4.
    """
    check_sides(image_shape)
    if min(image_shape[:2]) < 16:
        raise ImageSizeError(
            "The discriminator halves an image four times: expected sides of at least "
            f"16, got image_shape={tuple(image_shape)}. Train on larger images."
        )
    x = image = keras.Input(image_shape)
    for level, filters in enumerate((width, 2 * width, 4 * width, 8 * width)):
        x = _conv(x, filters, 3)
        x = _leaky(BatchNormalization()(x) if level else x)
        x = _leaky(BatchNormalization()(_conv(x, filters, 3, strides=2)))
    x = keras.layers.Dense(units, kernel_initializer=normal(0.02))(
        keras.layers.Flatten()(x)
    )
    return keras.Model(image, to_logit(_leaky(x)), name="discriminator")


def _conv(x, filters, kernel_size, **kwargs):
    return keras.layers.Conv2D(filters, kernel_size, padding="same", **kwargs)(x)


def _prelu(x):
    # A slope for each channel, which begins at ¼ as in He et al. 2015.
    return keras.layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25), shared_axes=[1, 2]
    )(x)


def _leaky(x):
    return keras.layers.LeakyReLU(negative_slope=0.2)(x)
