"""Affine transformations of images: flips, shifts, rotations, scalings."""

import numpy as np
from keras import ops

from gan_zoo.augment.wavelets import MARGIN, enlarging, reducing

# A transformation is a matrix (n, 3, 3) of homogeneous coordinates (x, y, 1), in pixels
# from the centre of the image. It maps a place of the new image to that of the old one
# whose colour it gets.


def _matrix(rows):
    """(n, 3, 3) of nested lists of numbers and tensors (n,)."""
    count = next(x for row in rows for x in row if not isinstance(x, float))
    filled = [[x + ops.zeros_like(count) for x in row] for row in rows]
    return ops.stack([ops.stack(row, axis=-1) for row in filled], axis=-2)


def translation(x, y):
    """A shift of the image by x and y pixels, (n,) each."""
    return _matrix([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])


def scaling(x, y):
    """An enlargement by factors (n,) of width and height; −1 mirrors."""
    return _matrix([[1.0 / x, 0.0, 0.0], [0.0, 1.0 / y, 0.0], [0.0, 0.0, 1.0]])


def rotation(angle):
    """A rotation by angles (n,) in radians, from the x axis towards the y axis."""
    cos, sin = ops.cos(angle), ops.sin(angle)
    return _matrix([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])


def transformed(images, matrix):
    """Images under a transformation, with low-pass filters around it.

    The image is continued by reflection, doubled in resolution, sampled bilinearly and
    reduced again.

    Args:
        images: float32 (n, h, w, c) of known h and w.
        matrix: (n, 3, 3), see above.

    Returns:
        float32 (n, h, w, c).

    Reference: Karras et al. 2020, Training Generative Adversarial Networks with Limited
    Data, 2006.06676, appendix B; equal to the authors' code.
    """
    _, height, width, _ = images.shape
    large = _rows_and_columns(enlarging(height), enlarging(width), images)
    # From the centre, in halves of a pixel. Doubling puts zeros after the pixels, so
    # they lie half a sample before the centre of their two samples.
    x, y = (
        np.arange(2 * (side + MARGIN)) - (2 * (side + MARGIN) - 1) / 2 + 0.5
        for side in (width, height)
    )
    x, y = (v.astype("float32") for v in np.meshgrid(x, y))  # (2h + 12, 2w + 12) each
    m = ops.cast(matrix, "float32")[:, :, :, None, None]
    source_x = m[:, 0, 0] * x + m[:, 0, 1] * y + 2.0 * m[:, 0, 2] - 0.5
    source_y = m[:, 1, 0] * x + m[:, 1, 1] * y + 2.0 * m[:, 1, 2] - 0.5
    source_x += (large.shape[2] - 1) / 2
    source_y += (large.shape[1] - 1) / 2
    sampled = _bilinear(large, source_x, source_y)
    return _rows_and_columns(reducing(height), reducing(width), sampled)


def _rows_and_columns(rows, columns, images):
    """Matrices (p, h) and (q, w) applied to the axes of images (n, h, w, c)."""
    images = ops.einsum("ph,nhwc->npwc", ops.convert_to_tensor(rows), images)
    return ops.einsum("qw,npwc->npqc", ops.convert_to_tensor(columns), images)


def _bilinear(images, x, y):
    """Samples of images (n, h, w, c) at places (n, p, q) in pixels; 0 beyond the edge.

    Built of lookups of rows, whose gradient is exact. TensorFlow's own transformation
    of images has the inverse one in place of its gradient.
    """
    _, height, width, channels = images.shape
    count = ops.shape(images)[0]
    # (n, h, w, c) -> (nhw, c)
    pixels = ops.reshape(images, (-1, channels))
    first = ops.reshape(ops.arange(count, dtype="int32"), (-1, 1, 1)) * (height * width)
    left, top = ops.floor(x), ops.floor(y)
    total = 0.0
    for row, row_weight in ((top, 1.0 - (y - top)), (top + 1.0, y - top)):
        for column, weight in ((left, 1.0 - (x - left)), (left + 1.0, x - left)):
            inside = ops.logical_and(
                ops.logical_and(row >= 0.0, row <= height - 1.0),
                ops.logical_and(column >= 0.0, column <= width - 1.0),
            )
            weight = ops.where(inside, row_weight * weight, 0.0)
            place = ops.clip(row, 0.0, height - 1.0) * width
            place += ops.clip(column, 0.0, width - 1.0)
            taken = ops.take(pixels, first + ops.cast(place, "int32"), axis=0)
            total += weight[..., None] * taken
    return total
