"""A bias per channel, which is added later than the convolution."""

import keras


@keras.saving.register_keras_serializable("gan_zoo")
class ChannelBias(keras.layers.Layer):
    """x + b, with one trainable number per channel. Input and output (..., c)."""

    def build(self, input_shape):
        self.bias = self.add_weight(
            name="bias", shape=(input_shape[-1],), initializer="zeros"
        )

    def call(self, x):
        return x + self.bias
