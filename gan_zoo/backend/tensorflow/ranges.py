"""The range of images on their way to a model: [-1, 1], not 0 ... 255 or 0 ... 1."""

import warnings

import numpy as np
import tensorflow as tf

# What float images in [-1, 1] do not exceed, but those in 0 ... 255 do.
_LIMIT = 4.0
_FIX = "For 0 ... 255 write x / 127.5 - 1; undo other normalisations."
_ROUNDING = 1e-3  # what scaling and half precision may put beyond a limit


def are_images(part, limit):
    """Whether a batch's tensor, or its spec, holds numbers that have a range.

    Vectors may be anything, unless the model has a `limit` of its own.
    """
    if not isinstance(part, (tf.Tensor, tf.TensorSpec)) or part.shape.rank is None:
        return False
    several = part.shape.rank == 4 or (limit is not None and part.shape.rank > 1)
    return part.dtype.is_floating and several


def in_range(images, limit):
    """An operation that fails for images in 0 ... 255; `limit` as for `check_range`.

    Eight of a batch tell, and cost little beside a step.
    """
    limit = _LIMIT if limit is None else limit
    largest = tf.reduce_max(tf.abs(images[:8]))
    text = "Expected images in [-1, 1], got values up to"
    fine = tf.logical_not(largest > limit + _ROUNDING)  # as NaN is: callbacks' matter
    return tf.debugging.Assert(fine, [text, largest, _FIX])


def check_range(images, limit=None):
    """Refuses images in 0 ... 255, and warns of those in 0 ... 1, by the first 64.

    Args:
        images: float array (n, ...).
        limit: largest number there may be; 4 by default, so that other scales are left
            to who chose them.

    Raises:
        ValueError: for larger numbers.
    """
    sample = np.asarray(images[:64])
    if sample.dtype.kind != "f" or not sample.size:
        return
    largest = np.abs(sample).max()
    limit = _LIMIT if limit is None else limit
    if largest > limit + _ROUNDING:
        raise ValueError(
            f"Expected images in [-1, 1], got values up to {largest:.4g}. {_FIX}"
        )
    if sample.ndim == 4 and len(sample) >= 8 and sample.min() >= 0 and largest > 0:
        warnings.warn(
            "Expected images in [-1, 1], got no number below 0. For images in 0 ... 1 "
            "write 2 * x - 1.",
            stacklevel=2,
        )
