import numpy as np
import pytest
import tensorflow as tf
from replicas import two_replicas
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


def test_at_inference_a_row_is_masked_the_same_alone_and_among_others():
    with backend.draws((0, 0)):
        together = Dropout(0.5, always=True)(tf.ones((3, 5, 4))).numpy()
    with backend.draws((0, 0)):
        alone = Dropout(0.5, always=True)(tf.ones((1, 5, 4))).numpy()
    np.testing.assert_array_equal(together, alone.repeat(3, axis=0))
    assert 0 < (alone == 0).mean() < 1


def test_at_inference_replicas_have_one_mask():
    layer = Dropout(0.5, always=True)

    def masked():
        with backend.draws((0, 0)):
            return layer(tf.ones((2, 5)))

    first, second = two_replicas().run(masked).values
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, masked())


def test_bad_rates_and_missing_scopes_are_errors():
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Dropout(1.0)
    with pytest.raises(RuntimeError, match="draws"):
        Dropout(0.5)(tf.ones((2, 2)), training=True)


def test_config_round_trip():
    layer = rebuilt(Dropout(0.3, always=True))
    assert (layer.rate, layer.always) == (0.3, True)
