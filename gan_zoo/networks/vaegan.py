"""The three networks of VAE/GAN, with 5×5 convolutions in three levels."""

import math

import keras

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks.blocks import check_sides, crop, to_logit

LEVELS = 3


def _batch_norm():
    return BatchNormalization(momentum=0.9, epsilon=1e-6)


def _normed(layer, x):
    return keras.layers.ReLU()(_batch_norm()(layer(x)))


def _down(width, x):
    return _normed(keras.layers.Conv2D(width, 5, 2, "same", use_bias=False), x)


def _dense(units, x):
    return _normed(keras.layers.Dense(units, use_bias=False), x)


def _sizes(image_shape):
    """Sizes from the coarsest level to the image: of 28, 4, 7, 14, 28."""
    sizes = [tuple(image_shape[:2])]
    for _ in range(LEVELS):
        sizes.insert(0, tuple((side + 1) // 2 for side in sizes[0]))
    return sizes


def vaegan_encoder(image_shape, latent_dim=128, width=64, hidden=1024):
    """Three strided convolutions, a dense layer, then mean and log variance of z.

    Args:
        image_shape: (height, width, channels).
        latent_dim: length of z.
        width: channels of the first level, doubled at each next one.
        hidden: units of the dense layer.

    Returns:
        Functional model (n, *image_shape) → [means, log variances] (n, latent_dim).

    Reference: Larsen et al. 2015, 1512.09300, table 1 and the authors' code.
    """
    check_sides(image_shape)
    image = x = keras.Input(image_shape)
    for level in range(LEVELS):
        x = _down(width * 2**level, x)
    x = _dense(hidden, keras.layers.Flatten()(x))
    heads = [
        keras.layers.Dense(latent_dim, dtype="float32", name=name)(x)
        for name in ("means", "log_variances")
    ]
    return keras.Model(image, heads, name="encoder")


def vaegan_decoder(image_shape, latent_dim=128, widths=(256, 256, 128, 32)):
    """A dense layer, three fractionally strided convolutions, one convolution, tanh.

    Args:
        image_shape: (height, width, channels); odd sizes are cropped after upsampling.
        latent_dim: length of z.
        widths: channels, from the coarsest level to the image.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1].

    Reference: Larsen et al. 2015, 1512.09300, table 1.
    """
    sizes = _sizes(image_shape)
    z = keras.Input((latent_dim,))
    x = _dense(math.prod(sizes[0]) * widths[0], z)
    # (n, h * w * c) -> (n, h, w, c)
    x = keras.layers.Reshape((*sizes[0], widths[0]))(x)
    for width, size in zip(widths[1:], sizes[1:], strict=True):
        up = keras.layers.Conv2DTranspose(width, 5, 2, "same", use_bias=False)
        x = keras.layers.ReLU()(_batch_norm()(crop(up(x), size)))
    x = keras.layers.Conv2D(image_shape[-1], 5, padding="same")(x)
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(z, image, name="decoder")


def vaegan_discriminator(image_shape, widths=(32, 128, 256, 256), hidden=512):
    """A convolution, three strided ones, a dense layer and a logit, with features.

    The features, in which reconstructions are compared, are the outputs of the last
    convolution before its batch norm, as in the authors' settings.

    Args:
        image_shape: (height, width, channels).
        widths: channels of the convolutions.
        hidden: units of the dense layer.

    Returns:
        Functional model (n, *image_shape) → [logits (n, 1), features (n, h, w, c)],
        float32.

    Reference: Larsen et al. 2015, 1512.09300, table 1.
    """
    image = keras.Input(image_shape)
    x = keras.layers.Conv2D(widths[0], 5, padding="same", activation="relu")(image)
    for width in widths[1:-1]:
        x = _down(width, x)
    x = keras.layers.Conv2D(widths[-1], 5, 2, "same", use_bias=False)(x)
    features = keras.layers.Activation("linear", dtype="float32", name="features")(x)
    x = keras.layers.ReLU()(_batch_norm()(x))
    x = _dense(hidden, keras.layers.Flatten()(x))
    logit = to_logit(x)
    return keras.Model(image, [logit, features], name="discriminator")
