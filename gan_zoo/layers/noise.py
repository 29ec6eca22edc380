"""Noise added to feature maps, one number per pixel."""

import keras

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class NoiseInjection(keras.layers.Layer):
    """x + strength · noise: one image of noise per sample, one strength per channel.

    Inside `backend.draws`, for example in training, the noise is new in every call.
    Outside it, the noise is a constant image, which is stored with the weights. A
    latent then always gives the same image.

    Input and output (n, h, w, c).

    Reference: Karras et al. 2018, 1812.04948, section 2, input B of figure 1.
    """

    def build(self, input_shape):
        _, rows, columns, channels = input_shape
        self.strength = self.add_weight(
            name="strength", shape=(channels,), initializer="zeros"
        )
        self.constant = self.add_weight(
            name="constant",
            shape=(1, rows, columns, 1),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
        )

    def call(self, x):
        noise = self.constant
        if backend.drawing():
            count = keras.ops.shape(x)[0]
            noise = backend.normal((count, *self.constant.shape[1:]), x.dtype)
        return x + noise * self.strength
