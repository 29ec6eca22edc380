import numpy as np
from testing import rebuilt

from gan_zoo.layers import LearnedBasis


def test_multiplies_a_map_of_each_channel():
    layer = LearnedBasis((2, 3))
    layer.build((None, 2))
    layer.basis.assign(np.arange(12.0).reshape(2, 3, 2))
    y = layer(np.array([[1.0, 10.0], [0.0, -1.0]], "float32")).numpy()
    assert y.shape == layer.compute_output_shape((2, 2)) == (2, 2, 3, 2)
    np.testing.assert_array_equal(y[0, :, :, 0], [[0, 2, 4], [6, 8, 10]])
    np.testing.assert_array_equal(y[0, 1, 2], [10, 110])
    np.testing.assert_array_equal(y[1, ..., 0], 0)
    np.testing.assert_array_equal(y[1, 1, 2, 1], -11)


def test_rebuilt_from_its_configuration():
    assert rebuilt(LearnedBasis((4, 7))).size == (4, 7)
