"""Dropout with stateless masks, which do not depend on the number of replicas."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class Dropout(keras.layers.Layer):
    """Sets a fraction of the inputs to 0 in training and scales the others.

    `keras.layers.Dropout` has a seed state that checkpoints do not save, and its masks
    are equal on all replicas. Here the masks are drawn in the scope `backend.draws` of
    the training step. A resumed run therefore repeats them, and each replica has its
    own masks.

    Args:
        rate: fraction of the inputs to drop, in [0, 1).
        always: whether to drop at inference too, inside `backend.draws`. The noise of
            pix2pix is such a dropout. At inference all rows get one mask, so that what
            is made of a row does not depend on the other rows.

    Raises:
        ValueError: if `rate` is outside [0, 1).
        RuntimeError: if called with `training=True` outside `backend.draws`.

    Reference: Srivastava et al. 2014, Dropout.
    """

    def __init__(self, rate, always=False, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"Expected rate in [0, 1), got {rate!r}.")
        self.rate = rate
        self.always = always

    def call(self, x, training=False):
        if self.rate == 0 or not (training or (self.always and backend.drawing())):
            return x
        keep = 1.0 - self.rate
        shape = tuple(ops.shape(x))
        if training:
            numbers = backend.uniform(shape)
        else:
            numbers = backend.uniform((1, *shape[1:]), shared=True)
        kept = numbers < keep
        return ops.where(kept, x / keep, ops.zeros_like(x))

    def get_config(self):
        return super().get_config() | {"rate": self.rate, "always": self.always}
