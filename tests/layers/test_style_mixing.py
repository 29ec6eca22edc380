import numpy as np
import tensorflow as tf
from testing import rebuilt

from gan_zoo import backend
from gan_zoo.layers import SecondLatents, StyleMixing


def test_crosses_once_from_w_to_w2():
    layer = StyleMixing(6, probability=0.7)
    w, w2 = tf.zeros((2000, 1)), tf.ones((2000, 1))
    np.testing.assert_array_equal(layer(w), np.zeros((2000, 6, 1)))
    with backend.draws((5, 0)):
        both = tf.concat([w, w2], 0)
        styles = layer(both, training=True).numpy()[..., 0]
    assert (np.diff(styles, axis=1) >= 0).all()
    np.testing.assert_array_equal(styles[:, 0], np.zeros(2000))  # always w's
    mixed = styles[:, -1] == 1
    np.testing.assert_allclose(mixed.mean(), 0.7, atol=0.03)
    points = np.bincount((styles[mixed] == 0).sum(1), minlength=6)[1:] / mixed.sum()
    np.testing.assert_allclose(points, np.full(5, 0.2), atol=0.04)


def test_second_latents_are_new_in_training_only():
    z = tf.random.stateless_normal((4, 3), (0, 1))
    layer = SecondLatents()
    np.testing.assert_array_equal(layer(z), z)
    with backend.draws((0, 0)):
        both = layer(z, training=True)
    np.testing.assert_array_equal(both[:4], z)
    assert not np.isclose(both[4:], z).any()


def test_config_round_trip():
    layer = rebuilt(StyleMixing(4, 0.5))
    assert (layer.style_count, layer.probability) == (4, 0.5)
