"""Resizes; the choice moves feature distances by more than GANs differ (2104.11222).

`legacy_bilinear` is what TensorFlow 1 did inside the 2015 Inception graph: no
antialiasing, pixels seen as points at their upper left corners. `clean_bicubic` and
`clean_bilinear` are Pillow's, antialiased where an image shrinks.
"""

import functools

import numpy as np
import tensorflow as tf
from keras import ops


def legacy_bilinear(images, size):
    """Resizes as TensorFlow 1 did: aliased, and shifted by a part of a pixel.

    Args:
        images: float32 tensor (n, h, w, c), any range.
        size: (height, width) wanted.

    Returns:
        float32 tensor (n, height, width, c); output pixel i is read at i · h / height.
    """
    return tf.raw_ops.ResizeBilinear(
        images=images, size=size, align_corners=False, half_pixel_centers=False
    )


def clean_bicubic(images, size):
    """Resizes by Pillow's bicubic filter on floats, each channel alone.

    Not `tf.image.resize(..., antialias=True)`, whose weights are off by up to 2e-5 of
    the range. Values next to edges may leave the range of the input; clip them if
    that matters.

    Args:
        images: float32 tensor (n, h, w, c) of known h and w, any range.
        size: (height, width) wanted.

    Returns:
        float32 tensor (n, height, width, c).

    Raises:
        ValueError: for an unknown height or width.

    Reference:
        Parmar et al. 2022, On Aliased Resizing and Surprising Subtleties in GAN
        Evaluation, 2104.11222; the kernel with a = -1/2: Keys 1981.
    """
    return _resampled(images, size, _cubic, 2.0)


def clean_bilinear(images, size):
    """Resizes by Pillow's triangle filter on floats; otherwise as `clean_bicubic`.

    Up to rounding it is `tf.image.resize(..., "bilinear", antialias=True)`, for which
    XLA has no kernel.
    """
    return _resampled(images, size, _triangle, 1.0)


def _cubic(t):
    a, t = -0.5, np.abs(t)
    near = (a + 2) * t**3 - (a + 3) * t**2 + 1
    far = a * (t**3 - 5 * t**2 + 8 * t - 4)
    return np.where(t < 1, near, np.where(t < 2, far, 0.0))


def _triangle(t):
    return np.maximum(1 - np.abs(t), 0.0)


def _resampled(images, size, kernel, radius):
    images = ops.convert_to_tensor(images, "float32")
    given = tuple(images.shape[1:3])
    if None in given:
        raise ValueError(
            "Expected images of a static height and width, from which this resize "
            f"computes its weights, got shape {images.shape}."
        )
    for axis in (2, 1):  # Pillow's order: along rows first
        if given[axis - 1] != size[axis - 1]:
            images = _along(images, axis, size[axis - 1], kernel, radius)
    return images


def _along(images, axis, size, kernel, radius):
    weights = _weights(images.shape[axis], size, kernel, radius)
    if axis == 1:
        return ops.einsum("ih,nhwc->niwc", weights, images)
    return ops.einsum("jw,nhwc->nhjc", weights, images)


@functools.lru_cache(maxsize=64)
def _weights(given, wanted, kernel, radius):
    """Weights (wanted, given) of an antialiased resize, each row's sum is 1."""
    scale = given / wanted
    stretch = max(scale, 1.0)  # the filter grows with the reduction
    centre = (np.arange(wanted)[:, None] + 0.5) * scale
    first = np.maximum(np.trunc(centre - radius * stretch + 0.5), 0)
    last = np.minimum(np.trunc(centre + radius * stretch + 0.5), given)
    pixel = np.arange(given)
    weights = kernel((pixel + 0.5 - centre) / stretch)
    weights = np.where((first <= pixel) & (pixel < last), weights, 0.0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")
