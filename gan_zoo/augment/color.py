"""Linear transformations of the colours of images."""

import numpy as np
from keras import ops

# A transformation is a matrix (n, 4, 4) of (red, green, blue, 1).
_GREY = np.array([1.0, 1.0, 1.0, 0.0], "float32") / 3**0.5  # the axis of greys
_ON_GREY = np.outer(_GREY, _GREY)
_ONE = np.eye(4, dtype="float32")
_COLORS = np.diag([1.0, 1.0, 1.0, 0.0]).astype("float32")


def _column(x):
    return ops.reshape(x, (-1, 1, 1))


def brightness(added):
    """Adds numbers (n,) to all channels."""
    place = np.zeros((4, 4), "float32")
    place[:3, 3] = 1.0
    return _ONE + _column(added) * place


def contrast(factor):
    """Multiplies all channels by factors (n,)."""
    return _ONE + (_column(factor) - 1.0) * _COLORS


def luma_flip(flipped):
    """Mirrors the brightness of pixels, where `flipped` (n,) is 1 and not 0."""
    return _ONE - 2.0 * _column(flipped) * _ON_GREY


def hue(angle):
    """Rotates colours around the axis of greys by angles (n,) in radians."""
    # Rodrigues' formula; the cross product with (1, 1, 1) / √3.
    cross = np.zeros((4, 4), "float32")
    cross[:3, :3] = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / 3**0.5
    cos, sin = ops.cos(_column(angle)), ops.sin(_column(angle))
    return _ONE + (cos - 1.0) * (_COLORS - _ON_GREY) + sin * cross


def saturation(factor):
    """Multiplies the distance of colours from the axis of greys by factors (n,)."""
    return _ONE + (_column(factor) - 1.0) * (_ONE - _ON_GREY)


def recolored(images, matrix):
    """Images after a transformation of their colours.

    Args:
        images: (n, h, w, 3), or (n, h, w, 1), to which the transformation of grey
            applies.
        matrix: (n, 4, 4).

    Returns:
        Tensor of the shape of the images.

    Reference: Karras et al. 2020, 2006.06676, appendix B; equal to the authors' code.
    """
    if images.shape[-1] == 1:
        mean = ops.mean(matrix[:, :3], axis=1)  # (n, 4)
        factor, added = ops.sum(mean[:, :3], axis=1), mean[:, 3]
        return images * factor[:, None, None, None] + added[:, None, None, None]
    turned = ops.einsum("ndc,nhwc->nhwd", matrix[:, :3, :3], images)
    return turned + matrix[:, None, None, :3, 3]
