"""The residual and the plain networks of SNGAN, with or without class labels."""

import keras

from gan_zoo.layers import (
    BatchNormalization,
    ConditionalBatchNorm,
    ResampledConv2D,
    SpectralConv2D,
    SpectralDense,
    SpectralEmbedding,
)
from gan_zoo.networks.blocks import crop, even_sizes, image_sizes, normal


def _glorot(gain=1.0):
    # Uniform, as in the authors' code. One object per layer, since a Keras initializer
    # always returns the same numbers.
    return keras.initializers.VarianceScaling(gain**2, "fan_avg", "uniform")


def _normal():
    return normal(0.02)


def _label_input(num_classes):
    return keras.Input((), dtype="int32", name="labels") if num_classes else None


def _with(x, labels):
    return x if labels is None else [x, labels]


def _batch_norm(labels=None, num_classes=None):
    """A function that adds a batch norm, with γ and β per class for labels."""

    def norm(x):
        if labels is not None:
            return ConditionalBatchNorm(num_classes)([x, labels])
        return BatchNormalization(momentum=0.9, epsilon=2e-5)(x)

    return norm


def generator_block(x, filters, norm, up=True):
    """Norm → ReLU → 3×3 → norm → ReLU → 3×3, plus a shortcut.

    With `up`, nearest ×2 upsampling comes before the first convolution (as one combined
    convolution). In the shortcut, it comes after the 1×1 convolution, which gives the
    same result in less time.

    Args:
        x: symbolic tensor (n, h, w, c).
        filters: channels of the block.
        norm: function that adds a normalisation.
        up: whether to double the size. If not, the shortcut is the identity for equal
            numbers of channels.

    Reference: Miyato et al. 2018, 1802.05957, figure 8, and the authors' code.
    """
    h = keras.layers.ReLU()(norm(x))
    h = ResampledConv2D(
        filters,
        resample="up" if up else None,
        kernel_initializer=_glorot(2**0.5),
    )(h)
    h = keras.layers.ReLU()(norm(h))
    h = ResampledConv2D(filters, kernel_initializer=_glorot(2**0.5))(h)
    if up or x.shape[-1] != filters:
        x = ResampledConv2D(filters, 1, kernel_initializer=_glorot())(x)
    if up:
        x = keras.layers.UpSampling2D()(x)
    return keras.layers.Add()([h, x])


def discriminator_block(x, filters, down, first=False):
    """ReLU → 3×3 → ReLU → 3×3, with spectral normalisation, plus a shortcut.

    With `down`, 2×2 average pooling comes after the second convolution (as one combined
    convolution). In the shortcut, it comes before the 1×1 convolution, which gives the
    same result in less time.

    Args:
        x: symbolic tensor (n, h, w, c).
        filters: channels of the block.
        down: whether to halve the size. If not, the shortcut is the identity for equal
            numbers of channels.
        first: whether x is an image. The block then has no first ReLU, and its first
            convolution has all `filters`.

    Reference: Miyato et al. 2018, 1802.05957, figure 8, and the authors' code (Block,
    and OptimizedBlock for `first`).
    """
    h = x if first else keras.layers.ReLU()(x)
    h = SpectralConv2D(
        filters if first else x.shape[-1], kernel_initializer=_glorot(2**0.5)
    )(h)
    h = keras.layers.ReLU()(h)
    h = SpectralConv2D(
        filters,
        resample="down" if down else None,
        kernel_initializer=_glorot(2**0.5),
    )(h)
    if down:
        x = keras.layers.AveragePooling2D(2)(x)
    if down or x.shape[-1] != filters:
        x = SpectralConv2D(filters, 1, kernel_initializer=_glorot())(x)
    return keras.layers.Add()([h, x])


