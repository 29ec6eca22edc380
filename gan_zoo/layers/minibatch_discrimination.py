"""Minibatch discrimination: the closeness of each sample to the rest of the batch."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class MinibatchDiscrimination(keras.layers.Layer):
    """Appends B features to each row that measure its closeness to the batch.

    With a tensor T of shape A × B × C and M_i = f(x_i) · T, a B × C matrix:

        c_b(x_i, x_j) = exp(−‖M_i,b − M_j,b‖₁)
        o(x_i)_b = Σ_j c_b(x_i, x_j), j over the whole batch, x_i itself included

    With these features a discriminator can detect that a generator makes similar
    images. Under a strategy the batch is the global batch. Memory grows with the square
    of its size: n² · B numbers.

    Args:
        kernels: B, number of features appended to a row.
        kernel_dim: C, length of the vectors that are compared.
        kernel_initializer: Keras initializer of T, as a matrix (A, B · C). With the
            default, distances are of order 1. For much larger distances, exp has no
            gradient.

    Input (n, A), output (n, A + B).

    Reference: Salimans et al. 2016, Improved Techniques for Training GANs, 1606.03498,
    section 3.2; B and C from the authors' code.
    """

    # Of which gradient penalties ask; see `objectives.penalties.check_row_by_row`.
    compares_rows = True

    def __init__(
        self,
        kernels=100,
        kernel_dim=5,
        kernel_initializer="lecun_normal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.kernels = kernels
        self.kernel_dim = kernel_dim
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.kernels * self.kernel_dim),
            initializer=self.kernel_initializer,
        )

    def call(self, x):
        rows = ops.cast(ops.matmul(x, self.kernel), "float32")
        all_rows = backend.gather(rows)
        # (n, B * C) -> C matrices (n, B), so that no array of size n² * B * C is
        # needed.
        distance = sum(
            ops.abs(mine[:, None] - theirs[None])  # (n, N, B)
            for mine, theirs in zip(
                self._slices(rows), self._slices(all_rows), strict=True
            )
        )
        closeness = ops.sum(ops.exp(-distance), axis=1)  # (n, B)
        return ops.concatenate([x, ops.cast(closeness, x.dtype)], axis=-1)

    def _slices(self, x):
        x = ops.reshape(x, (-1, self.kernels, self.kernel_dim))
        return [x[..., c] for c in range(self.kernel_dim)]

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.kernels)

    def get_config(self):
        return super().get_config() | {
            "kernels": self.kernels,
            "kernel_dim": self.kernel_dim,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
