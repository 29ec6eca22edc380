"""Maxout: the maximum of several linear functions."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class Maxout(keras.layers.Layer):
    """h_i(x) = max_j (x · W_ij + b_ij), j over `pieces` linear functions per unit.

    Args:
        units: number of outputs.
        pieces: number of linear functions per output.
        kernel_initializer: Keras initializer of W.

    Input (n, d), output (n, units).

    Reference: Goodfellow et al. 2013, Maxout Networks, 1302.4389, section 2.
    """

    def __init__(self, units, pieces, kernel_initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.pieces = pieces
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        outputs = self.units * self.pieces
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], outputs),
            initializer=self.kernel_initializer,
        )
        self.bias = self.add_weight(name="bias", shape=(outputs,), initializer="zeros")

    def call(self, x):
        x = ops.matmul(x, self.kernel) + self.bias
        # (n, units * pieces) -> (n, units, pieces)
        return ops.max(ops.reshape(x, (-1, self.units, self.pieces)), axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "pieces": self.pieces,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
