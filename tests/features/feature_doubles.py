"""Feature objects whose values a test can work out by hand."""

import keras
from keras import ops


class Flat:
    """The pixels themselves."""

    name = "flat"
    description = "pixels as they are"

    def __init__(self, dim):
        self.dim = dim

    def __call__(self, images):
        return ops.reshape(ops.convert_to_tensor(images), (-1, self.dim))


def as_images(features):
    """`[N, d]` -> `[N, 1, 1, d]`: images whose flat pixels are the features."""
    return features[:, None, None, :]


def conv_network(name="tiny", pooled=True):
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(
        5, 3, activation="tanh", kernel_initializer=keras.initializers.HeNormal(seed=1)
    )(images)
    if not pooled:
        x = keras.layers.Flatten()(x)
        x = keras.layers.Dense(
            4, kernel_initializer=keras.initializers.HeNormal(seed=2)
        )(x)
    return keras.Model(images, x, name=name)
