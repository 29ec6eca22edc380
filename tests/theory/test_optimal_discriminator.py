import math

import numpy as np
import pytest
import scipy.stats

from gan_zoo.theory import optimal_discriminator as demo

p, q = (scipy.stats.norm.pdf(demo.X, *at) for at in ((4.0, 0.5), demo.DIFFERENT))


def test_the_optimum_is_the_share_of_the_data():
    got = demo.optimum(np.array([1.0, 0.3, 0.0, 0.0]), np.array([1.0, 0.1, 2.0, 0.0]))
    np.testing.assert_allclose(got, [0.5, 0.75, 0.0, np.nan])


def test_no_discriminator_is_worth_more_than_the_optimum():
    best = np.log(p) - np.log(q)  # the logit of D*
    bound = demo.value(best, p, q, demo.STEP)
    for other in (best + 0.1, 0.9 * best, best + np.sin(demo.X), 0 * best):
        assert demo.value(other, p, q, demo.STEP) < bound
    # A D that cannot tell says 1/2 everywhere.
    assert demo.value(0 * best, p, q, demo.STEP) == pytest.approx(-2 * math.log(2))


@pytest.fixture(scope="module")
def measured():
    return demo.measure()


def test_trained_d_becomes_the_optimum_and_v_its_bound(measured):
    """Proposition 1 and the proof of theorem 1, within 1 %."""
    other, same = measured
    bound = demo.value(np.log(p) - np.log(q), p, q, demo.STEP)
    assert other.best == pytest.approx(bound, abs=1e-6)  # 2 JSD - 2 log 2
    assert same.best == pytest.approx(-2 * math.log(2), abs=1e-6)
    for training in measured:
        assert training.error < 0.01
        assert training.values[-1] == pytest.approx(training.best, rel=0.01)
        assert (training.values <= training.best + 1e-9).all()
    assert other.values[0] < other.best - 0.3
    np.testing.assert_allclose(
        same.probability[-1][np.abs(demo.X - 4) < 1], 0.5, atol=0.01
    )


def test_the_picture_and_the_line(measured, tmp_path):
    assert demo.draw(tmp_path / "d.png", measured) is measured
    assert (tmp_path / "d.png").stat().st_size < 100_000
    assert f"V = {measured[0].values[-1]:.4f}" in demo.summary(measured)
