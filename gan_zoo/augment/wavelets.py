"""The filters of ADA's pipeline, as constant matrices."""

import functools

import numpy as np

# Coefficients of two symlets (Daubechies 1992), as every table of wavelets has them.
_SYM2 = (
    -0.12940952255092145,
    0.22414386804185735,
    0.836516303737469,
    0.48296291314469025,
)
_SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
# The low-pass filter around a geometric transformation; its sum is 1.
LOW_PASS = np.array(_SYM6) / np.sum(_SYM6)
# Pixels that its half length takes at each side.
MARGIN = len(LOW_PASS) // 2


def reflection(side, margin):
    """The matrix (side + 2 margin, side) that continues a row by its mirror image."""
    places = np.pad(np.arange(side), margin, mode="reflect")
    return np.eye(side)[places]


@functools.cache
def enlarging(side):
    """Continues a row by reflection, as far as possible, and doubles its resolution.

    Returns:
        float32 array (6 · side − 4, side).
    """
    padded = reflection(side, side - 1)
    count = len(padded)
    doubled = np.zeros((2 * count, count))
    for k in range(2 * count):
        for j, tap in enumerate(LOW_PASS[::-1]):
            source, odd = divmod(k + j - MARGIN, 2)  # zeros between the pixels
            if not odd and 0 <= source < count:
                doubled[k, source] += 2 * tap
    return (doubled @ padded).astype("float32")


@functools.cache
def reducing(side):
    """Filters a row of 2 · (side + 6) samples, and takes every second one.

    Returns:
        float32 array (side, 2 · (side + 6)).
    """
    matrix = np.zeros((side, 2 * (side + MARGIN)))
    for k in range(side):
        matrix[k, 2 * k + 1 : 2 * k + 1 + len(LOW_PASS)] = LOW_PASS
    return matrix.astype("float32")


@functools.cache
def band_filters():
    """Four filters of a row, from low to high frequencies, whose sum is the identity.

    Returns:
        float32 array (4, 43).
    """
    low = np.array(_SYM2)
    high = low * (-1.0) ** np.arange(len(low))
    low2, high2 = (np.convolve(x, x[::-1]) / 2 for x in (low, high))
    bands = np.eye(4, 1)
    for i in range(1, 4):
        # Zeros between the coefficients: half of each frequency.
        spread = np.zeros((4, 2 * bands.shape[1] - 1))
        spread[:, ::2] = bands
        bands = np.stack([np.convolve(row, low2) for row in spread])
        start = (bands.shape[1] - len(high2)) // 2
        bands[i, start : start + len(high2)] += high2
    return bands.astype("float32")
