import keras
import numpy as np
import pytest

from gan_zoo.layers import PixelShuffle


def test_the_order_is_torch_s():
    """Channel k r² + i r + j is channel k, row i, column j of its pixels."""
    x = np.arange(2 * 3 * 4 * 8, dtype="float32").reshape(2, 3, 4, 8)
    made = PixelShuffle(2)(x).numpy()
    assert made.shape == (2, 6, 8, 2)
    for n, y, x_place, k, i, j in np.ndindex(2, 3, 4, 2, 2, 2):
        wanted = x[n, y, x_place, 4 * k + 2 * i + j]
        assert made[n, 2 * y + i, 2 * x_place + j, k] == wanted


def test_it_is_depth_to_space_of_reordered_channels():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 27)).astype("float32")
    reordered = x.reshape(2, 3, 5, 3, 9).swapaxes(3, 4).reshape(2, 3, 5, 27)
    theirs = keras.ops.depth_to_space(reordered, 3)
    np.testing.assert_array_equal(PixelShuffle(3)(x), theirs)


def test_sides_may_be_open():
    image = keras.Input((None, None, 4))
    made = PixelShuffle(2)(image)
    assert made.shape == (None, None, None, 1)
    network = keras.Model(image, made)
    assert network(np.zeros((1, 5, 3, 4))).shape == (1, 10, 6, 1)
    copy = PixelShuffle.from_config(PixelShuffle(2).get_config())
    assert copy.factor == 2


def test_other_channels_are_refused():
    with pytest.raises(ValueError, match="multiple of 4, got 6"):
        PixelShuffle(2)(np.zeros((1, 2, 2, 6)))
