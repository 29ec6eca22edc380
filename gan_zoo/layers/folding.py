"""Resampling and a convolution together, in the form that takes the least time."""

import numpy as np
from keras import ops

from gan_zoo.layers.fir_resampling import FIR, depthwise_filter

_CHOICES = (None, "up", "down", "fir_up", "fir_down")
# Nearest ×2 upsampling followed by a 3×3 convolution is one 4×4 transposed convolution
# of stride 2. These are the sums of its three weights along one axis.
_UP = np.array([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], "float32")
# A 3×3 convolution followed by 2×2 average pooling is one 4×4 convolution of stride 2.
_DOWN = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], "float32") / 2


def fold_upsampling(kernel):
    """The 4×4 kernel of `conv3x3(nearest_up2(x))` as a transposed convolution.

    The result is exact and needs 2.25 times fewer operations. Use stride 2 and SAME
    padding.

    Args:
        kernel: (3, 3, in, out).

    Returns:
        Kernel (4, 4, out, in) for `keras.ops.conv_transpose`.
    """
    return ops.transpose(_fold(_UP, kernel), (0, 1, 3, 2))


def fold_pooling(kernel):
    """The 4×4 kernel of `average_pool2(conv3x3(x))` as a stride-2 convolution.

    The result is exact for even heights and widths.

    Args:
        kernel: (3, 3, in, out).

    Returns:
        Kernel (4, 4, in, out) for `keras.ops.conv`.
    """
    return _fold(_DOWN, kernel)


def _fold(taps, kernel):
    _, _, inputs, outputs = kernel.shape
    matrix = ops.convert_to_tensor(np.kron(taps, taps), kernel.dtype)  # (16, 9)
    # (3, 3, in, out) -> (9, in * out) -> (4, 4, in, out)
    folded = ops.matmul(matrix, ops.reshape(kernel, (9, inputs * outputs)))
    return ops.reshape(folded, (4, 4, inputs, outputs))


def check_resample(resample, kernel_size):
    """Checks whether a resampling can be combined with the convolution.

    Args:
        resample: None, "up", "down", "fir_up" or "fir_down".
        kernel_size: size of the kernel.

    Raises:
        ValueError: for another `resample`, or another kernel size than 3 (1 or 3 with
            "fir_down").
    """
    if resample not in _CHOICES:
        raise ValueError(
            f"Expected resample to be one of {_CHOICES}, got {resample!r}."
        )
    if resample and kernel_size != 3 and (resample, kernel_size) != ("fir_down", 1):
        raise ValueError(
            f"Expected a 3×3 kernel for resampling, got kernel_size={kernel_size}."
        )


def resampled_conv(x, kernel, resample):
    """Applies a convolution of stride 1 and SAME padding, with resampling.

    Args:
        x: (n, h, w, in).
        kernel: (k, k, in, out); 3×3 when `resample` is given.
        resample: None; "up" for nearest ×2 upsampling before the convolution; "down"
            for 2×2 average pooling after it; "fir_up" or "fir_down" for doubling before
            it or halving after it by the filter [1, 3, 3, 1], as StyleGAN2.

    Returns:
        Tensor (n, h', w', out).
    """
    if resample == "up":
        return ops.conv_transpose(x, fold_upsampling(kernel), 2, padding="same")
    if resample == "down":
        return ops.conv(x, fold_pooling(kernel), 2, padding="same")
    if resample == "fir_up":
        # The filter is not folded into the kernel: on a CPU that costs twice as much.
        kernel = ops.transpose(kernel, (0, 1, 3, 2))
        y = ops.conv_transpose(
            x, kernel, 2, padding="valid"
        )  # (n, 2h + 1, 2w + 1, out)
        return 4.0 * _filtered(_bordered(y, 1))
    if resample == "fir_down":
        if kernel.shape[0] == 1:  # then at the lower resolution
            return ops.conv(_filtered(_bordered(x, 1), 2), kernel, 1, padding="valid")
        return ops.conv(_filtered(_bordered(x, 2)), kernel, 2, padding="valid")
    return ops.conv(x, kernel, 1, padding="same")


def _bordered(x, width):
    return ops.pad(x, ((0, 0), (width, width), (width, width), (0, 0)))


def _filtered(x, strides=1):
    kernel = depthwise_filter(FIR, x.shape[-1], x.dtype)
    return ops.depthwise_conv(x, kernel, strides, padding="valid")


def resampled_shape(input_shape, filters, resample):
    """The shape of the result of `resampled_conv`. Unknown sides are None."""
    n, *sides, _ = input_shape
    if resample in ("up", "fir_up"):
        sides = [side and side * 2 for side in sides]
    elif resample in ("down", "fir_down"):
        sides = [side and (side + 1) // 2 for side in sides]
    return (n, *sides, filters)
