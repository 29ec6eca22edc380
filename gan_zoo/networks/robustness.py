"""The seven architectures of the comparison in the WGAN-GP paper.

`ARCHITECTURES` maps the name of each to a function

    pair(image_shape, latent_dim, width, normalization) → (generator, discriminator)

with z (n, latent_dim) → images in [-1, 1] and images → logits (n, 1), float32.
`width` is the number of channels of the finest level, doubled at each coarser one. The
residual networks start at half of it. `normalization` is that of the discriminator, if
the architecture has one: "batch", or "layer" for gradient penalties, which need scores
that do not depend on other images. Generators use batch norm.

Initial weights are uniform, with the standard deviations of the authors' code. Its
fan-in and fan-out take the strides into account.

Differs from the paper:
    1. Images of any size: there are as many levels as halve it to about 4 pixels, and
       the 33 residual blocks are distributed over them. At 64×64 both are the authors'.

Reference: Gulrajani et al. 2017, 1704.00028, section 5.1 and the authors' gan_64x64.py.
"""

import functools
import math

import keras

from gan_zoo.layers import BatchNormalization, Gate
from gan_zoo.networks.blocks import crop, image_sizes, to_image, to_logit, uniform

BLOCKS = 33  # of three convolutions each: 101 layers with the first and the last


def dcgan(image_shape, latent_dim, width, normalization="batch"):
    """The baseline: the networks of DCGAN."""
    return (
        _generator(image_shape, latent_dim, width, "relu", "batch", NEAR_ZERO),
        _discriminator(image_shape, width, "leaky_relu", normalization, NEAR_ZERO),
    )


def constant_width(image_shape, latent_dim, width, normalization="batch"):
    """No normalisation in the generator, and `width` channels at each level."""
    return (
        _generator(image_shape, latent_dim, width, "relu", None, growth=1),
        _discriminator(image_shape, width, "leaky_relu", normalization, NEAR_ZERO),
    )


def perceptron(image_shape, latent_dim, width, normalization="batch"):
    """A generator of four ReLU layers with 512 units."""
    z = x = keras.Input((latent_dim,))
    for _ in range(4):
        x = keras.layers.Dense(
            512, "relu", kernel_initializer=keras.initializers.HeUniform()
        )(x)
    generator = keras.Model(z, to_image(x, image_shape), name="generator")
    return (
        generator,
        _discriminator(image_shape, width, "leaky_relu", normalization, NEAR_ZERO),
    )


def without_normalization(image_shape, latent_dim, width, normalization=None):
    """No normalisation in both networks."""
    return (
        _generator(image_shape, latent_dim, width, "relu", None, NEAR_ZERO),
        _discriminator(image_shape, width, "leaky_relu", None, NEAR_ZERO),
    )


def gated(image_shape, latent_dim, width, normalization="batch"):
    """Gated nonlinearities, σ(a) · tanh(b), everywhere in both networks."""
    return (
        _generator(image_shape, latent_dim, width, "gated", "batch"),
        _discriminator(image_shape, width, "gated", normalization),
    )


def tanh(image_shape, latent_dim, width, normalization="batch"):
    """Tanh everywhere in both networks."""
    return (
        _generator(image_shape, latent_dim, width, "tanh", "batch", NEAR_ZERO),
        _discriminator(image_shape, width, "tanh", normalization, NEAR_ZERO),
    )


def deep_residual(image_shape, latent_dim, width, normalization="batch"):
    """101 layers in each network: bottleneck blocks, about equally many per level."""
    width //= 2  # their finest level is finer than that of the others
    sizes = image_sizes(image_shape)
    ups = len(sizes) - 1
    each, left = divmod(BLOCKS, len(sizes))
    # The remaining blocks go to the levels in the middle.
    first = (len(sizes) - left) // 2
    counts = [each + (first <= i < first + left) for i in range(len(sizes))]

    z = keras.Input((latent_dim,))
    x = _dense(sizes[0], width * 2**ups, z)
    for level, (size, count) in enumerate(zip(sizes, counts, strict=True)):
        if level:
            x = crop(_bottleneck(x, width * 2 ** (ups - level), "batch", "up"), size)
        for _ in range(count - bool(level)):
            x = _bottleneck(x, x.shape[-1], "batch")
    x = keras.layers.Rescaling(0.2)(_conv(image_shape[-1], 1, 1, x, _glorot))
    output = keras.layers.Activation("tanh", dtype="float32")(x)
    generator = keras.Model(z, output, name="generator")

    image = keras.Input(image_shape)
    x = _conv(width, 1, 1, image, _glorot)
    for level, count in enumerate(reversed(counts)):
        for _ in range(count - (level < ups)):
            x = _bottleneck(x, x.shape[-1], normalization)
        if level < ups:
            x = _bottleneck(x, x.shape[-1] * 2, normalization, "down")
    logit = keras.layers.Rescaling(0.2, dtype="float32")(_to_logit(x, _glorot))
    return generator, keras.Model(image, logit, name="discriminator")


