"""A leaky ReLU that keeps the variance of its input."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class ScaledLeakyReLU(keras.layers.Layer):
    """√2 · max(x, slope · x). Input and output of any shape.

    Args:
        slope: of negative numbers.
        gain: what the result is multiplied by.

    Reference: Karras et al. 2019, 1912.04958, the authors' code.
    """

    def __init__(self, slope=0.2, gain=2**0.5, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope
        self.gain = gain

    def call(self, x):
        # One kernel for the activation, one for the product.
        return ops.leaky_relu(x, self.slope) * self.gain

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"slope": self.slope, "gain": self.gain}
