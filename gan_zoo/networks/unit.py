"""UNIT's networks: two encoders and two decoders that share their inner layers."""

import keras

from gan_zoo.networks.blocks import (
    ImageSizeError,
    check_sides,
    conv,
    doubling_conv,
    halving_conv,
    instance_norm,
    normal,
)


def unit_networks(shape_a, shape_b, width=64, blocks=3, shared_blocks=1):
    """The paper's encoders and decoders of two domains.

    The last residual blocks of the encoders are the same layers, and so are the first
    ones of the decoders.

    Args:
        shape_a: (height, width, channels) of the images of A; both sides multiples
            of 4.
        shape_b: the same of B, with the same sides.
        width: filters of the first convolution; the code has four times as many.
        blocks: residual blocks of each encoder and decoder that are not shared.
        shared_blocks: residual blocks of the encoders that are shared, and as many of
            the decoders.

    Returns:
        Dict of functional models: `encoder_a` and `encoder_b`, images (n, h, w, c) →
        means of the code (n, h / 4, w / 4, 4 · width); `decoder_a` and `decoder_b`,
        codes → images in [-1, 1]. They take images of any size in multiples of 4.

    Raises:
        ValueError: for other than images; ImageSizeError when a side is no multiple
            of 4.

    Reference: Liu et al. 2017, 1703.00848, appendix B.
    """
    for shape in (shape_a, shape_b):
        check_sides(shape)
        if any(side % 4 for side in shape[:2]):
            raise ImageSizeError(
                "The encoder halves an image twice: expected sides that are multiples "
                f"of 4, got image_shape={tuple(shape)}. Crop or resize the images."
            )
    into, out_of = (
        [_Residual(4 * width) for _ in range(shared_blocks)] for _ in range(2)
    )
    shapes = {"a": shape_a, "b": shape_b}
    encoders = {
        f"encoder_{domain}": _encoder(
            shape[-1], width, blocks, into, f"encoder_{domain}"
        )
        for domain, shape in shapes.items()
    }
    return encoders | {
        f"decoder_{domain}": _decoder(
            shape[-1], width, blocks, out_of, f"decoder_{domain}"
        )
        for domain, shape in shapes.items()
    }


class _Residual:
    """Two convolutions around which the input goes; each call uses the same ones."""

    def __init__(self, filters):
        self.convs = [
            keras.layers.Conv2D(
                filters, 3, padding="same", kernel_initializer=normal(0.02)
            )
            for _ in range(2)
        ]

    def __call__(self, x):
        first, second = self.convs
        y = keras.layers.ReLU()(instance_norm()(first(x)))
        return keras.layers.Add()([x, instance_norm()(second(y))])


def _encoder(channels, width, blocks, shared, name):
    x = image = keras.Input((None, None, channels))
    x = _leaky(conv(x, width, 7, padding="same"))
    for filters in (2 * width, 4 * width):
        x = _leaky(halving_conv(x, filters))
    for block in [*(_Residual(4 * width) for _ in range(blocks)), *shared]:
        x = block(x)
    return keras.Model(image, x, name=name)


def _decoder(channels, width, blocks, shared, name):
    x = code = keras.Input((None, None, 4 * width))
    for block in [*shared, *(_Residual(4 * width) for _ in range(blocks))]:
        x = block(x)
    for filters in (2 * width, width):
        x = _leaky(doubling_conv(x, filters))
    x = conv(x, channels, 1, activation="tanh", dtype="float32")
    return keras.Model(code, x, name=name)


def unit_discriminator(image_shape, width=64, levels=4):
    """The paper's discriminator: strided convolutions, a score for every patch.

    Args:
        image_shape: (height, width, channels), both sides multiples of 2 ** levels.
        width: filters of the first convolution; each level has twice as many.
        levels: number of strided convolutions.

    Returns:
        Functional model of images (n, h, w, c) → scores (n, h', w', 1), where h' is
        h / 2 ** levels.

    Raises:
        ValueError: for other than images; ImageSizeError when a side cannot be halved
            so often.

    Reference: Liu et al. 2017, 1703.00848, appendix B.
    """
    check_sides(image_shape)
    if any(side % 2**levels for side in image_shape[:2]):
        raise ImageSizeError(
            f"The discriminator halves an image {levels} times: expected sides that "
            f"are multiples of {2**levels}, got image_shape={tuple(image_shape)}. Crop "
            "or resize the images."
        )
    x = image = keras.Input(image_shape)
    for level in range(levels):
        x = _leaky(halving_conv(x, width * 2**level))
    score = conv(x, 1, 1, dtype="float32")
    return keras.Model(image, score, name="discriminator")


def _leaky(x):
    return keras.layers.LeakyReLU(negative_slope=0.01)(x)
