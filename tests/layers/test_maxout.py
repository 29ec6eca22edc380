import numpy as np
import tensorflow as tf
from testing import rebuilt

from gan_zoo.layers import Maxout


def test_two_pieces_by_hand():
    layer = Maxout(1, pieces=2)
    layer.build((None, 1))
    layer.kernel.assign([[1.0, -1.0]])
    layer.bias.assign([0.0, 0.5])
    # max(x, 1/2 - x), whose pieces meet at 1/4
    y = layer(np.array([[2.0], [-2.0], [0.25]]))
    np.testing.assert_allclose(y, [[2.0], [2.5], [0.25]])


def test_takes_the_largest_of_each_unit_s_own_pieces():
    layer = Maxout(2, pieces=3)
    x = tf.random.stateless_normal((5, 4), (0, 1))
    y = layer(x)
    pieces = (x @ layer.kernel).numpy().reshape(5, 2, 3)
    np.testing.assert_allclose(y, pieces.max(-1), rtol=1e-5)


def test_config_round_trip():
    layer = rebuilt(Maxout(4, 3, "zeros"))
    np.testing.assert_array_equal(layer(np.ones((2, 5))), np.zeros((2, 4)))
    assert layer.kernel.shape == (5, 12)
