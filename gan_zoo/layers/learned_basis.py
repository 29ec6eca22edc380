"""Feature maps from a vector: one trainable map per channel, times a number."""

import keras


@keras.saving.register_keras_serializable("gan_zoo")
class LearnedBasis(keras.layers.Layer):
    """b · x: each channel's number times a trainable map of that channel.

    Args:
        size: (height, width) of the maps, initially N(0, 1).

    Input (n, c), output (n, height, width, c).

    Reference: Huang et al. 2025, The GAN is dead; long live the GAN!, 2501.05441,
    and the authors' code.
    """

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = tuple(size)

    def build(self, input_shape):
        self.basis = self.add_weight(
            name="basis",
            shape=(*self.size, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )

    def call(self, x):
        return x[:, None, None, :] * self.basis

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.size, input_shape[-1])

    def get_config(self):
        return super().get_config() | {"size": self.size}
