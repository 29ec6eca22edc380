"""Random filters of frequency bands, noise, and squares that are cut out."""

import functools

import numpy as np
from keras import ops

from gan_zoo.augment.wavelets import band_filters, reflection

# The share of each band in the power of natural images, low frequencies first.
_POWER = np.array([10.0, 1.0, 1.0, 1.0], "float32") / 13
BANDS = len(_POWER)


@functools.cache
def _band_matrices(side):
    """Each band's filter of a row that is continued by reflection, (4, side, side)."""
    filters = band_filters()
    margin = filters.shape[1] // 2
    padded = reflection(side, margin)
    matrices = np.zeros((BANDS, side, side + 2 * margin))
    for k in range(side):
        matrices[:, k, k : k + filters.shape[1]] = filters
    return (matrices @ padded).astype("float32")


def amplified(images, factors):
    """Images whose frequency bands are amplified, each band in turn.

    After each band the expected power is that of the image again.

    Args:
        images: float32 (n, h, w, c) of known h and w.
        factors: (n, 4), low frequencies first.

    Returns:
        float32 (n, h, w, c).

    Reference: Karras et al. 2020, 2006.06676, appendix B; equal to the authors' code.
    """
    gains = 1.0
    for band in range(BANDS):
        own = np.eye(BANDS, dtype="float32")[band]
        gain = 1.0 + (factors[:, band : band + 1] - 1.0) * own  # (n, 4)
        power = ops.sum(_POWER * ops.square(gain), axis=-1, keepdims=True)
        gains *= gain * ops.rsqrt(power)
    for axis, formula in ((1, "npq,nqwc->npwc"), (2, "npq,nhqc->nhpc")):
        bands = ops.convert_to_tensor(_band_matrices(images.shape[axis]))
        images = ops.einsum(formula, ops.einsum("nb,bpq->npq", gains, bands), images)
    return images


def cut_out(images, size, x, y):
    """Images of which a rectangle is 0.

    Args:
        images: (n, h, w, c).
        size: its sides as a share of the image's, (n,).
        x: its centre as a share of the width, (n,).
        y: likewise of the height.

    Returns:
        Tensor (n, h, w, c).
    """
    outside = []
    for axis, centre in ((1, y), (2, x)):
        side = images.shape[axis]
        place = (np.arange(side, dtype="float32") + 0.5) / side
        outside.append(ops.abs(place - centre[:, None]) >= size[:, None] / 2)
    rows, columns = outside
    kept = ops.logical_or(rows[:, :, None, None], columns[:, None, :, None])
    return images * ops.cast(kept, images.dtype)
