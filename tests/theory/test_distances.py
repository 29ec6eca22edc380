import math

import keras
import numpy as np
import pytest
from scipy.stats import wasserstein_distance

import gan_zoo
from gan_zoo.theory import distances
from gan_zoo.theory.divergences import jensen_shannon

LOG2 = math.log(2)


def test_jsd_of_segments_is_the_integral():
    x = np.linspace(-4, 4, 80_001)
    step = x[1] - x[0]

    def segment(centre):
        return (np.abs(x - centre) < 0.5).astype(float)

    for theta in (-2.0, -0.7, 0.0, 0.3, 0.9, 1.5):
        wanted = jensen_shannon(segment(0.0), segment(theta), step)
        assert distances.segments_jsd(theta) == pytest.approx(wanted, abs=1e-3)


def test_without_overlap_the_derivative_of_jsd_is_0_and_that_of_w1_is_1():
    far = np.linspace(1.0, 3.0, 21)
    assert (distances.segments_jsd(far) == LOG2).all()
    points = np.random.default_rng(0).uniform(size=500)
    w1 = [wasserstein_distance(points, points + theta) for theta in far]
    np.testing.assert_allclose(w1, far, rtol=1e-9)
    np.testing.assert_array_equal(
        distances.points_jsd([-1.0, 0.0, 0.1]), [LOG2, 0, LOG2]
    )


def test_a_training_is_repeatable_and_its_seed_matters():
    """Whatever Keras's own seed."""

    def weights(seed, global_seed):
        keras.utils.set_random_seed(global_seed)
        gan, _, fake = distances.train_discriminator(
            gan_zoo.MinimaxGAN, 0.5, steps=20, seed=seed
        )
        return [*gan.discriminator.get_weights(), fake]

    first, again, other = weights(0, 1), weights(0, 2), weights(1, 1)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.isclose(first[-1], other[-1]).all()


def test_the_discriminator_measures_jsd_and_gives_no_gradient():
    near = distances.train_discriminator(gan_zoo.MinimaxGAN, 0.5, steps=600)
    far = distances.train_discriminator(gan_zoo.MinimaxGAN, 2.0, steps=600)
    assert distances.jsd_by_discriminator(*near) == pytest.approx(LOG2 / 2, rel=0.05)
    assert distances.jsd_by_discriminator(*far) == pytest.approx(LOG2, rel=0.01)
    assert abs(distances.gradient_of_shift(far[0], far[2])) < 0.01


@pytest.mark.parametrize("theta", [-2.0, 0.5, 2.0])
def test_the_critic_measures_w1_and_its_gradient_is_about_1(theta):
    critic = distances.train_discriminator(gan_zoo.WGANGP, theta, steps=400)
    assert distances.w1_by_critic(*critic) == pytest.approx(abs(theta), rel=0.03)
    # With λ = 10 the gradient norm exceeds 1 by |θ| / 20.
    gradient = distances.gradient_of_shift(critic[0], critic[2])
    assert gradient == pytest.approx(
        math.copysign(1 + abs(theta) / 20, theta), rel=0.03
    )


def test_wgan_tracks_the_distance_of_two_points():
    for theta in (-1.5, 0.5, 3.0):
        critic = distances.train_discriminator(
            gan_zoo.WGAN, theta, length=0.0, steps=300, **distances.CLIPPED
        )
        assert distances.w1_by_critic(*critic) == pytest.approx(abs(theta), rel=0.05)
        weights = np.concatenate(
            [w.ravel() for w in critic[0].discriminator.get_weights()]
        )
        assert np.abs(weights).max() <= np.float32(0.1)


def test_no_critic_measures_more_than_w1():
    """Kantorovich and Rubinstein: f / K is 1-Lipschitz, so it is a lower bound."""
    critic, real, _ = distances.train_discriminator(gan_zoo.WGANGP, 1.0, steps=50)
    fake = real * 2.0 + 0.3
    bound = wasserstein_distance(real[:, 0], fake[:, 0])
    assert distances.w1_by_critic(critic, real, fake) <= bound + 1e-3


def test_the_picture_and_the_line(tmp_path):
    theta = np.array([-1.5, -0.5, 0.5, 1.5])
    w1, jsd = np.abs(theta), distances.segments_jsd(theta)
    measured = distances.Distances(
        theta, jsd, jsd, w1, 1e-3 * theta, theta / w1, w1, w1 + 0.25
    )
    assert distances.draw(tmp_path / "d.png", measured) is measured
    assert (tmp_path / "d.png").stat().st_size < 100_000
    line = distances.summary(measured)
    assert "from |theta| = 1.5 to 1.5 JSD stays 0.6931" in line
    assert "at most 1.5e-03" in line
