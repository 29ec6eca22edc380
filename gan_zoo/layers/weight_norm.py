"""Weight normalisation: layers whose weights are a norm times a direction."""

import keras
from keras import ops


class _WeightNorm:
    """Mixin for a Keras layer. The layer uses W = g · v / ‖v‖, per output channel.

    v is the `kernel` of the layer, and g is its `scale`. The initial value of g is ‖v‖,
    so the initial layer equals the Keras layer. Both are float32 under mixed precision.
    """

    def __init__(self, *args, train_scale=True, **kwargs):
        super().__init__(*args, **kwargs)
        if getattr(self, "data_format", "channels_last") != "channels_last":
            raise ValueError(
                f"{type(self).__name__} takes images (n, h, w, c) only, got "
                f"data_format={self.data_format!r}."
            )
        self.train_scale = train_scale

    def add_weight(self, **kwargs):
        # Not cast under mixed precision: see above.
        return super().add_weight(autocast=False, **kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        self.scale = self.add_weight(
            name="scale",
            shape=(self.kernel.shape[-1],),
            initializer=lambda *_, **__: self._norm(),
            trainable=self.train_scale,
        )

    def _norm(self):
        """‖v‖ of each output channel, (channels,)."""
        axes = tuple(range(len(self.kernel.shape) - 1))
        # The square root of 0 has no gradient.
        return ops.sqrt(ops.sum(ops.square(self.kernel), axis=axes) + 1e-12)

    def normalized(self):
        """The weight g · v / ‖v‖ in the compute dtype."""
        return ops.cast(self.kernel * (self.scale / self._norm()), self.compute_dtype)

    def _finish(self, y):
        """Adds the bias and applies the activation."""
        if self.use_bias:
            y = y + ops.cast(self.bias, y.dtype)
        return y if self.activation is None else self.activation(y)

    def save_own_variables(self, store):
        # Keras's layers save only their own variables, by name.
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store):
        keras.layers.Layer.load_own_variables(self, store)

    def get_config(self):
        return super().get_config() | {"train_scale": self.train_scale}


@keras.saving.register_keras_serializable("gan_zoo")
class WeightNormDense(_WeightNorm, keras.layers.Dense):
    """Dense layer with the kernel g · v / ‖v‖, normalised per output unit.

    Args:
        units: number of outputs.
        train_scale: whether g is trained.
        **kwargs: as in `keras.layers.Dense`.

    Input (n, d), output (n, units). `kernel` is v, `scale` is g.

    Reference: Salimans & Kingma 2016, Weight Normalization, 1602.07868, equation 2.
    """

    def call(self, x):
        return self._finish(ops.matmul(x, self.normalized()))


@keras.saving.register_keras_serializable("gan_zoo")
class WeightNormConv2D(_WeightNorm, keras.layers.Conv2D):
    """Convolution with the kernel g · v / ‖v‖, normalised per output channel.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        train_scale: whether g is trained.
        **kwargs: as in `keras.layers.Conv2D`; images are (n, h, w, c).

    Input (n, h, w, c), output (n, h', w', filters). `kernel` is v, `scale` is g.

    Raises:
        ValueError: for channels_first.

    Reference: Salimans & Kingma 2016, Weight Normalization, 1602.07868, equation 2.
    """

    def call(self, x):
        return self._finish(self.convolution_op(x, self.normalized()))
