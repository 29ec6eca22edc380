"""A pair of networks that train in moments, for tests of what is around a model."""

import keras

from gan_zoo.layers import Dropout
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
