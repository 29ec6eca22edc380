"""A convolution whose weights are scaled by a style (StyleGAN2)."""

import keras
import numpy as np
from keras import ops

from gan_zoo.layers.equalized_dense import EqualizedDense
from gan_zoo.layers.folding import check_resample, resampled_conv, resampled_shape


@keras.saving.register_keras_serializable("gan_zoo")
class ModulatedConv2D(keras.layers.Layer):
    """SAME convolution with weights s_i(w) W_ijk, of length 1 for each output channel.

    The style w gives a scale s_i for each input channel, by an affine function whose
    bias is initially 1. With demodulation, output channel j is divided by
    √(Σ_ik (s_i W_ijk)² + 1e-8): for an input of independent numbers of variance 1, the
    output has variance 1. Without it, W is divided by √(fan in).

    The scales are applied to the input and to the output of one convolution for all
    images, which is the same and much faster than a kernel per image.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        demodulate: whether to divide as said above.
        resample: None, or "fir_up" for doubling by the filter [1, 3, 3, 1].

    Call with a list: x (n, h, w, c) and w (n, d). Output (n, h', w', filters).

    Raises:
        ValueError: for another `resample`, or resampling with a kernel other than 3×3.

    Reference: Karras et al. 2019, Analyzing and Improving the Image Quality of
    StyleGAN, 1912.04958, equations 1 and 3.
    """

    def __init__(
        self, filters, kernel_size=3, demodulate=True, resample=None, **kwargs
    ):
        super().__init__(**kwargs)
        check_resample(resample, kernel_size)
        self.filters = filters
        self.kernel_size = kernel_size
        self.demodulate = demodulate
        self.resample = resample

    def build(self, input_shape):
        features, style = input_shape
        shape = (self.kernel_size, self.kernel_size, features[-1], self.filters)
        self.scale = 1.0 if self.demodulate else float(np.prod(shape[:3])) ** -0.5
        self.kernel = self.add_weight(
            name="kernel",
            shape=shape,
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )
        self.affine = EqualizedDense(
            features[-1], bias_initializer="ones", name="affine"
        )
        self.affine.build(style)

    def call(self, inputs):
        x, w = inputs
        styles = self.affine(w) * self.scale  # (n, c)
        y = resampled_conv(
            x * styles[:, None, None, :],
            ops.convert_to_tensor(self.kernel),
            self.resample,
        )
        if not self.demodulate:
            return y
        # Sums of squares overflow in half precision.
        squares = ops.square(ops.cast(styles, "float32"))
        lengths = ops.sum(ops.square(ops.cast(self.kernel, "float32")), axis=(0, 1))
        factors = ops.rsqrt(ops.matmul(squares, lengths) + 1e-8)  # (n, filters)
        return y * ops.cast(factors, y.dtype)[:, None, None, :]

    def compute_output_shape(self, input_shape):
        return resampled_shape(input_shape[0], self.filters, self.resample)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "demodulate": self.demodulate,
            "resample": self.resample,
        }
