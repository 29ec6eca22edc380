import numpy as np
import pytest
import tensorflow as tf
from testing import rebuilt

from gan_zoo import backend
from gan_zoo.augment import DiffAugment

IMAGES = tf.random.stateless_uniform((200, 8, 16, 3), (0, 1), -1, 1)


def changed(images=IMAGES, seed=0, **kwargs):
    with backend.draws((seed, 1)):
        return DiffAugment(**kwargs)(images, training=True).numpy()


def test_colour_moves_brightness_saturation_and_contrast_in_their_ranges():
    x, y = IMAGES.numpy(), changed(policies="color")
    # The mean of all pixels moves by the brightness alone.
    shift = y.mean((1, 2, 3)) - x.mean((1, 2, 3))
    assert -0.5 <= shift.min() < -0.45
    assert 0.45 < shift.max() < 0.5
    grey = [v.mean(-1) - v.mean((1, 2, 3))[:, None, None] for v in (x, y)]
    contrast = (grey[1] / grey[0])[:, 3, 4]
    np.testing.assert_allclose(grey[1], contrast[:, None, None] * grey[0], atol=1e-4)
    assert 0.5 <= contrast.min() < 0.55
    assert 1.45 < contrast.max() < 1.5
    colors = [v - v.mean(-1, keepdims=True) for v in (x, y)]
    factor = (colors[1] / colors[0])[:, 3, 4, 0] / contrast  # of the saturation
    assert 0 <= factor.min() < 0.1
    assert 1.9 < factor.max() < 2.0


def test_translation_shifts_up_to_an_eighth_and_brings_in_zeros():
    place = tf.reshape(tf.range(1.0, 8 * 16 + 1), (1, 8, 16, 1))
    y = changed(tf.repeat(place, 300, 0), policies="translation")[..., 0]
    shifts = set()
    for image in y:
        row, column = np.argwhere(image)[0]
        number = int(image[row, column]) - 1
        shift = (row - number // 16, column - number % 16)
        wanted = np.zeros((8, 16))
        for r in range(8):
            for c in range(16):
                source = r - shift[0], c - shift[1]
                if 0 <= source[0] < 8 and 0 <= source[1] < 16:
                    wanted[r, c] = source[0] * 16 + source[1] + 1
        np.testing.assert_array_equal(image, wanted)
        shifts.add(shift)
    assert {r for r, _ in shifts} == {-1, 0, 1}
    assert {c for _, c in shifts} == {-2, -1, 0, 1, 2}


def test_cutout_hides_half_of_each_side_with_a_centre_anywhere():
    y = changed(tf.ones((300, 8, 16, 1)), policies="cutout")[..., 0]
    heights, widths = [], []
    for image in y:
        rows, columns = np.any(image == 0, 1), np.any(image == 0, 0)
        np.testing.assert_array_equal(image == 0, np.outer(rows, columns))
        heights.append(rows.sum())
        widths.append(columns.sum())
    assert (min(heights), max(heights)) == (2, 4)
    assert (min(widths), max(widths)) == (4, 8)


def test_policies_have_an_order_of_their_own():
    assert DiffAugment(["cutout", "color"]).policies == ("color", "cutout")
    assert rebuilt(DiffAugment("translation")).policies == ("translation",)
    for wrong in ("colour", ("color", 3), ()):
        with pytest.raises(ValueError, match="policies to be one of"):
            DiffAugment(wrong)


def test_the_gradient_is_the_adjoint():
    v, g = (tf.random.stateless_normal((4, 8, 16, 3), (1, k)) for k in range(2))
    layer = DiffAugment()

    def change(images):
        with backend.draws((7, 1)):
            return layer(images, training=True)

    x = IMAGES[:4]
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(change(x) * g)
    left = tf.reduce_sum((change(x + v) - change(x)) * g)
    right = tf.reduce_sum(tape.gradient(total, x) * v)
    assert float(left) == pytest.approx(float(right), rel=1e-4)
