import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.networks.blocks import (
    channels_at,
    check_sides,
    crop,
    even_halvings,
    even_sizes,
    from_unit_image,
    image_sizes,
    normal,
    to_image,
    to_logit,
    to_unit_image,
    uniform,
)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((28, 28), [(4, 4), (7, 7), (14, 14), (28, 28)]),
        ((64, 64), [(4, 4), (8, 8), (16, 16), (32, 32), (64, 64)]),
        ((7, 9), [(4, 5), (7, 9)]),
        ((48, 80), [(6, 10), (12, 20), (24, 40), (48, 80)]),  # 3 would be too small
    ],
)
def test_halves_rounding_up_down_to_about_four(size, sizes):
    assert image_sizes((*size, 1)) == sizes


def test_another_smallest_size():
    assert image_sizes((16, 16, 3), smallest=8) == [(8, 8), (16, 16)]
    with pytest.raises(ValueError, match="at least 15 pixels"):
        image_sizes((14, 30, 3), smallest=8)


def test_too_small_for_one_halving():
    with pytest.raises(ValueError, match=r"at least 7 pixels a side, got \(6, 60\)"):
        image_sizes((6, 60, 1))


def test_vectors_and_images_without_channels_are_refused_with_the_fix():
    check_sides((28, 28, 1))
    for check in (check_sides, image_sizes, even_sizes):
        with pytest.raises(ValueError, match=r"width, channels\).*got \(784,\).*mlp"):
            check((784,))
        with pytest.raises(ValueError, match=r"got \(28, 32\).*\(28, 32, 1\)\.$"):
            check([28, 32])


def test_even_sizes_are_halves_without_rounding():
    assert even_sizes((32, 48, 3)) == [(4, 6), (8, 12), (16, 24), (32, 48)]
    assert even_sizes((28, 28, 1)) == [(7, 7), (14, 14), (28, 28)]
    with pytest.raises(ValueError, match=r"at least 8 .*got \(36, 36\)"):
        even_sizes((36, 36, 3))  # 9 is odd, and not below 8


def test_channels_double_at_half_the_size_up_to_a_width():
    sizes = [(4, 3), (8, 6), (16, 12), (64, 48), (1024, 768)]
    found = [channels_at(size, 64, 512) for size in sizes]
    assert found == [64, 64, 32, 8, 1]


def test_initial_weights_are_drawn_anew_for_each_layer():
    for make, size, deviation in ((normal, 0.02, 0.02), (uniform, 0.3, 0.3 / 3**0.5)):
        first, second = (make(size)((100, 100)).numpy() for _ in range(2))
        assert first.std() == pytest.approx(deviation, rel=0.05)
        assert not np.isclose(first, second).all()
    assert np.abs(first).max() <= 0.3


def test_heads_by_hand():
    """Dense layers whose weights are all ½: a = 1 of the features (2, 0)."""
    features = tf.constant([[2.0, 0.0]])
    half = keras.initializers.Constant(0.5)
    tanh, sigmoid = np.tanh(1.0), 1 / (1 + np.exp(-1.0))
    for build, wanted in ((to_image, tanh), (to_unit_image, 2 * sigmoid - 1)):
        image = build(features, (2, 1, 3), half)
        np.testing.assert_allclose(image, np.full((1, 2, 1, 3), wanted), rtol=1e-6)
    np.testing.assert_allclose(to_logit(features, half), [[1.0]])


def test_pixels_between_0_and_1():
    image = tf.reshape([-1.0, 0.0, 0.5, 1.0], (1, 2, 2, 1))
    np.testing.assert_allclose(from_unit_image(image), [[0.0, 0.5, 0.75, 1.0]])


def test_crop_cuts_at_the_bottom_and_at_the_right():
    x = tf.reshape(tf.range(12.0), (1, 3, 4, 1))
    np.testing.assert_array_equal(crop(x, (2, 3))[0, ..., 0], [[0, 1, 2], [4, 5, 6]])
    assert crop(x, (3, 4)) is x


@pytest.mark.parametrize(
    ("sides", "times"), [((32, 24), 3), ((64, 64), 5), ((32, 9), 0), ((None, 32), 0)]
)
def test_even_halvings(sides, times):
    assert even_halvings((*sides, 3), 5) == times
