"""ESRGAN's generator: dense blocks within residual blocks, without batch norm.

The discriminator is SRGAN's, `srgan.srgan_discriminator`.
"""

import keras

# What is added to a block's input is made smaller by this.
RESIDUAL_SCALE = 0.2


def rrdb_network(channels=3, scale=4, width=64, blocks=23, growth=32):
    """Residual blocks of three dense blocks each, then enlarged by repeated pixels.

    Args:
        channels: channels of the images, 1 or 3.
        scale: 1, 2, 4 or 8; 1 is for restoration at the same size.
        width: filters outside the dense blocks.
        blocks: number of residual blocks.
        growth: filters that each convolution of a dense block adds.

    Returns:
        Functional model of images in [-1, 1] (n, h, w, channels) → (n, h · scale, w ·
        scale, channels).

    Raises:
        ValueError: for another scale.

    Differs from the paper: the last layer is a tanh, which keeps images in their range.

    Reference: Wang et al. 2018, 1809.00219, section 3.1 and figure 4.
    """
    if scale not in (1, 2, 4, 8):
        raise ValueError(f"Expected scale 1, 2, 4 or 8, got {scale!r}.")
    image = keras.Input((None, None, channels))
    x = first = _conv(image, width)
    for _ in range(blocks):
        y = x
        for _ in range(3):
            y = _dense_block(y, width, growth)
        x = _added(x, y)
    x = keras.layers.Add()([first, _conv(x, width)])
    for _ in range(scale.bit_length() - 1):
        x = keras.layers.UpSampling2D(2, interpolation="nearest")(x)
        x = _leaky(_conv(x, width))
    x = _leaky(_conv(x, width))
    x = _conv(x, channels, activation="tanh", dtype="float32")
    return keras.Model(image, x, name="generator")


def _dense_block(x, width, growth):
    """Five convolutions, each of which sees all that came before."""
    seen = [x]
    for _ in range(4):
        inputs = keras.layers.Concatenate()(seen) if len(seen) > 1 else x
        seen.append(_leaky(_conv(inputs, growth, kernel_initializer=_small())))
    last = _conv(keras.layers.Concatenate()(seen), width, kernel_initializer=_small())
    return _added(x, last)


def _added(x, residual):
    return keras.layers.Add()([x, keras.layers.Rescaling(RESIDUAL_SCALE)(residual)])


def _small():
    # A tenth of He's deviation: the smaller first weights of the paper's dense blocks.
    return keras.initializers.VarianceScaling(0.02, "fan_in", "untruncated_normal")


def _conv(x, filters, **kwargs):
    return keras.layers.Conv2D(filters, 3, padding="same", **kwargs)(x)


def _leaky(x):
    return keras.layers.LeakyReLU(negative_slope=0.2)(x)
