"""Fully connected networks of GMMN: generators, and the autoencoder of the codes."""

import math

import keras

from gan_zoo.layers import Dropout
from gan_zoo.networks.blocks import to_image


def _weights():
    # One object per layer, since a Keras initializer always returns the same numbers.
    return keras.initializers.LecunNormal()


def _dense(units, activation, x):
    return keras.layers.Dense(units, activation, kernel_initializer=_weights())(x)


def gmmn_generator(image_shape, latent_dim=10, widths=(64, 256, 256, 1024)):
    """Maps z through four ReLU layers to an image, with tanh (paper: sigmoid).

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        widths: units of the hidden layers.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1].

    Reference: Li et al. 2015, 1502.02761, section 5.
    """
    z = x = keras.Input((latent_dim,))
    for width in widths:
        x = _dense(width, "relu", x)
    return keras.Model(z, to_image(x, image_shape, _weights()), name="generator")


def gmmn_code_generator(
    code_dim=32, latent_dim=10, widths=(64, 256, 256, 1024), activation="sigmoid"
):
    """Maps z to a code in (0, 1). The last layer is a sigmoid, as in the paper.

    Args:
        code_dim: length of a code.
        latent_dim: length of z.
        widths: units of the hidden layers.
        activation: Keras activation of the last layer, as in the encoder.

    Returns:
        Functional model (n, latent_dim) → (n, code_dim), in (0, 1) with a sigmoid.

    Reference: Li et al. 2015, 1502.02761, section 5.
    """
    z = x = keras.Input((latent_dim,))
    for width in widths:
        x = _dense(width, "relu", x)
    code = keras.layers.Dense(
        code_dim, activation, kernel_initializer=_weights(), dtype="float32"
    )(x)
    return keras.Model(z, code, name="generator")


def autoencoder_encoder(image_shape, code_dim=32, hidden=1024, rates=(0.2, 0.5)):
    """Image → sigmoid layer → code in (0, 1), with dropout before each layer.

    Args:
        image_shape: shape of an image without the batch axis.
        code_dim: length of a code.
        hidden: units of the hidden layer.
        rates: dropout rates of the pixels and of the hidden units.

    Returns:
        Functional model (n, *image_shape) → (n, code_dim), float32.

    Reference: Li et al. 2015, 1502.02761, section 5 and the authors' MNIST settings.
    """
    image = keras.Input(image_shape)
    x = Dropout(rates[0])(keras.layers.Flatten()(image))
    x = Dropout(rates[1])(_dense(hidden, "sigmoid", x))
    code = keras.layers.Dense(
        code_dim, "sigmoid", kernel_initializer=_weights(), dtype="float32"
    )(x)
    return keras.Model(image, code, name="encoder")


def autoencoder_decoder(image_shape, code_dim=32, hidden=1024):
    """Code → sigmoid layer → a logit per pixel.

    Args:
        image_shape: shape of an image without the batch axis.
        code_dim: length of a code.
        hidden: units of the hidden layer.

    Returns:
        Functional model (n, code_dim) → logits (n, *image_shape), float32.

    Reference: Li et al. 2015, 1502.02761, section 5 and the authors' MNIST settings.
    """
    code = keras.Input((code_dim,))
    x = _dense(hidden, "sigmoid", code)
    x = keras.layers.Dense(
        math.prod(image_shape), kernel_initializer=_weights(), dtype="float32"
    )(x)
    # (n, h * w * c) -> (n, h, w, c)
    logits = keras.layers.Reshape(image_shape)(x)
    return keras.Model(code, logits, name="decoder")
