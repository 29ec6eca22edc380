import numpy as np
import pytest
import tensorflow as tf
from testing import rebuilt

from gan_zoo import backend
from gan_zoo.layers import Dropout


def test_drops_the_share_and_keeps_the_mean():
    x = tf.ones((400, 100))
    with backend.draws((0, 0)):
        y = Dropout(0.3)(x, training=True).numpy()
    np.testing.assert_allclose((y == 0).mean(), 0.3, atol=0.01)
    np.testing.assert_allclose(y[y > 0], 1 / 0.7, rtol=1e-6)


def test_masks_repeat_by_seed():
    def masked(seed):
        with backend.draws((seed, 0)):
            return Dropout(0.5)(tf.ones((9, 9)), training=True).numpy()

    np.testing.assert_array_equal(masked(1), masked(1))
    assert (masked(1) != masked(2)).any()


def test_passes_through_at_inference_unless_always():
    x = tf.ones((9, 9))
    np.testing.assert_array_equal(Dropout(0.5)(x), x)
    with backend.draws((0, 0)):
        np.testing.assert_array_equal(Dropout(0.5)(x), x)
        assert (Dropout(0.5, always=True)(x).numpy() == 0).any()


def test_bad_rates_and_missing_scopes_are_errors():
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Dropout(1.0)
    with pytest.raises(RuntimeError, match="draws"):
        Dropout(0.5)(tf.ones((2, 2)), training=True)


def test_config_round_trip():
    layer = rebuilt(Dropout(0.3, always=True))
    assert (layer.rate, layer.always) == (0.3, True)
