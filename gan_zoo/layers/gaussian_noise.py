"""Gaussian noise that is stateless and the same for any number of replicas."""

import keras

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class GaussianNoise(keras.layers.Layer):
    """x + stddev · N(0, 1) in training, x otherwise.

    `keras.layers.GaussianNoise` keeps a seed state that no checkpoint saves and that
    makes replicas draw equal noise; here it comes from the draw scope that training
    opens, as in `Dropout`.

    Args:
        stddev: standard deviation of the noise, at least 0.

    Input and output of any shape (n, ...).

    Raises:
        ValueError: when `stddev` is negative.
        RuntimeError: when called with `training=True` outside a draw scope.
    """

    def __init__(self, stddev, **kwargs):
        super().__init__(**kwargs)
        if stddev < 0:
            raise ValueError(f"Expected stddev of at least 0, got {stddev!r}.")
        self.stddev = stddev

    def call(self, x, training=False):
        if not training:
            return x
        return x + self.stddev * backend.normal(tuple(keras.ops.shape(x)), x.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"stddev": self.stddev}
