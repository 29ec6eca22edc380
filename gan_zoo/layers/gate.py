"""A gated nonlinearity: one half of the channels scales the other."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class Gate(keras.layers.Layer):
    """σ(a) · tanh(b), where a and b are the two halves of the channels.

    Input (..., 2c), output (..., c).

    Raises:
        ValueError: for an odd number of channels.

    Reference: van den Oord et al. 2016, Conditional Image Generation with PixelCNN
    Decoders, 1606.05328, equation 2.
    """

    def build(self, input_shape):
        if input_shape[-1] % 2:
            raise ValueError(
                f"Expected an even number of channels, got {input_shape[-1]}."
            )

    def call(self, x):
        gate, values = ops.split(x, 2, axis=-1)
        return ops.sigmoid(gate) * ops.tanh(values)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] // 2)
