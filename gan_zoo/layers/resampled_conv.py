"""Keras's convolution, alone or fused with resampling."""

import keras
from keras import ops

from gan_zoo.layers.folding import check_resample, resampled_conv, resampled_shape


@keras.saving.register_keras_serializable("gan_zoo")
class ResampledConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D`, SAME by default, that can double or halve the image.

    Args:
        filters: output channels.
        kernel_size: side of the kernel, or (height, width).
        resample: None; "up" for nearest ×2 upsampling before the convolution; "down"
            for 2×2 average pooling after it. Both are exact (pooling for even sides)
            and cost one convolution.
        padding: as in Keras.
        **kwargs: as in `keras.layers.Conv2D`.

    Input (n, h, w, c); output (n, h, w, filters), h and w doubled or halved.

    Raises:
        ValueError: when `resample` comes with a kernel other than 3×3, or with
            strides, dilation, groups or padding of its own.
    """

    def __init__(self, filters, kernel_size=3, resample=None, padding="same", **kwargs):
        super().__init__(filters, kernel_size, padding=padding, **kwargs)
        height, width = self.kernel_size
        check_resample(resample, height if height == width else self.kernel_size)
        plain = {
            "strides": (1, 1),
            "dilation_rate": (1, 1),
            "groups": 1,
            "padding": "same",
            "data_format": "channels_last",
        }
        if resample:
            for name, wanted in plain.items():
                if getattr(self, name) != wanted:
                    raise ValueError(
                        f"resample={resample!r} is folded into a convolution of "
                        f"{name}={wanted!r}, got {getattr(self, name)!r}."
                    )
        self.resample = resample

    def convolution_op(self, inputs, kernel):
        """Keras's hook for what is done with the kernel."""
        if self.resample is None:
            return super().convolution_op(inputs, kernel)
        return resampled_conv(inputs, ops.convert_to_tensor(kernel), self.resample)

    def compute_output_shape(self, input_shape):
        if self.resample is None:
            return super().compute_output_shape(input_shape)
        return resampled_shape(input_shape, self.filters, self.resample)

    def get_config(self):
        return super().get_config() | {"resample": self.resample}
