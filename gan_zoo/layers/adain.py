"""Adaptive instance normalisation."""

import keras
from keras import ops

from gan_zoo.layers.equalized_dense import EqualizedDense


@keras.saving.register_keras_serializable("gan_zoo")
class AdaIN(keras.layers.Layer):
    """y_s(w) · (x − μ(x)) / σ(x) + y_b(w), mean and std per image and channel.

    (y_s − 1, y_b) is an affine function A of the style w. Its initial bias is 0.

    Call with a list: x (n, h, w, c) and w (n, d). Output as x.

    Reference: Karras et al. 2018, 1812.04948, equation 1; Huang & Belongie 2017,
    1703.06868.
    """

    def build(self, input_shape):
        features, style = input_shape
        self.affine = EqualizedDense(2 * features[-1], name="affine")
        self.affine.build(style)

    def call(self, inputs):
        x, w = inputs
        # (n, d) -> (n, 1, 1, 2c) -> twice (n, 1, 1, c)
        style = ops.cast(self.affine(w), "float32")[:, None, None, :]
        scale, shift = ops.split(style, 2, axis=-1)
        # In half precision 1e-8 is 0, and the difference below cancels.
        features = ops.cast(x, "float32")
        mean, variance = ops.moments(features, axes=(1, 2), keepdims=True)
        # One multiplication and one addition per pixel. All else is per channel.
        scale = (1.0 + scale) * ops.rsqrt(variance + 1e-8)
        return ops.cast(features * scale + (shift - mean * scale), x.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0]
