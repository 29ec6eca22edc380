"""Instance normalisation, faster than Keras's."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class InstanceNormalization(keras.layers.GroupNormalization):
    """Normalises each channel of each image over its pixels, by a fused kernel.

    It has the weights of `keras.layers.GroupNormalization(groups=-1)`, and its results
    for the same epsilon, to the rounding of float32.

    Args:
        epsilon: added to the variance.
        **kwargs: as in `keras.layers.GroupNormalization`, without `groups` and `axis`.

    Input and output (n, h, w, c).

    Reference: Ulyanov et al. 2016, Instance Normalization, 1607.08022, equation 1.
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(groups=-1, axis=-1, epsilon=epsilon, **kwargs)

    def build(self, input_shape):
        """Makes scale and offset, (c,) each, if there are any."""
        if len(input_shape) != 4:
            raise ValueError(
                f"Expected images (n, h, w, c), got the shape {tuple(input_shape)}. "
                "Use keras.layers.LayerNormalization for vectors."
            )
        super().build(input_shape)

    def call(self, inputs):
        channels = (inputs.shape[-1],)
        normalised = backend.instance_norm(
            # Squares of half precision overflow.
            ops.cast(inputs, "float32"),
            ops.cast(self.gamma, "float32") if self.scale else ops.ones(channels),
            ops.cast(self.beta, "float32") if self.center else ops.zeros(channels),
            self.epsilon,
        )
        return ops.cast(normalised, self.compute_dtype)

    def get_config(self):
        """Its arguments, without those that say that a group is a channel."""
        config = super().get_config()
        return {key: config[key] for key in config if key not in ("groups", "axis")}
