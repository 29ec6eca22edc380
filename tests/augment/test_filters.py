import numpy as np
import tensorflow as tf

from gan_zoo.augment import filters


def test_factors_of_one_change_nothing_and_bands_are_waves():
    wave = np.cos(np.pi * (np.arange(32) + 0.5) / 32 * 30)  # near the highest frequency
    image = tf.constant(np.tile(wave, (32, 1))[None, ..., None], "float32")
    ones = np.ones((1, 4), "float32")
    np.testing.assert_allclose(filters.amplified(image, ones), image, atol=1e-5)
    high = np.array([[1, 1, 1, 3]], "float32")
    low = np.array([[3, 1, 1, 1]], "float32")
    norm = [np.linalg.norm(filters.amplified(image, f)) for f in (low, ones, high)]
    assert norm[0] < 0.5 * norm[1] < norm[1] < 0.7 * norm[2]


def test_a_rectangle_around_a_centre_is_cut_out():
    images = tf.ones((2, 8, 16, 1))
    size, x, y = (
        tf.constant([0.5, 0.0]),
        tf.constant([0.5, 0.5]),
        tf.constant([0.25] * 2),
    )
    made = filters.cut_out(images, size, x, y).numpy()[..., 0]
    wanted = np.ones((8, 16))
    wanted[:4, 4:12] = 0
    np.testing.assert_array_equal(made[0], wanted)
    np.testing.assert_array_equal(made[1], 1)
