import numpy as np

from gan_zoo.layers import Blur


def test_spreads_a_point_by_the_binomial_weights_in_its_channel():
    point = np.zeros((1, 5, 5, 2), "float32")
    point[0, 2, 2] = [16, 32]
    y = Blur()(point).numpy()[0]
    binomial = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    np.testing.assert_array_equal(y[1:4, 1:4, 0], binomial)
    np.testing.assert_array_equal(y[..., 1], 2 * y[..., 0])
    assert y[..., 0].sum() == 16  # nothing beyond the 3x3


def test_keeps_a_constant_but_for_zeros_beyond_the_border():
    y = Blur()(np.ones((1, 4, 5, 1), "float32")).numpy()[0, ..., 0]
    across, down = np.array([3, 4, 4, 4, 3]) / 4, np.array([3, 4, 4, 3]) / 4
    np.testing.assert_array_equal(y, np.outer(down, across))
