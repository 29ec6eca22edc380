import math

import numpy as np
import pytest

from gan_zoo.theory import kl_directions as demo


@pytest.fixture(scope="module")
def measured():
    return demo.measure()


def test_forward_kl_has_the_mean_and_the_variance_of_the_data(measured):
    """Mean 0; variance 0.5² within the modes and 2² between them."""
    for found in measured.forward:
        assert found.mean == pytest.approx(0.0, abs=1e-3)
        assert found.std**2 == pytest.approx(0.25 + 4.0, rel=1e-3)
    # Cross entropy of the matched Gaussian, ½ log(2πe s²), less the data's entropy,
    # that of one mode and one bit for which: the modes hardly overlap.
    wanted = 0.5 * math.log(4.25 / 0.25) - math.log(2)
    assert measured.forward[0].divergence == pytest.approx(wanted, abs=1e-3)


def test_reverse_kl_settles_on_the_mode_it_starts_near(measured):
    for start, found in zip(demo.STARTS, measured.reverse, strict=True):
        assert found.mean == pytest.approx(math.copysign(2.0, start), abs=0.01)
        assert found.std == pytest.approx(0.5, abs=0.01)
        # All of p_G has half the density it would have were this the only mode.
        assert found.divergence == pytest.approx(math.log(2), abs=1e-3)


def test_forward_kl_has_one_minimum_and_reverse_kl_has_two_deep_ones(measured):
    forward, reverse = measured.forward_at, measured.reverse_at
    assert demo.MEANS[forward.argmin()] == pytest.approx(0.0, abs=1e-9)
    assert (np.diff(forward[demo.MEANS >= 0]) > 0).all()
    for sign in (-1, 1):
        side = sign * demo.MEANS > 0
        lowest = demo.MEANS[side][reverse[side].argmin()]
        assert lowest == pytest.approx(2.0 * sign, abs=0.06)
    assert reverse[demo.MEANS.searchsorted(0.0)] > 1.5


def test_reverse_kl_has_a_third_shallow_minimum_between_the_modes():
    """Descents from near the middle end in it, more than a nat above the others."""
    for start in (-0.2, 0.2):
        found = demo.fit(demo.reverse, start)
        assert found.mean == pytest.approx(0.0, abs=1e-3)
        assert found.std == pytest.approx(1.736, abs=1e-3)
        assert found.divergence == pytest.approx(1.871, abs=1e-3)
    steps = np.array([-1e-2, 0.0, 1e-2])
    along_the_mean = [demo.reverse(m, found.std) for m in steps]
    along_the_std = [demo.reverse(0.0, found.std + s) for s in steps]
    assert np.diff(along_the_mean, 2)[0] / 1e-4 == pytest.approx(0.33, abs=0.01)
    assert np.diff(along_the_std, 2)[0] > 0


def test_a_generator_at_d_star_descends_reverse_kl_less_twice_jsd(measured):
    """Theorem 2.5 of Arjovsky & Bottou 2017."""
    np.testing.assert_allclose(
        measured.generator_gradient, measured.divergence_gradient, atol=1e-3
    )
    assert np.abs(measured.generator_gradient).max() > 5


def test_the_divergences_are_0_for_the_target_alone():
    # A target of one mode would be matched: here none can be.
    assert min(demo.forward(2.0, 0.5), demo.reverse(2.0, 0.5)) > 0.6
    assert 0 < demo.symmetric(2.0, 0.5) < math.log(2)


def test_the_picture_and_the_line(measured, tmp_path):
    assert demo.draw(tmp_path / "kl.png", measured) is measured
    assert (tmp_path / "kl.png").stat().st_size < 100_000
    assert "forward KL ends at N(0, 2.06²)" in demo.summary(measured)
