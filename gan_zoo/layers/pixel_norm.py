"""Pixelwise feature vector normalisation."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class PixelNorm(keras.layers.Layer):
    """x / √(mean over channels of x² + 1e-8): every feature vector gets the norm √c.

    Input and output (..., c).

    Reference: Karras et al. 2017, 1710.10196, section 4.2.
    """

    def call(self, x):
        wide = ops.cast(x, "float32")  # in half precision 1e-8 is 0
        mean = ops.mean(ops.square(wide), axis=-1, keepdims=True)
        return ops.cast(wide * ops.rsqrt(mean + 1e-8), x.dtype)
