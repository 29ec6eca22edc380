"""R3GAN's networks: residual blocks of grouped convolutions, without normalisation."""

import keras

from gan_zoo.layers import (
    ChannelBias,
    FIRDownsample,
    FIRUpsample,
    GroupedConv2D,
    LearnedBasis,
)
from gan_zoo.networks.blocks import even_sizes

# Keeps the variance of what passes a leaky ReLU of slope 0.2.
_GAIN = (2.0 / (1.0 + 0.2**2)) ** 0.5


def _scaled(gain=1.0):
    """A new initializer N(0, gain² / fan in)."""
    if not gain:
        return "zeros"
    return keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")


def _conv1(x, filters, gain=1.0):
    return keras.layers.Conv2D(
        filters, 1, use_bias=False, kernel_initializer=_scaled(gain)
    )(x)


def _dense(x, units, **kwargs):
    return keras.layers.Dense(
        units, use_bias=False, kernel_initializer=_scaled(), **kwargs
    )(x)


def _activate(x):
    return keras.layers.LeakyReLU(0.2)(ChannelBias()(x))


def residual_block(x, blocks, group=16, expansion=2):
    """X + 1×1 → 3×3 in groups → 1×1, with bias and leaky ReLU between them.

    Initially the block is the identity: its last convolution starts at 0. The others
    have He's weights, times L^(−1/4) for L blocks of the network (Fixup).

    Args:
        x: symbolic tensor (n, h, w, c).
        blocks: L, residual blocks of the whole network.
        group: channels per group of the 3×3 convolution.
        expansion: channels within the block are `expansion` · c.

    Reference: Huang et al. 2025, 2501.05441, section 3 and figure 3; Zhang et al. 2019,
    Fixup Initialization, 1901.09321.
    """
    channels = x.shape[-1] * expansion
    gain = _GAIN * blocks**-0.25
    h = _activate(_conv1(x, channels, gain))
    h = GroupedConv2D(
        channels,
        groups=max(1, channels // group),
        use_bias=False,
        kernel_initializer=_scaled(gain),
    )(h)
    h = _conv1(_activate(h), x.shape[-1], gain=0.0)
    return keras.layers.Add()([x, h])


def paper_widths(image_shape):
    """Channels at each size from coarse to fine, as for CIFAR-10 and FFHQ.

    768 up to a side of 32, then half as many at each doubling.

    Args:
        image_shape: (height, width, channels).
    """
    sides = [max(size) for size in even_sizes(image_shape)]
    return [768 if side <= 32 else max(16, 768 * 32 // side) for side in sides]


def _levels(image_shape, widths, **each):
    """Sizes from coarse to fine, with the width and the other numbers of each level.

    Args:
        image_shape: (height, width, channels).
        widths: list of channels, or None for the paper's.
        **each: `blocks` and `group`, one number for all levels or a list.

    Returns:
        List of (height, width), and a list of dicts of `width`, `blocks`, `group`.
    """
    sizes = even_sizes(image_shape)
    each["width"] = paper_widths(image_shape) if widths is None else widths
    for name, given in each.items():
        several = given if isinstance(given, (list, tuple)) else [given] * len(sizes)
        if len(several) != len(sizes):
            raise ValueError(
                f"Expected {len(sizes)} numbers as {name}, one for each of the sizes "
                f"{sizes}, got {given}."
            )
        each[name] = several
    levels = [
        dict(zip(each, row, strict=True)) for row in zip(*each.values(), strict=True)
    ]
    return sizes, levels


def _labels(num_classes):
    """The input of labels, and its one-hot form."""
    labels = keras.Input((), dtype="int32", name="labels")
    return labels, keras.ops.one_hot(labels, num_classes, dtype="float32")


def r3gan_generator(
    image_shape,
    latent_dim=64,
    widths=None,
    blocks=2,
    group=16,
    expansion=2,
    num_classes=None,
    class_dim=None,
):
    """Maps z → learned 4×4 maps → residual blocks, doubled in size between → image.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        latent_dim: length of z.
        widths: channels at each size, coarse to fine; `paper_widths` by default.
        blocks: residual blocks at each size, one number or a list.
        group: channels per group of the 3×3 convolutions, likewise.
        expansion: see `residual_block`.
        num_classes: number of classes; labels are then a second input.
        class_dim: length of a class's embedding; `latent_dim` by default.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape), without bounds; with
        `num_classes`, of [z, labels], labels int32 (n,).

    Raises:
        ValueError: for sides that do not halve evenly, or widths that do not fit.

    Reference: Huang et al. 2025, 2501.05441, section 4 and appendix, and the authors'
    code.
    """
    sizes, levels = _levels(image_shape, widths, blocks=blocks, group=group)
    total = sum(level["blocks"] for level in levels)
    z = keras.Input((latent_dim,))
    inputs, x = z, z
    if num_classes:
        labels, one_hot = _labels(num_classes)
        inputs = [z, labels]
        embedded = _dense(one_hot, class_dim or latent_dim, name="class_embedding")
        x = keras.layers.Concatenate()([z, embedded])
    x = LearnedBasis(sizes[0])(_dense(x, levels[0]["width"]))
    for place, level in enumerate(levels):
        if place:
            if level["width"] != x.shape[-1]:
                x = _conv1(x, level["width"])
            x = FIRUpsample()(x)
        for _ in range(level["blocks"]):
            x = residual_block(x, total, level["group"], expansion)
    image = _conv1(x, image_shape[-1])
    return keras.Model(inputs, image, name="generator")


def r3gan_discriminator(
    image_shape,
    widths=None,
    blocks=2,
    group=16,
    expansion=2,
    num_classes=None,
    class_dim=None,
):
    """Image → residual blocks, halved in size between → 4×4 maps → logit.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        widths: channels at each size, coarse to fine, as for the generator.
        blocks: residual blocks at each size, one number or a list.
        group: channels per group of the 3×3 convolutions, likewise.
        expansion: see `residual_block`.
        num_classes: number of classes; labels are then a second input, and the logit is
            the product of features and the embedding of the class.
        class_dim: length of the embedding; the width at the coarsest size by default.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32; with `num_classes`,
        of [image, labels], labels int32 (n,).

    Raises:
        ValueError: as `r3gan_generator`.

    Reference: as `r3gan_generator`.
    """
    sizes, levels = _levels(image_shape, widths, blocks=blocks, group=group)
    total = sum(level["blocks"] for level in levels)
    image = keras.Input(image_shape)
    x = _conv1(image, levels[-1]["width"])
    for place, level in reversed(list(enumerate(levels))):
        for _ in range(level["blocks"]):
            x = residual_block(x, total, level["group"], expansion)
        if place:
            x = FIRDownsample()(x)
            if levels[place - 1]["width"] != x.shape[-1]:
                x = _conv1(x, levels[place - 1]["width"])
    # Each channel's product with one learned map of its size: fan in h · w.
    rows, columns = sizes[0]
    x = keras.layers.DepthwiseConv2D(
        sizes[0],
        use_bias=False,
        depthwise_initializer=keras.initializers.RandomNormal(
            stddev=(rows * columns) ** -0.5
        ),
    )(x)
    x = keras.layers.Flatten(dtype="float32")(x)
    if not num_classes:
        logit = _dense(x, 1, dtype="float32", name="logit")
        return keras.Model(image, logit, name="discriminator")
    labels, one_hot = _labels(num_classes)
    class_dim = class_dim or x.shape[-1]
    features = _dense(x, class_dim, dtype="float32")
    embedded = _dense(one_hot, class_dim, dtype="float32", name="class_embedding")
    logit = keras.layers.Dot(axes=1, dtype="float32", name="logit")(
        [features, embedded]
    )
    return keras.Model([image, labels], logit, name="discriminator")
