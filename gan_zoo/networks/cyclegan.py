"""CycleGAN's residual generator.

It has the layers of the authors' network, so their published weights can be loaded
layer by layer. The paper's discriminator is pix2pix's, `pix2pix.patch_discriminator`.
"""

import keras

from gan_zoo.layers import ReflectionPad
from gan_zoo.networks.blocks import (
    ImageSizeError,
    check_sides,
    conv,
    doubling_conv,
    halving_conv,
    instance_norm,
)


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
        Functional model of images in [-1, 1] (n, h, w, c) → (n, h, w, channels), for
        images of any size in multiples of 4.

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
    x = image = keras.Input((None, None, image_shape[-1]))
    x = _relu(norm()(conv(ReflectionPad(3)(x), width, 7)))
    for filters in (2 * width, 4 * width):
        x = _relu(norm()(halving_conv(x, filters)))
    for _ in range(blocks):
        x = _residual_block(x, 4 * width, norm)
    for filters in (2 * width, width):
        x = _relu(norm()(doubling_conv(x, filters)))
    x = ReflectionPad(3)(x)
    output = conv(x, channels or image_shape[-1], 7, activation="tanh", dtype="float32")
    return keras.Model(image, output, name="generator")


def _residual_block(x, filters, norm):
    y = _relu(norm()(conv(ReflectionPad(1)(x), filters, 3)))
    y = norm()(conv(ReflectionPad(1)(y), filters, 3))
    return keras.layers.Add()([x, y])
