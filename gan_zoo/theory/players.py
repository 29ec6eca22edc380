"""A generator of points on a line, and its gradient through a discriminator."""

import keras
import numpy as np
from keras import ops

from gan_zoo import backend


def shifted_noise(shift, scale=1.0, trainable=False):
    """The generator G(z) = shift + scale z.

    Args:
        shift: the sample for z = 0.
        scale: factor of the noise; 0 gives a single point.
        trainable: whether training may change both numbers.

    Returns:
        Functional model (n, 1) → (n, 1).
    """
    z = keras.Input((1,))
    generator = keras.Model(z, keras.layers.Dense(1)(z), name="generator")
    generator.set_weights([np.array([[scale]]), np.array([shift])])
    generator.trainable = trainable
    return generator


def scores(gan, x):
    """D's logits (n, 1), or the critic's scores, of points (n, 1)."""
    return gan.discriminate(x, {})[0]


def gradient_of_shift(gan, fake):
    """dL_G/dθ of a generator that shifts its samples by θ.

    Args:
        gan: a `gan_zoo.GAN` or variant on (1,) vectors.
        fake: its samples, float32 array (n, 1).

    Returns:
        Float.
    """
    fake = ops.convert_to_tensor(fake)

    def loss(shift):
        return gan.generator_loss(scores(gan, fake + shift))

    return float(backend.input_gradient(loss, ops.zeros((1, 1)))[0, 0])
