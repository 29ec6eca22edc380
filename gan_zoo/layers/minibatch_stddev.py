"""Minibatch standard deviation, a feature of the discriminator."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class MinibatchStddev(keras.layers.Layer):
    """Appends a channel: the mean standard deviation of features in a group of samples.

    A group consists of consecutive samples. (The authors use samples at a distance.
    Samples are independent, so both are equivalent.) A group is therefore on one
    replica. Results equal those of one device if the batch of each replica is a
    multiple of the group size. If the batch size is not a multiple of it, the whole
    batch is one group.

    Args:
        group_size: number of samples in a group.

    Input (n, h, w, c), output (n, h, w, c + 1).

    Reference: Karras et al. 2017, 1710.10196, section 3.
    """

    def __init__(self, group_size=4, **kwargs):
        super().__init__(**kwargs)
        self.group_size = group_size

    def call(self, x):
        count, (_, rows, columns, channels) = ops.shape(x)[0], x.shape
        size = self.group_size
        if not isinstance(count, int):  # known only when the graph runs
            size = ops.where(count % size == 0, size, count)
        elif count % size:
            size = count
        # (n, h, w, c) -> (n / g, g, h, w, c)
        groups = ops.reshape(
            ops.cast(x, "float32"), (count // size, size, rows, columns, channels)
        )
        variance = ops.var(groups, axis=1)  # biased, as in the authors' code
        spread = ops.mean(ops.sqrt(variance + 1e-8), axis=(1, 2, 3))  # (n / g,)
        # Every sample of a group gets the number of its group at every pixel.
        spread = ops.repeat(spread, size, axis=0)
        spread = ops.reshape(spread, (count, 1, 1, 1))
        spread = ops.broadcast_to(spread, (count, rows, columns, 1))
        return ops.concatenate([x, ops.cast(spread, x.dtype)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return super().get_config() | {"group_size": self.group_size}
