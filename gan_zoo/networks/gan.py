"""Fully connected networks: those of the GAN paper for MNIST, and one for vectors."""

import keras

from gan_zoo.layers import Dropout, Maxout
from gan_zoo.networks.blocks import from_unit_image, to_logit, to_unit_image, uniform


def relu_generator(image_shape, latent_dim, width=1200):
    """The MNIST generator of the paper: z → 1200 ReLU → 1200 ReLU → image.

    Initial weights are uniform in ±0.05 as in the authors' settings. The output is the
    sigmoid of the paper, mapped from [0, 1] to [-1, 1].

    Args:
        image_shape: shape of an image without the batch axis.
        latent_dim: length of z.
        width: number of units of each hidden layer.

    Returns:
        Functional model (n, latent_dim) → (n, *image_shape) in [-1, 1].

    Reference: Goodfellow et al. 2014, 1406.2661, section 5 and the authors' settings.
    """
    z = keras.Input((latent_dim,))
    x = keras.layers.Dense(width, "relu", kernel_initializer=uniform(0.05))(z)
    x = keras.layers.Dense(width, "relu", kernel_initializer=uniform(0.05))(x)
    image = to_unit_image(x, image_shape, uniform(0.05))
    return keras.Model(z, image, name="generator")


def maxout_discriminator(image_shape, units=240, pieces=5):
    """The MNIST discriminator of the paper: two maxout layers with dropout.

    Dropout removes 20 % of the pixels and half of the hidden units. Initial weights are
    uniform in ±0.005. Both are the authors' settings. The first layer gets pixels in
    [0, 1], as in the paper. In [-1, 1] the squared norm of a mostly black digit is 6 to
    8 times as large, and the learning rates of the paper are then too large.

    Args:
        image_shape: shape of an image without the batch axis.
        units: number of outputs of each maxout layer.
        pieces: number of linear functions per output.

    Returns:
        Functional model (n, *image_shape) → logits (n, 1).

    Reference: Goodfellow et al. 2014, 1406.2661, section 5 and the authors' settings.
    """
    image = keras.Input(image_shape)
    x = Dropout(0.2)(from_unit_image(image))
    x = Maxout(units, pieces, uniform(0.005))(x)
    x = Dropout(0.5)(x)
    x = Maxout(units, pieces, uniform(0.005))(x)
    x = Dropout(0.5)(x)
    logit = to_logit(x, uniform(0.005))
    return keras.Model(image, logit, name="discriminator")


def mlp(inputs, outputs, width=64, depth=2, activation="relu", name=None, seed=None):
    """A multilayer perceptron, the network for the toy distributions.

    Args:
        inputs: length of the input vector.
        outputs: length of the output vector, which is linear.
        width: number of units of each hidden layer.
        depth: number of hidden layers.
        activation: Keras activation of the hidden layers.
        name: name of the model.
        seed: integer seed of the initial weights; None for Keras's own seed.

    Returns:
        Functional model (n, inputs) → (n, outputs).
    """

    def dense(layer, units, *args, **kwargs):
        layer_seed = None if seed is None else 100 * seed + layer
        weights = keras.initializers.GlorotUniform(layer_seed)  # the default of Dense
        return keras.layers.Dense(units, *args, kernel_initializer=weights, **kwargs)

    x = vector = keras.Input((inputs,))
    for layer in range(depth):
        x = dense(layer, width, activation)(x)
    x = dense(depth, outputs, dtype="float32")(x)
    return keras.Model(vector, x, name=name)
