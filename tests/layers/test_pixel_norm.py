import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import PixelNorm


def test_by_hand():
    y = PixelNorm()(tf.constant([[3.0, 4.0]]))
    np.testing.assert_allclose(y, [[3 / 12.5**0.5, 4 / 12.5**0.5]], rtol=1e-6)


def test_every_pixel_has_its_own_length():
    x = tf.random.stateless_normal((2, 3, 3, 5), (0, 1))
    lengths = np.linalg.norm(PixelNorm()(x), axis=-1)
    np.testing.assert_allclose(lengths, np.full((2, 3, 3), 5**0.5), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_zeros_stay_zeros_in_half_precision(dtype):
    zeros = tf.cast(PixelNorm(dtype=dtype)(tf.zeros((2, 3), dtype)), "float32")
    np.testing.assert_array_equal(zeros, np.zeros((2, 3)))
