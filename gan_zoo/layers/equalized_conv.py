"""A convolution with an equalised learning rate and optional resampling."""

import keras
import numpy as np

from gan_zoo.layers.folding import check_resample, resampled_conv, resampled_shape


@keras.saving.register_keras_serializable("gan_zoo")
class EqualizedConv2D(keras.layers.Layer):
    """SAME convolution with weights (gain / √fan_in) W, W ~ N(0, 1), and a bias.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        gain: √2 before a (leaky) ReLU, 1 before a linear output.
        resample: None; "up" for nearest ×2 upsampling before the convolution; "down"
            for 2×2 average pooling after it. Both are exact and cost one convolution.
            "fir_up" and "fir_down" as in `folding.resampled_conv`.
        use_bias: whether to add a bias. (StyleGAN adds it after the noise instead.)

    Input (n, h, w, c); output (n, h, w, filters), h and w doubled or halved.

    Raises:
        ValueError: if `resample` is used with another kernel size than 3.

    Reference: Karras et al. 2017, 1710.10196, section 4.1.
    """

    def __init__(
        self,
        filters,
        kernel_size=3,
        gain=2**0.5,
        resample=None,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_resample(resample, kernel_size)
        self.filters = filters
        self.kernel_size = kernel_size
        self.gain = gain
        self.resample = resample
        self.use_bias = use_bias

    def build(self, input_shape):
        shape = (self.kernel_size, self.kernel_size, input_shape[-1], self.filters)
        self.scale = self.gain / float(np.prod(shape[:3])) ** 0.5
        self.kernel = self.add_weight(
            name="kernel",
            shape=shape,
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer="zeros"
            )

    def call(self, x):
        x = resampled_conv(x, self.kernel * self.scale, self.resample)
        return x + self.bias if self.use_bias else x

    def compute_output_shape(self, input_shape):
        return resampled_shape(input_shape, self.filters, self.resample)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "gain": self.gain,
            "resample": self.resample,
            "use_bias": self.use_bias,
        }