def _projected_logit(features, labels, num_classes, initializer):
    """ψ(φ) + yᵀ V φ of features φ (n, d), float32; ψ(φ) alone without labels."""
    logit = SpectralDense(
        1, kernel_initializer=initializer(), dtype="float32", name="logit"
    )(features)
    if labels is None:
        return logit
    embedded = SpectralEmbedding(
        num_classes,
        features.shape[-1],
        embeddings_initializer=initializer(),
        dtype="float32",
        name="class_embedding",
    )(labels)
    projection = keras.layers.Dot(axes=1, dtype="float32")([embedded, features])
    return keras.layers.Add(dtype="float32")([logit, projection])


def _paper_widths(image_shape, width, growth, small):
    """Width and growth. None gives those of the paper for this size."""
    large = min(image_shape[:2]) > 32
    if width is None:
        width = 64 if large else small
    if growth is None:
        growth = 2 if large else 1
    return width, growth


def sngan_generator(
    image_shape, latent_dim=128, width=None, num_classes=None, growth=None
):
    """Maps z → dense → residual blocks, each doubling the size → BN, ReLU, 3×3, tanh.

    The defaults are the paper's Table 4 at 32×32, its Table 5 at 48×48 and Table 6 at
    128×128, and the authors' network at 64×64.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7:
            a 32×32 image starts at 4×4, a 28×28 one at 7×7.
        latent_dim: length of z.
        width: channels of the last block; by default 256 up to 32×32, 64 above.
        num_classes: number of classes. The batch norms of the blocks are then
            conditional, and labels are a second input.
        growth: factor of the channels from each level to the next coarser one, for four
            levels; by default 1 up to 32×32, 2 above.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1]; with
        `num_classes`, of [z, labels], labels int32 (n,).

    Raises:
        ValueError: if the sides cannot be halved evenly.

    Reference: Miyato et al. 2018, 1802.05957, Tables 4 to 6, and the authors' code at
    64×64; Miyato & Koyama 2018, 1802.05637, for the labels.
    """
    sizes = even_sizes(image_shape)
    channels = image_shape[-1]
    ups = len(sizes) - 1
    rows, columns = sizes[0]
    width, growth = _paper_widths(image_shape, width, growth, small=256)
    depth = width * growth ** min(ups, 4)

    z, labels = keras.Input((latent_dim,)), _label_input(num_classes)
    norm = _batch_norm(labels, num_classes)
    x = keras.layers.Dense(rows * columns * depth, kernel_initializer=_glorot())(z)
    x = keras.layers.Reshape((rows, columns, depth))(x)
    for level in range(1, ups + 1):
        x = generator_block(x, width * growth ** min(ups - level, 4), norm)
    x = keras.layers.ReLU()(_batch_norm()(x))
    x = ResampledConv2D(channels, kernel_initializer=_glorot())(x)
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(_with(z, labels), image, name="generator")


def _paper_blocks(image_shape):
    """Number of blocks of the discriminator, and of those that halve the image."""
    sizes = even_sizes(image_shape)
    if min(image_shape[:2]) <= 32:
        downs = max(1, sum(min(size) > 8 for size in sizes))
        return downs + 2, downs
    downs = len(sizes) - 1
    blocks = max(5, downs + 1)
    if downs < 5 and all(side % 2 == 0 for side in sizes[0]):
        downs += 1
    return blocks, downs


def sngan_discriminator(image_shape, width=None, num_classes=None, growth=None):
    """Residual blocks, the first ones halving the image → ReLU, sum → logit.

    Spectral normalisation on every layer. The defaults are the paper's Table 4 at
    32×32, its Table 5 at 48×48 and Table 6 at 128×128, and the authors' network at
    64×64.

    Up to 32×32 the image is halved down to 8 pixels or less, and two more blocks
    follow. Above, there are five blocks or more, and it is halved down to 3 pixels at
    48×48, 2 at 64×64, 4 at 128×128.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        width: channels of the first block; by default 128 up to 32×32, 64 above.
        num_classes: number of classes. The logit then has the projection yᵀ V φ(x), and
            labels are a second input.
        growth: factor of the channels from each block to the next, for four blocks; by
            default 1 up to 32×32, 2 above.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32; with `num_classes`,
        of [image, labels], labels int32 (n,).

    Raises:
        ValueError: if the sides cannot be halved evenly.

    Reference: Miyato et al. 2018, 1802.05957, Tables 4 to 6, and the authors' code at
    64×64; Miyato & Koyama 2018, 1802.05637, figure 1d, for the labels.
    """
    blocks, downs = _paper_blocks(image_shape)
    width, growth = _paper_widths(image_shape, width, growth, small=128)
    image, labels = keras.Input(image_shape), _label_input(num_classes)
    x = image
    for level in range(blocks):
        filters = width * growth ** min(level, 4)
        x = discriminator_block(x, filters, down=level < downs, first=level == 0)
    x = keras.layers.ReLU(dtype="float32")(x)
    features = keras.ops.sum(x, axis=(1, 2))
    logit = _projected_logit(features, labels, num_classes, _glorot)
    return keras.Model(_with(image, labels), logit, name="discriminator")


