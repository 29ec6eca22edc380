import numpy as np
import tensorflow as tf
from testing import rebuilt

from gan_zoo.layers import EqualizedDense


def test_scales_weights_and_bias_at_run_time():
    layer = EqualizedDense(2, gain=2.0, lr_multiplier=0.5)
    layer.build((None, 4))
    layer.kernel.assign(np.ones((4, 2)))
    layer.bias.assign([1.0, -1.0])
    y = layer(tf.ones((1, 4)))
    # c = m gain / sqrt(d) = 0.5; 4 * 0.5 = 2; m b = +-0.5
    np.testing.assert_allclose(y, [[2.5, 1.5]], rtol=1e-6)


def test_the_learning_rate_multiplier_does_not_change_the_function_at_the_start():
    layer = EqualizedDense(300, lr_multiplier=0.01)
    x = tf.random.stateless_normal((50, 100), (0, 1))
    np.testing.assert_allclose(np.std(layer(x)), 1, atol=0.05)
    np.testing.assert_allclose(np.std(layer.kernel), 100, rtol=0.05)


def test_config_round_trip():
    layer = rebuilt(EqualizedDense(3, 2.0, 0.01, "ones"))
    assert (layer.units, layer.gain, layer.lr_multiplier) == (3, 2.0, 0.01)
    layer.build((None, 4))
    np.testing.assert_array_equal(layer.bias, [1, 1, 1])
