"""Stateless Gaussian noise, which does not depend on the number of replicas."""

import keras

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class GaussianNoise(keras.layers.Layer):
    """x + stddev · N(0, 1) in training, x otherwise.

    `keras.layers.GaussianNoise` has a seed state that checkpoints do not save, and its
    noise is equal on all replicas. Here the noise is drawn in the scope
    `backend.draws`, as in `Dropout`.

    Args:
        stddev: standard deviation of the noise, at least 0.

    Input and output of any shape (n, ...).

    Raises:
        ValueError: if `stddev` is negative.
        RuntimeError: if called with `training=True` outside `backend.draws`.
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