ARCHITECTURES = {
    "DCGAN": dcgan,
    "G: no norm, constant width": constant_width,
    "G: 4-layer 512 ReLU MLP": perceptron,
    "no norm in G or D": without_normalization,
    "gated nonlinearities": gated,
    "tanh nonlinearities": tanh,
    "101-layer ResNet G and D": deep_residual,
}


def _near_zero(fan_in, fan_out):
    return _uniform(0.02)


def _he(fan_in, fan_out):
    return _uniform(math.sqrt(4 / (fan_in + fan_out)))


def _glorot(fan_in, fan_out):
    return _uniform(math.sqrt(2 / (fan_in + fan_out)))


def _uniform(stddev):
    return uniform(math.sqrt(3) * stddev)


# Initial weights of convolutions and of dense layers.
NEAR_ZERO = _near_zero, _near_zero
SCALED = _he, _glorot


def _generator(
    image_shape, latent_dim, width, activation, normalization, weights=SCALED, growth=2
):
    of_convolutions, of_dense = weights
    sizes = image_sizes(image_shape)
    ups = len(sizes) - 1
    channels = [width * growth ** (ups - 1 - level) for level in range(ups)]
    if activation == "gated":
        channels = [2 * count for count in channels]
    z = keras.Input((latent_dim,))
    x = _dense(sizes[0], channels[0], z, of_dense)
    x = _activated(_normed(x, normalization), activation)
    for size, count in zip(sizes[1:-1], channels[1:], strict=True):
        x = crop(_up(count, 5, x, of_convolutions), size)
        x = _activated(_normed(x, normalization), activation)
    x = crop(_up(image_shape[-1], 5, x, of_convolutions), sizes[-1])
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(z, image, name="generator")


def _discriminator(image_shape, width, activation, normalization, weights=SCALED):
    of_convolutions, of_dense = weights
    twice = 2 if activation == "gated" else 1
    image = x = keras.Input(image_shape)
    for level in range(len(image_sizes(image_shape)) - 1):
        x = _conv(width * 2**level * twice, 5, 2, x, of_convolutions)
        x = _activated(_normed(x, normalization if level else None), activation)
    return keras.Model(image, _to_logit(x, of_dense), name="discriminator")


def _bottleneck(x, filters, normalization, resample=None):
    """X + 0.3 norm(f(x)), f has 1×1, 3×3 and 1×1 convolutions with ReLU before each."""
    inner = x.shape[-1] // 2
    middle = {
        None: functools.partial(_conv, filters // 2, 3, 1),
        "up": functools.partial(_up, filters // 2, 3),
        "down": functools.partial(_conv, filters // 2, 3, 2),
    }[resample]
    h = _conv(inner, 1, 1, keras.layers.ReLU()(x))
    h = middle(keras.layers.ReLU()(h))
    h = _conv(filters, 1, 1, keras.layers.ReLU()(h), use_bias=False)
    h = keras.layers.Rescaling(0.3)(_normed(h, normalization))
    if resample == "up":
        # A 1×1 convolution to four times the channels, which become 2×2 pixels: the
        # fans are the same.
        x = _up(filters, 2, x, _glorot)
    elif resample == "down":
        x = _conv(filters, 1, 2, x, _glorot)
    return keras.layers.Add()([x, h])


def _dense(size, channels, z, weights=_glorot):
    units = size[0] * size[1] * channels
    x = keras.layers.Dense(units, kernel_initializer=weights(z.shape[-1], units))(z)
    # (n, h * w * channels) -> (n, h, w, channels)
    return keras.layers.Reshape((*size, channels))(x)


def _conv(filters, kernel_size, strides, x, weights=_he, use_bias=True):
    area = kernel_size**2
    return keras.layers.Conv2D(
        filters,
        kernel_size,
        strides,
        "same",
        use_bias=use_bias,
        kernel_initializer=weights(area * x.shape[-1], area * filters / strides**2),
    )(x)


def _up(filters, kernel_size, x, weights=_he):
    area = kernel_size**2
    return keras.layers.Conv2DTranspose(
        filters,
        kernel_size,
        2,
        "same",
        kernel_initializer=weights(area * x.shape[-1] / 4, area * filters),
    )(x)


def _normed(x, normalization):
    if normalization == "batch":
        return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    if normalization == "layer":
        # All axes but the first, γ and β per channel: layer norm of images.
        return keras.layers.GroupNormalization(1, epsilon=1e-5)(x)
    return x


def _activated(x, activation):
    if activation == "gated":
        return Gate()(x)
    if activation == "leaky_relu":
        return keras.layers.LeakyReLU(0.2)(x)
    return keras.layers.Activation(activation)(x)


def _to_logit(x, weights):
    x = keras.layers.Flatten()(x)
    return to_logit(x, weights(x.shape[-1], 1))
