"""Resize functions for feature networks.

The choice changes feature distances by more than the difference between GANs
(2104.11222). `legacy_bilinear` is the resize of TensorFlow 1 in the 2015 Inception
graph: without antialiasing, and with pixels at their upper left corners.
`clean_bicubic` and `clean_bilinear` are those of Pillow, with antialiasing when an
image shrinks.
"""

import functools

import numpy as np
import tensorflow as tf
from keras import ops


def legacy_bilinear(images, size):
    """Resizes as TensorFlow 1: aliased, and shifted by a fraction of a pixel.

    Args:
        images: float32 tensor (n, h, w, c), any range.
        size: target (height, width).

    Returns:
        float32 tensor (n, height, width, c); output pixel i is sampled at i · h /
        height.
    """
    return tf.raw_ops.ResizeBilinear(
        images=images, size=size, align_corners=False, half_pixel_centers=False
    )


def clean_bicubic(images, size):
    """Resizes with Pillow's bicubic filter on floats, each channel separately.

    It is not `tf.image.resize(..., antialias=True)`, whose weights have errors of up to
    2e-5 of the range. Values near edges may leave the range of the input. Clip them if
    this matters.

    Args:
        images: float32 tensor (n, h, w, c) of known h and w, any range.
        size: target (height, width).

    Returns:
        float32 tensor (n, height, width, c).

    Raises:
        ValueError: for an unknown height or width.

    Reference: Parmar et al. 2022, On Aliased Resizing and Surprising Subtleties in GAN
    Evaluation, 2104.11222; the kernel with a = -1/2: Keys 1981.
    """
    return _resampled(images, size, _cubic, 2.0)


def clean_bilinear(images, size):
    """Resizes with Pillow's triangle filter on floats.

    Up to rounding it is `tf.image.resize(..., "bilinear", antialias=True)`, which XLA
    cannot compile.

    Args:
        images: as in `clean_bicubic`.
        size: as in `clean_bicubic`.

    Returns:
        As `clean_bicubic`.
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
def _weights(given, target, kernel, radius):
    """Weights (target, given) of an antialiased resize. Each row has the sum 1."""
    scale = given / target
    stretch = max(scale, 1.0)  # the filter grows with the reduction
    centre = (np.arange(target)[:, None] + 0.5) * scale
    first = np.maximum(np.trunc(centre - radius * stretch + 0.5), 0)
    last = np.minimum(np.trunc(centre + radius * stretch + 0.5), given)
    pixel = np.arange(given)
    weights = kernel((pixel + 0.5 - centre) / stretch)
    weights = np.where((first <= pixel) & (pixel < last), weights, 0.0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")
