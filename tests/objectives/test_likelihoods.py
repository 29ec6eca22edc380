import keras
import numpy as np
import pytest

from gan_zoo.objectives import likelihoods


def test_bernoulli_by_hand():
    """Two pixels: white under σ(a) = 0.8, mid-grey under σ(a) = 0.5."""
    images = np.array([[[1.0], [0.0]]], "float32")
    logits = np.array([[[np.log(4.0)], [0.0]]], "float32")
    value = likelihoods.bernoulli_log_likelihood(images, logits)
    np.testing.assert_allclose(value, [np.log(0.8) + np.log(0.5)], rtol=1e-6)
    means = likelihoods.bernoulli_means(logits)
    np.testing.assert_allclose(means, [[[0.6], [0.0]]], atol=1e-6)  # 2 * 0.8 - 1


def test_bernoulli_stays_finite_where_the_logits_are_wrong_and_sure():
    value = likelihoods.bernoulli_log_likelihood([[1.0, -1.0]], [[-200.0, 300.0]])
    np.testing.assert_allclose(value, [-500.0])


def test_normal_by_hand():
    """Two pixels, log variances 0 and log 4, each one deviation off its mean."""
    value = likelihoods.normal_log_likelihood(
        [[1.0, -1.0]], [[0.0, 1.0]], [[0.0, np.log(4.0)]]
    )
    wanted = -0.5 * (2 * np.log(2 * np.pi) + np.log(4.0) + 1 + 1)
    np.testing.assert_allclose(value, [wanted], rtol=1e-6)


def test_divergence_by_hand_and_by_monte_carlo():
    means, log_variances = np.array([[0.5, -1.0]]), np.array([[np.log(0.25), 0.3]])
    value = float(likelihoods.normal_divergence(means, log_variances)[0])
    by_hand = 0.5 * ((0.25 + 0.25 - 1 - np.log(0.25)) + (1.0 + np.exp(0.3) - 1 - 0.3))
    assert value == pytest.approx(by_hand, rel=1e-6)
    noise = np.random.default_rng(0).normal(size=(400_000, 2))
    z = means + np.exp(log_variances / 2) * noise
    log_q = -0.5 * (log_variances + noise**2).sum(1)
    log_p = -0.5 * (z**2).sum(1)
    assert value == pytest.approx(np.mean(log_q - log_p), abs=0.005)


def test_divergence_from_the_prior_itself_is_zero():
    zero = np.zeros((3, 4))
    np.testing.assert_array_equal(likelihoods.normal_divergence(zero, zero), [0, 0, 0])


def test_sums_are_float32_under_mixed_precision():
    x = np.full((1, 5000), 0.5, "float16")
    for value in (
        likelihoods.bernoulli_log_likelihood(x, x),
        likelihoods.normal_log_likelihood(x, x, x),
        likelihoods.normal_divergence(x, x),
    ):
        assert keras.backend.standardize_dtype(value.dtype) == "float32"
