import numpy as np
import tensorflow as tf
from testing import rebuilt

from gan_zoo import backend
from gan_zoo.layers import NoiseInjection


def test_is_constant_outside_a_draw_scope_and_new_inside():
    layer = NoiseInjection()
    x = tf.zeros((4, 8, 8, 3))
    layer.build(x.shape)
    np.testing.assert_array_equal(layer(x), x)  # strength starts at 0
    layer.strength.assign([1.0, 2.0, 0.0])
    first = layer(x).numpy()
    np.testing.assert_array_equal(first, layer(x))
    np.testing.assert_allclose(first[..., 1], 2 * first[..., 0])
    np.testing.assert_array_equal(first[0], first[1])
    with backend.draws((0, 0)):
        drawn = layer(x).numpy()
    assert not np.isclose(drawn[0], drawn[1])[..., 0].any()
    np.testing.assert_array_equal(drawn[..., 2], np.zeros((4, 8, 8)))


def test_only_the_strengths_are_learned():
    layer = NoiseInjection()
    layer.build((None, 4, 6, 3))
    assert layer.trainable_variables == [layer.strength]
    assert layer.constant.shape == (1, 4, 6, 1)


def test_one_strength_for_all_channels():
    layer = rebuilt(NoiseInjection(per_channel=False))
    x = tf.zeros((2, 4, 4, 3))
    layer.build(x.shape)
    layer.strength.assign(2.0)
    noise = 2 * layer.constant.numpy()
    np.testing.assert_allclose(layer(x), np.broadcast_to(noise, x.shape))
