"""The style-based generator and its discriminator, at any width and resolution."""

import itertools

import keras

from gan_zoo.layers import (
    AdaIN,
    Blur,
    ChannelBias,
    ConstantInput,
    EqualizedConv2D,
    EqualizedDense,
    MeanStyle,
    MinibatchStddev,
    NoiseInjection,
    PixelNorm,
    SecondLatents,
    StyleMixing,
)
from gan_zoo.networks.blocks import channels_at, even_sizes


def _activate(x):
    return keras.layers.LeakyReLU(0.2)(x)


def mapping_network(latent_dim=512, style_dim=512, depth=8, lr_multiplier=0.01):
    """Maps z → w: normalised, then fully connected layers with leaky ReLU.

    Its last layer, called `mean_style`, keeps w̄.

    Args:
        latent_dim: length of z.
        style_dim: length of w.
        depth: number of layers.
        lr_multiplier: learning rate of these layers relative to the others.

    Returns:
        Functional model (n, latent_dim) → (n, style_dim).

    Reference: Karras et al. 2018, 1812.04948, section 2 and appendix C.
    """
    z = keras.Input((latent_dim,))
    x = PixelNorm()(z)
    for _ in range(depth):
        x = _activate(EqualizedDense(style_dim, 2**0.5, lr_multiplier)(x))
    w = MeanStyle(name="mean_style")(x)
    return keras.Model(z, w, name="mapping")


def synthesis_network(
    image_shape,
    style_dim=512,
    width=512,
    capacity=16384,
    blur=True,
    activation="linear",
):
    """Styles → image: constant input, then two styled layers per resolution.

    A styled layer is convolution → noise → bias → leaky ReLU → AdaIN; the first of a
    resolution upsamples.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        style_dim: length of w.
        width: most channels of a layer.
        capacity: channels at a resolution are capacity / side, at most `width`.
        blur: smooth after upsampling, as the paper; costs a pass over the features.
        activation: of the image; linear as the paper.

    Returns:
        Functional model (n, layers, style_dim) → (n, *image_shape).

    Raises:
        ValueError: if the sides cannot be halved evenly.

    Reference: Karras et al. 2018, 1812.04948, section 2, figure 1b.
    """
    sizes = even_sizes(image_shape)
    styles = keras.Input((2 * len(sizes), style_dim))
    used = iter(range(2 * len(sizes)))

    def finish(x):
        x = NoiseInjection()(x)
        x = _activate(ChannelBias()(x))
        return AdaIN()([x, styles[:, next(used)]])

    channels = channels_at(sizes[0], width, capacity)
    x = finish(ConstantInput((*sizes[0], channels))(styles))
    x = finish(EqualizedConv2D(channels, use_bias=False)(x))
    for size in sizes[1:]:
        channels = channels_at(size, width, capacity)
        x = EqualizedConv2D(channels, resample="up", use_bias=False)(x)
        if blur:
            x = Blur()(x)
        x = finish(x)
        x = finish(EqualizedConv2D(channels, use_bias=False)(x))
    x = EqualizedConv2D(image_shape[-1], 1, gain=1.0, name="to_image")(x)
    image = keras.layers.Activation(activation, dtype="float32")(x)
    return keras.Model(styles, image, name="synthesis")


def stylegan_generator(
    image_shape,
    latent_dim=512,
    style_dim=512,
    mapping_depth=8,
    mapping_lr=0.01,
    width=512,
    capacity=16384,
    blur=True,
    mixing=0.9,
    activation="linear",
):
    """Maps z → mapping → style mixing → synthesis → image.

    Args:
        image_shape: (height, width, channels).
        latent_dim: length of z.
        style_dim: length of w.
        mapping_depth: layers of the mapping network.
        mapping_lr: its learning rate relative to the other layers.
        width: most channels of a layer.
        capacity: channels at a resolution are capacity / side, at most `width`.
        blur: smooth after upsampling.
        mixing: share of training images made from two latents.
        activation: of the image; linear as the paper.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) with the sub-models
        `mapping` and `synthesis`.

    Reference: Karras et al. 2018, 1812.04948.
    """
    mapping = mapping_network(latent_dim, style_dim, mapping_depth, mapping_lr)
    synthesis = synthesis_network(
        image_shape, style_dim, width, capacity, blur, activation
    )
    layers = synthesis.input.shape[1]
    z = keras.Input((latent_dim,))
    styles = StyleMixing(layers, mixing)(mapping(SecondLatents()(z)))
    return keras.Model(z, synthesis(styles), name="generator")


def stylegan_discriminator(image_shape, width=512, capacity=16384, blur=True, group=4):
    """ProGAN's discriminator: two convolutions per resolution, down to a logit.

    Args:
        image_shape: (height, width, channels).
        width: most channels of a layer.
        capacity: channels at a resolution are capacity / side, at most `width`.
        blur: smooth before downsampling.
        group: samples per group of the minibatch standard deviation.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32.

    Reference: Karras et al. 2017, 1710.10196, appendix A; 1812.04948, appendix C.
    """
    sizes = even_sizes(image_shape)[::-1]
    image = keras.Input(image_shape)
    x = _activate(
        EqualizedConv2D(channels_at(sizes[0], width, capacity), 1, name="from_image")(
            image
        )
    )
    for size, smaller in itertools.pairwise(sizes):
        x = _activate(EqualizedConv2D(channels_at(size, width, capacity))(x))
        if blur:
            x = Blur()(x)
        channels = channels_at(smaller, width, capacity)
        x = _activate(EqualizedConv2D(channels, resample="down")(x))
    x = MinibatchStddev(group)(x)
    channels = channels_at(sizes[-1], width, capacity)
    x = _activate(EqualizedConv2D(channels)(x))
    x = keras.layers.Flatten()(x)
    x = _activate(EqualizedDense(channels, 2**0.5)(x))
    logit = EqualizedDense(1, 1.0, name="logit", dtype="float32")(x)
    return keras.Model(image, logit, name="discriminator")
