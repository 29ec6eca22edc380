import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.layers import GaussianNoise


def test_adds_noise_of_the_spread_in_training_only():
    layer, x = GaussianNoise(0.3), tf.fill((400, 100), 2.0)
    np.testing.assert_array_equal(layer(x), x)
    with backend.draws((0, 0)):
        np.testing.assert_array_equal(layer(x, training=False), x)
        y = layer(x, training=True).numpy()
    np.testing.assert_allclose(y.mean(), 2, atol=0.01)
    np.testing.assert_allclose(y.std(), 0.3, atol=0.003)


def test_noise_repeats_by_seed():
    def noisy(seed):
        with backend.draws((seed, 0)):
            return GaussianNoise(1.0)(tf.zeros((9, 9)), training=True).numpy()

    np.testing.assert_array_equal(noisy(1), noisy(1))
    assert not np.isclose(noisy(1), noisy(2)).any()


def test_bad_spreads_and_missing_scopes_are_errors():
    with pytest.raises(ValueError, match="at least 0"):
        GaussianNoise(-0.1)
    with pytest.raises(RuntimeError, match="draws"):
        GaussianNoise(0.5)(tf.ones((2, 2)), training=True)
    assert GaussianNoise.from_config(GaussianNoise(0.5).get_config()).stddev == 0.5
