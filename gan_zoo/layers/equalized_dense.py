"""A dense layer with an equalised learning rate."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class EqualizedDense(keras.layers.Layer):
    """y = x · (c W) + m b with W ~ N(0, 1/m²), c = m · gain / √d, m = `lr_multiplier`.

    He's constant is applied in each call and not at initialisation. The steps of Adam
    do not depend on the scale of a weight, so all layers learn at the same rate.

    Args:
        units: number of outputs.
        gain: √2 before a (leaky) ReLU, 1 before a linear output.
        lr_multiplier: m. StyleGAN's mapping network uses 0.01.
        bias_initializer: Keras initializer of b.

    Input (n, d), output (n, units).

    Reference: Karras et al. 2017, 1710.10196, section 4.1; m from the released code of
    StyleGAN, 1812.04948.
    """

    def __init__(
        self, units, gain=1.0, lr_multiplier=1.0, bias_initializer="zeros", **kwargs
    ):
        super().__init__(**kwargs)
        self.units = units
        self.gain = gain
        self.lr_multiplier = lr_multiplier
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape):
        fan_in = input_shape[-1]
        self.scale = self.lr_multiplier * self.gain / fan_in**0.5
        self.kernel = self.add_weight(
            name="kernel",
            shape=(fan_in, self.units),
            initializer=keras.initializers.RandomNormal(stddev=1 / self.lr_multiplier),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.units,), initializer=self.bias_initializer
        )

    def call(self, x):
        bias = self.bias * self.lr_multiplier
        return ops.matmul(x, self.kernel * self.scale) + bias

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "gain": self.gain,
            "lr_multiplier": self.lr_multiplier,
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }
