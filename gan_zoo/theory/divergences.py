"""Divergences of two densities on a line."""

import numpy as np
import scipy.special


def kullback_leibler(p, q, step):
    """KL(p‖q) = ∫ p log(p / q).

    Args:
        p: density at evenly spaced points, array (n,).
        q: the other density at the same points.
        step: distance between neighbouring points.

    Returns:
        Float, at least 0 up to the error of the sum; inf where q is 0 and p is not.
    """
    return float(np.sum(scipy.special.rel_entr(p, q)) * step)


def jensen_shannon(p, q, step):
    """JSD(p, q) = ½ KL(p‖m) + ½ KL(q‖m), m = ½ (p + q).

    Args:
        p: as in `kullback_leibler`.
        q: as in `kullback_leibler`.
        step: as in `kullback_leibler`.

    Returns:
        Float between 0 (equal densities) and log 2 (no overlap).
    """
    middle = (np.asarray(p) + np.asarray(q)) / 2
    return (kullback_leibler(p, middle, step) + kullback_leibler(q, middle, step)) / 2
