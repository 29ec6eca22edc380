"""Minibatch discrimination: how close each sample of a batch is to the others."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class MinibatchDiscrimination(keras.layers.Layer):
    """Appends to each row, B times over, how much company it has in the batch.

    With a tensor T of shape A × B × C and M_i = f(x_i) · T, a B × C matrix:

        c_b(x_i, x_j) = exp(−‖M_i,b − M_j,b‖₁)
        o(x_i)_b = Σ_j c_b(x_i, x_j), j over the whole batch, x_i itself included

    A discriminator sees by it that a generator makes all images alike. Under a strategy
    the batch is the global one. Memory grows with its square: n² · B numbers.

    Args:
        kernels: B, numbers appended to a row.
        kernel_dim: C, length of the vectors that are compared.
        kernel_initializer: Keras initializer of T, as a matrix (A, B · C). The default
            keeps the distances of order 1; far beyond that, exp has no gradient.

    Input (n, A), output (n, A + B).

    Reference: Salimans et al. 2016, Improved Techniques for Training GANs, 1606.03498,
    section 3.2; B and C from the authors' code.
    """

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
        own = ops.cast(ops.matmul(x, self.kernel), "float32")
        everyone = backend.gather(own)
        # (n, B * C) -> C matrices (n, B): the sum over C needs no array of n² * B * C.
        distance = sum(
            ops.abs(mine[:, None] - theirs[None])  # (n, N, B)
            for mine, theirs in zip(
                self._slices(own), self._slices(everyone), strict=True
            )
        )
        company = ops.sum(ops.exp(-distance), axis=1)  # (n, B)
        return ops.concatenate([x, ops.cast(company, x.dtype)], axis=-1)

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
