"""Doubling and halving of feature maps with the low-pass filter [1, 3, 3, 1]."""

import keras
import numpy as np
from keras import ops

FIR = (1, 3, 3, 1)


def depthwise_filter(taps, channels, dtype):
    """The separable kernel (k, k, c, 1) of a filter, with the sum 1 per channel.

    Args:
        taps: list of k numbers.
        channels: c.
        dtype: of the kernel.
    """
    taps = np.asarray(taps, "float32") / np.sum(taps)
    kernel = np.tile(np.outer(taps, taps)[:, :, None, None], (1, 1, channels, 1))
    return ops.convert_to_tensor(kernel, dtype)


@keras.saving.register_keras_serializable("gan_zoo")
class FIRUpsample(keras.layers.Layer):
    """Doubles height and width: zeros between the pixels, then 4 [1, 3, 3, 1]² / 64.

    The image is continued by zeros. Input (n, h, w, c), output (n, 2h, 2w, c).

    Reference: Karras et al. 2019, 1912.04958, appendix B; Huang et al. 2025,
    2501.05441, has the same filter.
    """

    def call(self, x):
        # [1, 3, 3, 1] = [1, 1] * [1, 2, 1], and the first repeats each pixel.
        x = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)
        kernel = depthwise_filter([1, 2, 1], x.shape[-1], x.dtype)
        return ops.depthwise_conv(x, kernel, 1, padding="same")

    def compute_output_shape(self, input_shape):
        n, *sides, channels = input_shape
        return (n, *(side and 2 * side for side in sides), channels)


@keras.saving.register_keras_serializable("gan_zoo")
class FIRDownsample(keras.layers.Layer):
    """Halves height and width: the filter [1, 3, 3, 1]² / 64, then every second pixel.

    The image is continued by zeros. Input (n, h, w, c) of even h and w, output
    (n, h / 2, w / 2, c).

    Reference: as `FIRUpsample`.
    """

    def call(self, x):
        kernel = depthwise_filter(FIR, x.shape[-1], x.dtype)
        return ops.depthwise_conv(x, kernel, 2, padding="same")

    def compute_output_shape(self, input_shape):
        n, *sides, channels = input_shape
        return (n, *(side and side // 2 for side in sides), channels)
