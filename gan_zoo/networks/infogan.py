"""The networks of InfoGAN's MNIST experiment. D and Q share their first layers."""

import keras
from keras import ops

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import ImageSizeError, check_sides, normal


def _batch_norm():
    return BatchNormalization(momentum=0.9, epsilon=1e-5)


def _quarter(image_shape):
    check_sides(image_shape)
    rows, columns, _ = image_shape
    if rows % 4 or columns % 4:
        raise ImageSizeError(
            f"Expected image sides divisible by 4, got {(rows, columns)}. Pad or "
            "resize the images."
        )
    return rows // 4, columns // 4


def infogan_generator(
    image_shape, latent_dim=62, num_classes=10, num_codes=2, width=64, hidden=1024
):
    """Maps [z, y, c] → dense → dense → two transposed convolutions 4×4 → tanh.

    Args:
        image_shape: (height, width, channels), sides divisible by 4.
        latent_dim: length of the noise z.
        num_classes: number of values of the class code.
        num_codes: number of continuous codes.
        width: channels of the finer hidden level. The coarser one has twice as many.
        hidden: units of the first layer.

    Returns:
        Functional model [z (n, latent_dim), labels (n,), codes (n, num_codes)] →
        (n, *image_shape) in [-1, 1].

    Raises:
        ImageSizeError: for sides not divisible by 4.

    Reference: Chen et al. 2016, 1606.03657, appendix C.1, table 1.
    """
    rows, columns = _quarter(image_shape)
    z = keras.Input((latent_dim,))
    labels = keras.Input((), dtype="int32")
    codes = keras.Input((num_codes,))
    one_hot = ops.one_hot(labels, num_classes, dtype="float32")
    x = keras.layers.Concatenate()([z, one_hot, codes])
    for units in (hidden, rows * columns * 2 * width):
        x = keras.layers.Dense(units, use_bias=False, kernel_initializer=normal(0.02))(
            x
        )
        x = keras.layers.ReLU()(_batch_norm()(x))
    x = keras.layers.Reshape((rows, columns, 2 * width))(x)
    x = keras.layers.Conv2DTranspose(
        width, 4, 2, "same", use_bias=False, kernel_initializer=normal(0.02)
    )(x)
    x = keras.layers.ReLU()(_batch_norm()(x))
    x = keras.layers.Conv2DTranspose(
        image_shape[-1], 4, 2, "same", kernel_initializer=normal(0.02)
    )(x)
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model([z, labels, codes], image, name="generator")


def infogan_discriminator(
    image_shape, num_classes=10, num_codes=2, width=64, hidden=1024
):
    """Two strided convolutions 4×4 and a dense layer, then the heads of D and of Q.

    Q has another dense layer of 128 units before its heads.

    Args:
        image_shape: (height, width, channels), sides divisible by 4.
        num_classes: number of values of the class code.
        num_codes: number of continuous codes.
        width: channels of the first layer. The second one has twice as many.
        hidden: units of the dense layer.

    Returns:
        Functional model (n, *image_shape) → [logits (n, 1), class logits
        (n, num_classes), code means (n, num_codes)], float32.

    Raises:
        ImageSizeError: for sides not divisible by 4.

    Reference: Chen et al. 2016, 1606.03657, appendix C.1, table 1.
    """
    _quarter(image_shape)
    image = keras.Input(image_shape)
    x = keras.layers.Conv2D(width, 4, 2, "same", kernel_initializer=normal(0.02))(image)
    x = keras.layers.LeakyReLU(0.1)(x)
    x = keras.layers.Conv2D(
        2 * width, 4, 2, "same", use_bias=False, kernel_initializer=normal(0.02)
    )(x)
    x = keras.layers.LeakyReLU(0.1)(_batch_norm()(x))
    x = keras.layers.Flatten()(x)

    def dense(units, x):
        x = keras.layers.Dense(units, use_bias=False, kernel_initializer=normal(0.02))(
            x
        )
        return keras.layers.LeakyReLU(0.1)(_batch_norm()(x))

    def head(units, x, name):
        return keras.layers.Dense(
            units, kernel_initializer=normal(0.02), dtype="float32", name=name
        )(x)

    trunk = dense(hidden, x)
    q = dense(128, trunk)
    heads = [
        head(1, trunk, "logit"),
        head(num_classes, q, "class_logits"),
        head(num_codes, q, "code_means"),
    ]
    return keras.Model(image, heads, name="discriminator")
