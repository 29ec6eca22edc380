"""StyleGAN2's generator, whose images add up, and its residual discriminator."""

import keras

from gan_zoo.layers import (
    ChannelBias,
    ConstantInput,
    EqualizedConv2D,
    EqualizedDense,
    FIRUpsample,
    MeanStyle,
    MinibatchStddev,
    ModulatedConv2D,
    NoiseInjection,
    PixelNorm,
    ScaledLeakyReLU,
    SecondLatents,
    StyleMixing,
)
from gan_zoo.networks.blocks import channels_at, even_sizes


def _dense_layers(x, count, units, lr_multiplier):
    """Dense layers named `dense_0` ..., each with its activation."""
    for place in range(count):
        dense = EqualizedDense(
            units, lr_multiplier=lr_multiplier, name=f"dense_{place}"
        )
        x = ScaledLeakyReLU()(dense(x))
    return x


def _embedded(labels, num_classes, units):
    """The normalised vector of each class, (n, units)."""
    one_hot = keras.ops.one_hot(labels, num_classes, dtype="float32")
    return PixelNorm()(EqualizedDense(units, name="class_embedding")(one_hot))


def mapping_network(
    latent_dim=512, style_dim=512, depth=8, lr_multiplier=0.01, num_classes=None
):
    """Maps z → w: normalised, then fully connected layers with leaky ReLU.

    Its last layer, called `mean_style`, keeps w̄.

    Args:
        latent_dim: length of z.
        style_dim: length of w, and of the embedding of a class.
        depth: number of layers.
        lr_multiplier: learning rate of these layers relative to the others.
        num_classes: number of classes; labels are then a second input.

    Returns:
        Functional model (n, latent_dim) → (n, style_dim); with `num_classes`, of
        [z, labels], labels int32 (n,).

    Reference: Karras et al. 2019, 1912.04958, appendix B; 2020, 2006.06676, appendix F,
    for the classes.
    """
    z = keras.Input((latent_dim,))
    inputs, x = z, PixelNorm()(z)
    if num_classes:
        labels = keras.Input((), dtype="int32", name="labels")
        inputs = [z, labels]
        x = keras.layers.Concatenate()([x, _embedded(labels, num_classes, style_dim)])
    x = _dense_layers(x, depth, style_dim, lr_multiplier)
    return keras.Model(inputs, MeanStyle(name="mean_style")(x), name="mapping")


def synthesis_network(image_shape, style_dim=512, width=512, capacity=32768):
    """Styles → image: a constant, two styled layers per resolution, images that add up.

    A styled layer is modulated convolution → noise → bias → leaky ReLU; the first of a
    resolution doubles the size. After each resolution a 1×1 convolution makes an image,
    which is added to that of the lower one, doubled. It takes the style of the next
    resolution's first layer.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        style_dim: length of w.
        width: most channels of a layer.
        capacity: channels at a resolution are capacity / side, at most `width`.

    Returns:
        Functional model (n, layers, style_dim) → (n, *image_shape), without bounds.

    Raises:
        ValueError: if the sides cannot be halved evenly.

    Reference: Karras et al. 2019, 1912.04958, section 2, figures 2 and 7, and appendix
    B.
    """
    sizes = even_sizes(image_shape)
    styles = keras.Input((2 * len(sizes), style_dim))

    def layer(x, level, part):
        """Layer 0 of a resolution, which doubles the size, or layer 1."""
        place = f"{max(sizes[level])}_{part}"
        conv = ModulatedConv2D(
            filters[level],
            resample=None if part else "fir_up",
            name=f"conv_{place}",
        )
        x = conv([x, styles[:, 2 * level - 1 + part]])
        x = NoiseInjection(per_channel=False, name=f"noise_{place}")(x)
        return ScaledLeakyReLU()(ChannelBias(name=f"bias_{place}")(x))

    def to_image(x, level):
        place = f"image_{max(sizes[level])}"
        conv = ModulatedConv2D(
            image_shape[-1], 1, demodulate=False, name=f"conv_{place}"
        )
        x = conv([x, styles[:, 2 * level + 1]])
        return ChannelBias(name=f"bias_{place}")(x)

    filters = [channels_at(size, width, capacity) for size in sizes]
    normal = keras.initializers.RandomNormal(stddev=1.0)
    x = ConstantInput((*sizes[0], filters[0]), normal, name="constant")(styles[:, 0])
    x = layer(x, 0, 1)
    image = to_image(x, 0)
    for level in range(1, len(sizes)):
        x = layer(layer(x, level, 0), level, 1)
        image = keras.layers.Add()([FIRUpsample()(image), to_image(x, level)])
    return keras.Model(styles, image, name="synthesis")


