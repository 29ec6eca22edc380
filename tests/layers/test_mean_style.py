import numpy as np
import tensorflow as tf
from testing import rebuilt

from gan_zoo.layers import MeanStyle


def test_moves_towards_the_batch_mean_in_training_only():
    layer = MeanStyle(decay=0.9)
    w = tf.constant([[1.0, 3.0], [3.0, 5.0]])
    np.testing.assert_array_equal(layer(w), w)
    np.testing.assert_array_equal(layer.mean, [0, 0])
    for wanted in ([0.2, 0.4], [0.38, 0.76]):  # 0.1 m, then 0.9 of that and 0.1 m
        np.testing.assert_array_equal(layer(w, training=True), w)
        np.testing.assert_allclose(layer.mean, wanted, rtol=1e-6)
    assert layer.trainable_variables == []


def test_config_round_trip():
    assert rebuilt(MeanStyle(0.5)).decay == 0.5
