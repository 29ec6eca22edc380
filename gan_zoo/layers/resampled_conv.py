"""Keras's convolution with optional resampling."""

import keras
from keras import ops

from gan_zoo.layers.folding import check_resample, resampled_conv, resampled_shape


@keras.saving.register_keras_serializable("gan_zoo")
class ResampledConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` that can double or halve the size of the image.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel, one number or (height, width).
        resample: None; "up" for nearest ×2 upsampling before the convolution; "down"
            for 2×2 average pooling after it. Both are exact (pooling for even sizes)
            and take one convolution. "fir_up" and "fir_down" as in
            `folding.resampled_conv`.
        padding: as in Keras; SAME by default.
        **kwargs: as in `keras.layers.Conv2D`.

    Input (n, h, w, c); output (n, h, w, filters), h and w doubled or halved.

    Raises:
        ValueError: if `resample` is used with a kernel other than 3×3, or with other
            strides, dilation, groups or padding than the defaults.
    """

    def __init__(self, filters, kernel_size=3, resample=None, padding="same", **kwargs):
        super().__init__(filters, kernel_size, padding=padding, **kwargs)
        height, width = self.kernel_size
        check_resample(resample, height if height == width else self.kernel_size)
        defaults = {
            "strides": (1, 1),
            "dilation_rate": (1, 1),
            "groups": 1,
            "padding": "same",
            "data_format": "channels_last",
        }
        if resample:
            for name, value in defaults.items():
                if getattr(self, name) != value:
                    raise ValueError(
                        f"Expected {name}={value!r} with resample={resample!r}, got "
                        f"{getattr(self, name)!r}."
                    )
        self.resample = resample

    def convolution_op(self, inputs, kernel):
        """Applies the kernel to the inputs. Keras calls this method."""
        if self.resample is None:
            return super().convolution_op(inputs, kernel)
        return resampled_conv(inputs, ops.convert_to_tensor(kernel), self.resample)

    def compute_output_shape(self, input_shape):
        if self.resample is None:
            return super().compute_output_shape(input_shape)
        return resampled_shape(input_shape, self.filters, self.resample)

    def get_config(self):
        return super().get_config() | {"resample": self.resample}
