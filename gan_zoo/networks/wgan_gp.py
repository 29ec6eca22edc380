"""The networks of the WGAN-GP authors' MNIST experiment."""

import keras

from gan_zoo.networks.blocks import crop, image_sizes


def _weights():
    # The authors' He initialisation, over the mean of both fans. One object per layer:
    # a Keras initializer repeats its numbers.
    return keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform")


def wgan_gp_generator(image_shape, latent_dim=128, width=64):
    """Maps z → 4×4 → transposed convolutions 5×5 with ReLU, no normalisation → tanh.

    Args:
        image_shape: (height, width, channels); odd sizes are cropped after upsampling.
        latent_dim: length of z.
        width: channels of the last hidden level, doubled at each level below.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1].

    Reference: Gulrajani et al. 2017, 1704.00028, the authors' gan_mnist.py.
    """
    sizes = image_sizes(image_shape)
    channels = image_shape[-1]
    ups = len(sizes) - 1
    depth = width * 2 ** (ups - 1)
    rows, columns = sizes[0]

    z = keras.Input((latent_dim,))
    x = keras.layers.Dense(
        rows * columns * depth, "relu", kernel_initializer=_weights()
    )(z)
    x = keras.layers.Reshape((rows, columns, depth))(x)
    for level in range(1, ups + 1):
        last = level == ups
        x = keras.layers.Conv2DTranspose(
            channels if last else depth // 2**level,
            5,
            strides=2,
            padding="same",
            activation=None if last else "relu",
            kernel_initializer=_weights(),
        )(x)
        x = crop(x, sizes[level])
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(z, image, name="generator")


def wgan_gp_critic(image_shape, width=64):
    """Strided convolutions 5×5 with leaky ReLU, no normalisation → score.

    There is no batch norm, since the gradient penalty needs scores that do not depend
    on the other images of the batch.

    Args:
        image_shape: (height, width, channels).
        width: channels of the first level, doubled at each next one.

    Returns:
        Functional model (n, *image_shape) → scores (n, 1), float32.

    Reference: Gulrajani et al. 2017, 1704.00028, section 4 and gan_mnist.py.
    """
    downs = len(image_sizes(image_shape)) - 1
    image = x = keras.Input(image_shape)
    for level in range(downs):
        x = keras.layers.Conv2D(
            width * 2**level,
            5,
            strides=2,
            padding="same",
            kernel_initializer=_weights(),
        )(x)
        x = keras.layers.LeakyReLU(0.2)(x)
    x = keras.layers.Flatten()(x)
    score = keras.layers.Dense(
        1, kernel_initializer=_weights(), dtype="float32", name="score"
    )(x)
    return keras.Model(image, score, name="critic")
