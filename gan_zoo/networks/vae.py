"""The networks of VAE: an encoder, and decoders for two likelihoods."""

import math

import keras

from gan_zoo.networks.blocks import normal


def _hidden(units, x):
    return keras.layers.Dense(units, "tanh", kernel_initializer=normal(0.01))(x)


def _head(units, x, name):
    return keras.layers.Dense(
        units, kernel_initializer=normal(0.01), dtype="float32", name=name
    )(x)


def _pixels(x, image_shape, name):
    # (n, h * w * c) -> (n, h, w, c)
    return keras.layers.Reshape(image_shape)(_head(math.prod(image_shape), x, name))


def vae_encoder(image_shape, latent_dim=20, hidden=500):
    """Image → tanh layer → mean and log variance of z; initial weights are N(0, 0.01²).

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        hidden: units of the hidden layer.

    Returns:
        Functional model (n, *image_shape) → [means, log variances] (n, latent_dim).

    Reference: Kingma & Welling 2013, 1312.6114, appendix C.2.
    """
    image = keras.Input(image_shape)
    x = _hidden(hidden, keras.layers.Flatten()(image))
    heads = [_head(latent_dim, x, name) for name in ("means", "log_variances")]
    return keras.Model(image, heads, name="encoder")


def bernoulli_decoder(image_shape, latent_dim=20, hidden=500):
    """Maps z through a tanh layer to one logit per pixel.

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        hidden: units of the hidden layer.

    Returns:
        Functional model (n, latent_dim) → logits (n, *image_shape), float32.

    Reference: Kingma & Welling 2013, 1312.6114, appendix C.1.
    """
    z = keras.Input((latent_dim,))
    logits = _pixels(_hidden(hidden, z), image_shape, "logits")
    return keras.Model(z, logits, name="decoder")


def normal_decoder(image_shape, latent_dim=20, hidden=200):
    """Maps z through a tanh layer to means in [-1, 1] and log variances of pixels.

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        hidden: units of the hidden layer.

    Returns:
        Functional model (n, latent_dim) → [means, log variances] (n, *image_shape),
        float32.

    Reference: Kingma & Welling 2013, 1312.6114, appendix C.2 and section 5.
    """
    z = keras.Input((latent_dim,))
    x = _hidden(hidden, z)
    means = keras.layers.Activation("tanh", dtype="float32")(
        _pixels(x, image_shape, "means")
    )
    log_variances = _pixels(x, image_shape, "log_variances")
    return keras.Model(z, [means, log_variances], name="decoder")