def stylegan2_generator(
    image_shape,
    latent_dim=512,
    style_dim=512,
    mapping_depth=8,
    mapping_lr=0.01,
    width=512,
    capacity=32768,
    mixing=0.9,
    num_classes=None,
):
    """Maps z → mapping → style mixing → synthesis → image.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        latent_dim: length of z.
        style_dim: length of w.
        mapping_depth: layers of the mapping network.
        mapping_lr: its learning rate relative to the other layers.
        width: most channels of a layer.
        capacity: channels at a resolution are capacity / side, at most `width`.
        mixing: share of training images made from two latents.
        num_classes: number of classes; labels are then a second input.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape), without bounds, with the
        parts `mapping`, `styles` and `synthesis`; with `num_classes`, of [z, labels].

    Reference: Karras et al. 2019, 1912.04958.
    """
    mapping = mapping_network(
        latent_dim, style_dim, mapping_depth, mapping_lr, num_classes
    )
    synthesis = synthesis_network(image_shape, style_dim, width, capacity)
    mixed = StyleMixing(synthesis.input.shape[1], mixing, name="styles")
    z = keras.Input((latent_dim,))
    inputs = z
    if num_classes:
        inputs = [z, keras.Input((), dtype="int32", name="labels")]
    w = mapping(SecondLatents()(inputs))
    return keras.Model(inputs, synthesis(mixed(w)), name="generator")


def stylegan2_discriminator(
    image_shape,
    width=512,
    capacity=32768,
    group=4,
    num_classes=None,
    mapping_depth=8,
    mapping_lr=0.01,
):
    """Residual blocks of two convolutions, each halving the size, down to a logit.

    Args:
        image_shape: (height, width, channels), sides that halve evenly down to 4 to 7.
        width: most channels of a layer.
        capacity: channels at a resolution are capacity / side, at most `width`.
        group: samples per group of the minibatch standard deviation.
        num_classes: number of classes; labels are then a second input, and the logit is
            the product of features with a mapped embedding of the class.
        mapping_depth: layers of that mapping.
        mapping_lr: their learning rate relative to the other layers.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32; with `num_classes`,
        of [image, labels], labels int32 (n,).

    Reference: Karras et al. 2019, 1912.04958, figure 7 and appendix B; 2020,
    2006.06676, appendix F, for the classes.
    """
    sizes = even_sizes(image_shape)[::-1]
    image = keras.Input(image_shape)
    filters = [channels_at(size, width, capacity) for size in sizes]
    conv = EqualizedConv2D(filters[0], 1, gain=1.0, name="from_image")
    x = ScaledLeakyReLU()(conv(image))
    for place, size in enumerate(sizes[:-1]):
        # Both summands times √½, to keep the variance: in the shortcut's gain, and in
        # an activation without its √2.
        fewer, side = {"filters": filters[place + 1], "resample": "fir_down"}, max(size)
        shortcut = EqualizedConv2D(
            kernel_size=1,
            gain=0.5**0.5,
            use_bias=False,
            name=f"shortcut_{side}",
            **fewer,
        )
        conv = EqualizedConv2D(filters[place], gain=1.0, name=f"conv_{side}_0")
        h = ScaledLeakyReLU()(conv(x))
        h = EqualizedConv2D(gain=1.0, name=f"conv_{side}_1", **fewer)(h)
        x = keras.layers.Add()([shortcut(x), ScaledLeakyReLU(gain=1.0)(h)])
    x = MinibatchStddev(group)(x)
    units = filters[-1]
    x = ScaledLeakyReLU()(EqualizedConv2D(units, gain=1.0, name="last_conv")(x))
    x = EqualizedDense(units, name="last_dense")(keras.layers.Flatten()(x))
    x = ScaledLeakyReLU()(x)
    if not num_classes:
        logit = EqualizedDense(1, name="logit", dtype="float32")(x)
        return keras.Model(image, logit, name="discriminator")
    labels = keras.Input((), dtype="int32", name="labels")
    y = _embedded(labels, num_classes, units)
    y = _dense_layers(y, mapping_depth, units, mapping_lr)
    features = EqualizedDense(units, name="features", dtype="float32")(x)
    product = keras.layers.Dot(axes=1, dtype="float32")([features, y])
    logit = keras.layers.Rescaling(units**-0.5, dtype="float32", name="logit")(product)
    return keras.Model([image, labels], logit, name="discriminator")
