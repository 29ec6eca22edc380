"""A vector as further channels of a feature map."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="gan_zoo")
class LatentChannels(keras.layers.Layer):
    """Appends each number of a vector to a feature map, as a channel of that value.

    Inputs [maps (n, h, w, c), vectors (n, k)], output (n, h, w, c + k); h and w may be
    open. It has no weights.
    """

    def call(self, inputs):
        """Maps with the vectors' numbers as channels."""
        maps, vectors = inputs
        # (n, k) -> (n, 1, 1, k) -> (n, h, w, k)
        shape = (*ops.shape(maps)[:3], vectors.shape[-1])
        vectors = ops.cast(vectors, maps.dtype)[:, None, None, :]
        return ops.concatenate([maps, ops.broadcast_to(vectors, shape)], axis=-1)

    def compute_output_shape(self, input_shape):
        """(n, h, w, c + k)."""
        maps, vectors = input_shape
        return (*maps[:3], maps[-1] + vectors[-1])
