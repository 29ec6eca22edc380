import math

import numpy as np
import pytest
import scipy.stats

from gan_zoo.theory.divergences import jensen_shannon, kullback_leibler

X = np.linspace(-15, 15, 6001)
STEP = X[1] - X[0]


def normal(mean, deviation):
    return scipy.stats.norm.pdf(X, mean, deviation)


def test_kl_of_two_gaussians_is_the_closed_form():
    """log(b / a) + (a² + (m − n)²) / 2b² − ½ for N(m, a²) against N(n, b²)."""
    wanted = math.log(2 / 0.5) + (0.25 + 9) / 8 - 0.5
    got = kullback_leibler(normal(1.0, 0.5), normal(-2.0, 2.0), STEP)
    assert got == pytest.approx(wanted, abs=1e-6)
    assert kullback_leibler(normal(1, 1), normal(1, 1), STEP) == 0


def test_kl_is_infinite_where_the_second_density_misses_mass():
    p, q = (X > 0) / 15.0, (X > 5) / 10.0
    assert kullback_leibler(p, q, STEP) == math.inf
    assert kullback_leibler(q, p, STEP) == pytest.approx(math.log(1.5), abs=1e-3)


def test_jsd_is_log_2_for_disjoint_supports_however_far_apart():
    """And half of it where two equal segments share a half."""

    def segment(start):
        return ((start <= X) & (start + 1 > X)).astype(float)

    for shift in (1.5, 2.5, 10.0):
        got = jensen_shannon(segment(0), segment(shift), STEP)
        assert got == pytest.approx(math.log(2), rel=1e-2)
        # One number, to the last bit: its slope in the shift is 0.
        assert got == jensen_shannon(segment(0), segment(1.5), STEP)
    half = jensen_shannon(segment(0), segment(0.5), STEP)
    assert half == pytest.approx(math.log(2) / 2, rel=1e-2)


def test_jsd_is_symmetric_and_nothing_for_equal_densities():
    p, q = normal(0, 1), normal(2, 0.5)
    assert jensen_shannon(p, q, STEP) == pytest.approx(jensen_shannon(q, p, STEP))
    assert jensen_shannon(p, p, STEP) == 0
