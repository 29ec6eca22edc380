import numpy as np
import pytest

from gan_zoo import backend
from gan_zoo.inputs import Codes


def test_drawn_codes_are_uniform_on_both_sides_of_zero():
    with backend.draws((3, 0)):
        codes = Codes(2).draw(8000).numpy()
    assert codes.shape == (8000, 2)
    assert -1 <= codes.min() < -0.99
    assert 0.99 < codes.max() < 1
    np.testing.assert_allclose(codes.var(axis=0), 1 / 3, atol=0.02)


def test_one_row_of_codes_stands_for_all():
    codes = Codes(2).given("codes", [0.5, -2], 3)  # beyond 1, which is allowed
    np.testing.assert_array_equal(codes, np.tile(np.float32([0.5, -2]), (3, 1)))


def test_wrong_codes_say_what_was_expected():
    with pytest.raises(ValueError, match=r"codes of shape \(2,\) .*\(4, 2\).*\(3,\)"):
        Codes(2).given("codes", [1, 2, 3], 4)
    with pytest.raises(TypeError, match="codes to be numbers"):
        Codes(2).given("codes", ["a", "b"], 4)
    with pytest.raises(ValueError, match="codes of finite numbers, got nan"):
        Codes(2).given("codes", [0.5, np.nan], 4)
    for wrong in (0, np.float64(3), "3"):
        with pytest.raises(ValueError, match="number of codes to be an integer"):
            Codes(wrong)


def test_networks_take_a_row_of_codes():
    Codes(2).check_network("generator", (2,))
    with pytest.raises(ValueError, match=r"shape \(2,\), got .* \(\)\. .*Input\(\(2,"):
        Codes(2).check_network("generator", ())
