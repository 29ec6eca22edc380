import numpy as np
import pytest

from gan_zoo import checks


def test_counts_are_integers_from_a_least_one():
    checks.check_count("n", 0, 0)
    checks.check_count("n", np.int64(3))
    for value in (0, 2.5, "3", None):
        with pytest.raises(ValueError, match="n to be an integer of at least 1, got"):
            checks.check_count("n", value)


def test_weights_are_finite_numbers_from_zero_on():
    for value in (0, 2.5, np.float32(1)):
        checks.check_weight("w", value)
    for value in (-1, "3", None, np.nan, np.inf):
        with pytest.raises(ValueError, match="w to be a finite number of at least 0"):
            checks.check_weight("w", value)


def test_decays_are_below_one():
    checks.check_decay("ema", 0.0)
    for value in (1.0, -0.1, None, "0.9"):
        with pytest.raises(ValueError, match=r"ema in \[0, 1\)"):
            checks.check_decay("ema", value)


def test_bandwidths_become_a_tuple_of_floats():
    assert checks.check_bandwidths(np.array([1, 2])) == (1.0, 2.0)
    for value in ([], 3, [0.0], [1.0, -1.0], ["1"], None):
        with pytest.raises(ValueError, match="bandwidths above 0"):
            checks.check_bandwidths(value)


def test_what_is_no_sequence_has_no_values():
    assert [checks.as_tuple(v) for v in ([1, 2], 3, None)] == [(1, 2), (), ()]
