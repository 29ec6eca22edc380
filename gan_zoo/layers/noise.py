"""Noise added to feature maps, one number per pixel."""

import keras

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class NoiseInjection(keras.layers.Layer):
    """x + strength · noise: one image of noise per sample, and learned strengths.

    Inside `backend.draws`, for example in training, the noise is new in every call.
    Outside it, the noise is a constant image, which is stored with the weights. A
    latent then always gives the same image.

    Args:
        per_channel: whether each channel has a strength of its own, as in StyleGAN;
            False for one strength, as in StyleGAN2.

    Input and output (n, h, w, c).

    Reference: Karras et al. 2018, 1812.04948, section 2, input B of figure 1; 2019,
    1912.04958, figure 2.
    """

    def __init__(self, per_channel=True, **kwargs):
        super().__init__(**kwargs)
        self.per_channel = per_channel

    def build(self, input_shape):
        _, rows, columns, channels = input_shape
        self.strength = self.add_weight(
            name="strength",
            shape=(channels,) if self.per_channel else (),
            initializer="zeros",
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

    def get_config(self):
        return super().get_config() | {"per_channel": self.per_channel}
