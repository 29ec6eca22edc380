"""The running mean w̄ of styles, for the truncation trick."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class MeanStyle(keras.layers.Layer):
    """The identity of w; in training it also moves w̄ towards the batch's mean.

    w̄ ← decay · w̄ + (1 − decay) · mean(w).

    Args:
        decay: decay of the running mean, per call.

    Input and output (n, d). `mean` is w̄, of shape (d,).

    Reference: Karras et al. 2018, 1812.04948, appendix B; 0.995 from the released code.
    """

    def __init__(self, decay=0.995, **kwargs):
        super().__init__(**kwargs)
        self.decay = decay

    def build(self, input_shape):
        self.mean = self.add_weight(
            name="mean",
            shape=(input_shape[-1],),
            initializer="zeros",
            trainable=False,
            aggregation="mean",
            autocast=False,
        )

    def call(self, w, training=False):
        if training:
            batch_mean = ops.mean(ops.cast(w, "float32"), axis=0)
            self.mean.assign(self.mean + (1 - self.decay) * (batch_mean - self.mean))
        return w

    def get_config(self):
        return super().get_config() | {"decay": self.decay}
