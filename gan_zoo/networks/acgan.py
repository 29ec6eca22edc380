"""Generator and discriminator of ACGAN's experiments on CIFAR-10."""

import keras
from keras import ops

from gan_zoo.layers import BatchNormalization, Dropout
from gan_zoo.networks.blocks import crop, image_sizes, normal


def _batch_norm():
    return BatchNormalization(momentum=0.9, epsilon=1e-5)


def acgan_generator(image_shape, latent_dim=100, num_classes=10, width=384):
    """Maps [z, y] → dense → transposed convolutions 5×5 with batch norm → tanh.

    Args:
        image_shape: (height, width, channels); odd sizes are cropped after upsampling.
        latent_dim: length of z.
        num_classes: number of classes.
        width: channels of the coarsest level, halved at each next one.

    Returns:
        Functional model [z (n, latent_dim), labels (n,)] → (n, *image_shape) in
        [-1, 1].

    Reference: Odena et al. 2016, 1610.09585, appendix A, table 2.
    """
    sizes = image_sizes(image_shape)
    channels = image_shape[-1]
    rows, columns = sizes[0]
    z = keras.Input((latent_dim,))
    labels = keras.Input((), dtype="int32")
    one_hot = ops.one_hot(labels, num_classes, dtype="float32")
    x = keras.layers.Concatenate()([z, one_hot])
    x = keras.layers.Dense(
        rows * columns * width, "relu", kernel_initializer=normal(0.02)
    )(x)
    x = keras.layers.Reshape((rows, columns, width))(x)
    for level, size in enumerate(sizes[1:], start=1):
        last = level == len(sizes) - 1
        x = keras.layers.Conv2DTranspose(
            channels if last else width // 2**level,
            5,
            strides=2,
            padding="same",
            use_bias=last,
            kernel_initializer=normal(0.02),
        )(x)
        x = crop(x, size)
        if not last:
            x = keras.layers.ReLU()(_batch_norm()(x))
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model([z, labels], image, name="generator")


def acgan_discriminator(image_shape, num_classes=10, width=16, dropout=0.5):
    """Six convolutions 3×3, every other one strided, then a logit and class logits.

    Each convolution is followed by batch norm (except the first), leaky ReLU 0.2 and
    dropout.

    Args:
        image_shape: (height, width, channels).
        num_classes: number of classes.
        width: channels of the first layer, doubled at each next one.
        dropout: fraction of activations that dropout removes.

    Returns:
        Functional model (n, *image_shape) → [logits (n, 1), class logits
        (n, num_classes)], float32.

    Reference: Odena et al. 2016, 1610.09585, appendix A, table 2.
    """
    image = x = keras.Input(image_shape)
    for level in range(6):
        x = keras.layers.Conv2D(
            width * 2**level,
            3,
            strides=2 - level % 2,
            padding="same",
            use_bias=level == 0,
            kernel_initializer=normal(0.02),
        )(x)
        if level > 0:
            x = _batch_norm()(x)
        x = Dropout(dropout)(keras.layers.LeakyReLU(0.2)(x))
    x = keras.layers.Flatten()(x)
    heads = [
        keras.layers.Dense(
            units, kernel_initializer=normal(0.02), dtype="float32", name=name
        )(x)
        for units, name in ((1, "logit"), (num_classes, "class_logits"))
    ]
    return keras.Model(image, heads, name="discriminator")
