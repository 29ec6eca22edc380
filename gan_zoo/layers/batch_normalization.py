"""Batch normalisation, faster than Keras's and the same on several replicas."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` over a fused kernel.

    It has the arguments, weights and results of Keras's layer, to rounding. Statistics
    are those of the global batch under a strategy unless `synchronized=False`. They are
    reduced in two passes, mean first, so that several replicas give the numbers of one
    device. Keras's layer loses digits there: it takes E[x²] − E[x]².

    Args:
        synchronized: whether statistics are those of the global batch.
        **kwargs: as in `keras.layers.BatchNormalization`.

    Input and output (n, ..., c).

    Raises:
        ValueError: for `renorm=True`, or another axis than the last; in training inside
            `backend.input_gradient`, which takes the gradient of each row separately.

    Reference: Ioffe & Szegedy 2015, Batch Normalization, 1502.03167, algorithm 1.
    """

    def __init__(self, synchronized=True, **kwargs):
        super().__init__(synchronized=synchronized, **kwargs)
        if self.renorm or self.axis != -1:
            raise ValueError(
                "Expected batch normalisation over the last axis, without renorm, got "
                f"axis={self.axis}, renorm={self.renorm}. Use "
                "keras.layers.BatchNormalization."
            )

    def call(self, inputs, training=False, mask=None):
        if not (training and self.trainable) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        if backend.is_row_by_row():
            raise ValueError(
                f"{self.name} normalises over the batch, so the gradient of one row "
                "also depends on the others. Use a network without batch norm, or with "
                "layer norm, for a gradient penalty."
            )
        channels = (inputs.shape[-1],)
        normalised, mean, variance = backend.batch_norm(
            # Squares of half precision overflow.
            ops.cast(inputs, "float32"),
            ops.cast(self.gamma, "float32") if self.scale else ops.ones(channels),
            ops.cast(self.beta, "float32") if self.center else ops.zeros(channels),
            self.epsilon,
            self.synchronized,
        )
        moved = [(self.moving_mean, mean), (self.moving_variance, variance)]
        for moving, new in moved:
            moving.assign(moving * self.momentum + new * (1.0 - self.momentum))
        return ops.cast(normalised, self.compute_dtype)
