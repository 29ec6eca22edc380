"""Networks of a layer or two, for tests of what is around a network."""

import keras

from gan_zoo.layers import BatchNormalization, Dropout
from gan_zoo.networks.blocks import to_image, to_logit


def small_generator(image_shape=(28, 28, 1), latent_dim=100):
    """One dense layer with tanh: z → image."""
    z = keras.Input((latent_dim,))
    return keras.Model(z, to_image(z, image_shape), name="generator")


def small_discriminator(image_shape=(28, 28, 1), units=100):
    """A dense layer and a logit. Dropout makes a step depend on its random draws."""
    image = keras.Input(image_shape)
    x = keras.layers.Dense(units, "sigmoid")(keras.layers.Flatten()(image))
    logit = to_logit(Dropout(0.5)(x))
    return keras.Model(image, logit, name="discriminator")


def normed_generator(image_shape, latent_dim, num_classes=None, num_codes=None):
    """A dense layer, batch norm, a fractionally strided convolution, tanh.

    Args:
        image_shape: (height, width, channels), even sides.
        latent_dim: length of z.
        num_classes: number of classes; labels (n,) are then a second input.
        num_codes: number of codes (n, num_codes), which are then the last input.
    """
    z = x = keras.Input((latent_dim,))
    inputs = [z]
    if num_classes:
        labels = keras.Input((), dtype="int32")
        one_hot = keras.ops.one_hot(labels, num_classes, dtype="float32")
        x = keras.layers.Concatenate()([x, one_hot])
        inputs.append(labels)
    if num_codes:
        codes = keras.Input((num_codes,))
        x = keras.layers.Concatenate()([x, codes])
        inputs.append(codes)
    rows, columns = image_shape[0] // 2, image_shape[1] // 2
    x = keras.layers.Dense(rows * columns * 2, use_bias=False)(x)
    x = keras.layers.Reshape((rows, columns, 2))(x)
    x = keras.layers.ReLU()(BatchNormalization()(x))
    image = keras.layers.Conv2DTranspose(
        image_shape[-1], 4, 2, "same", activation="tanh", dtype="float32"
    )(x)
    return keras.Model(inputs, image, name="generator")


def convolution(image, batch_norm=False):
    """A strided convolution, batch norm where asked for, leaky ReLU, flat."""
    x = keras.layers.Conv2D(4, 4, 2, "same", use_bias=not batch_norm)(image)
    if batch_norm:
        x = BatchNormalization()(x)
    return keras.layers.Flatten()(keras.layers.LeakyReLU(negative_slope=0.2)(x))


def translator(image_shape):
    """A strided convolution, instance norm, a fractionally strided one, tanh."""
    image = keras.Input(image_shape)
    x = keras.layers.Conv2D(4, 4, 2, "same", use_bias=False)(image)
    x = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)(x)
    x = keras.layers.Conv2DTranspose(
        image_shape[-1], 4, 2, "same", activation="tanh", dtype="float32"
    )(keras.layers.ReLU()(x))
    return keras.Model(image, x, name="translator")


def patch_critic(image_shape):
    """A strided convolution, leaky ReLU, a score for every patch."""
    image = keras.Input(image_shape)
    x = keras.layers.Conv2D(4, 4, 2, "same")(image)
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    score = keras.layers.Conv2D(1, 3, padding="same", dtype="float32")(x)
    return keras.Model(image, score, name="patch_critic")