def sngan_conv_generator(image_shape, latent_dim=128, width=64, num_classes=None):
    """Maps z → dense → transposed convolutions 4×4 with batch norm and ReLU → tanh.

    The defaults at 32×32 are the paper's Table 3, 512-256-128-64.

    Args:
        image_shape: (height, width, channels); odd sizes are cropped after upsampling.
        latent_dim: length of z.
        width: channels of the last hidden level, doubled at each level below.
        num_classes: number of classes. The batch norms are then conditional, and labels
            are a second input.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1]; with
        `num_classes`, of [z, labels], labels int32 (n,).

    Reference: Miyato et al. 2018, 1802.05957, Table 3a; the norm after the dense layer
    and the first weights from the authors' chainer-gan-lib.
    """
    sizes = image_sizes(image_shape)
    channels = image_shape[-1]
    ups = len(sizes) - 1
    depth = width * 2**ups
    rows, columns = sizes[0]

    z, labels = keras.Input((latent_dim,)), _label_input(num_classes)
    norm = _batch_norm(labels, num_classes)
    x = keras.layers.Dense(rows * columns * depth, kernel_initializer=_normal())(z)
    x = keras.layers.Reshape((rows, columns, depth))(x)
    x = keras.layers.ReLU()(norm(x))
    for level in range(1, ups + 1):
        x = keras.layers.Conv2DTranspose(
            depth // 2**level,
            4,
            strides=2,
            padding="same",
            kernel_initializer=_normal(),
        )(x)
        x = keras.layers.ReLU()(norm(crop(x, sizes[level])))
    x = ResampledConv2D(channels, kernel_initializer=_normal())(x)
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(_with(z, labels), image, name="generator")


def sngan_conv_discriminator(image_shape, width=64, num_classes=None):
    """Convolutions 3×3 and strided 4×4 with leaky ReLU, in turns → logit.

    Spectral normalisation on every layer. The defaults at 32×32 are the paper's
    Table 3, 64-64-128-128-256-256-512.

    Args:
        image_shape: (height, width, channels).
        width: channels of the first level, doubled at each next one.
        num_classes: number of classes. The logit then has the projection yᵀ V φ(x),
            where φ is the flattened last feature map, and labels are a second input.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32; with `num_classes`,
        of [image, labels], labels int32 (n,).

    Reference: Miyato et al. 2018, 1802.05957, Table 3b; the first weights from the
    authors' chainer-gan-lib.
    """
    downs = len(image_sizes(image_shape)) - 1
    image, labels = keras.Input(image_shape), _label_input(num_classes)

    def layer(x, filters, kernel_size, strides=1):
        x = SpectralConv2D(
            filters, kernel_size, strides=strides, kernel_initializer=_normal()
        )(x)
        return keras.layers.LeakyReLU(0.1)(x)

    x = image
    for level in range(downs):
        x = layer(x, width * 2**level, 3)
        x = layer(x, width * 2**level, 4, strides=2)
    x = layer(x, width * 2**downs, 3)
    features = keras.layers.Flatten(dtype="float32")(x)
    logit = _projected_logit(features, labels, num_classes, _normal)
    return keras.Model(_with(image, labels), logit, name="discriminator")
