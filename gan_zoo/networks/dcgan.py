"""The convolutional networks of DCGAN, for images of any size."""

import keras

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import crop, image_sizes, normal, to_logit


def _batch_norm():
    return BatchNormalization(
        momentum=0.9,
        epsilon=1e-5,
        gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02),
    )


def dcgan_generator(image_shape, latent_dim=100, width=128, kernel_size=5):
    """Maps z → 4×4 → fractionally strided convolutions with batch norm and ReLU → tanh.

    Args:
        image_shape: (height, width, channels); odd sizes are cropped after upsampling.
        latent_dim: length of z.
        width: channels of the last hidden level. Each earlier level has twice as many
            (128 gives the paper's 1024-512-256-128 at 64×64).
        kernel_size: kernel size of the convolutions.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1].

    Reference: Radford et al. 2015, 1511.06434, section 3 and figure 1.
    """
    sizes = image_sizes(image_shape)  # of 28: [(4, 4), (7, 7), (14, 14), (28, 28)]
    channels = image_shape[-1]
    ups = len(sizes) - 1
    depth = width * 2 ** (ups - 1)
    rows, columns = sizes[0]

    z = keras.Input((latent_dim,))
    x = keras.layers.Dense(
        rows * columns * depth, use_bias=False, kernel_initializer=normal(0.02)
    )(z)
    x = keras.layers.Reshape((rows, columns, depth))(x)
    x = keras.layers.ReLU()(_batch_norm()(x))
    for level in range(1, ups + 1):
        last = level == ups
        x = keras.layers.Conv2DTranspose(
            channels if last else depth // 2**level,
            kernel_size,
            strides=2,
            padding="same",
            use_bias=last,
            kernel_initializer=normal(0.02),
        )(x)
        x = crop(x, sizes[level])
        if not last:
            x = keras.layers.ReLU()(_batch_norm()(x))
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(z, image, name="generator")


def dcgan_discriminator(image_shape, width=128, kernel_size=5, batch_norm=True):
    """Strided convolutions with batch norm (not the first) and leaky ReLU → logit.

    Args:
        image_shape: (height, width, channels).
        width: channels of the first level, doubled at each next one.
        kernel_size: kernel size of the convolutions.
        batch_norm: whether to use batch norm. Gradient penalties need False.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1), float32.

    Reference: Radford et al. 2015, 1511.06434, section 3.
    """
    downs = len(image_sizes(image_shape)) - 1
    image = x = keras.Input(image_shape)
    for level in range(downs):
        x = keras.layers.Conv2D(
            width * 2**level,
            kernel_size,
            strides=2,
            padding="same",
            use_bias=level == 0 or not batch_norm,
            kernel_initializer=normal(0.02),
        )(x)
        if level > 0 and batch_norm:
            x = _batch_norm()(x)
        x = keras.layers.LeakyReLU(0.2)(x)
    logit = to_logit(keras.layers.Flatten()(x), normal(0.02))
    return keras.Model(image, logit, name="discriminator")
