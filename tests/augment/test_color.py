import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.augment import color

PIXEL = np.array([0.4, -0.2, 0.1], "float32")
GREY = PIXEL.mean()


def one(value):
    return tf.constant([value], "float32")


def of_pixel(matrix):
    return color.recolored(tf.constant(PIXEL[None, None, None]), matrix)[0, 0, 0]


@pytest.mark.parametrize(
    ("matrix", "wanted"),
    [
        (color.brightness(one(0.3)), PIXEL + 0.3),
        (color.contrast(one(2.0)), 2 * PIXEL),
        (color.saturation(one(0.0)), [GREY] * 3),
        (color.saturation(one(2.0)), 2 * PIXEL - GREY),
        (color.luma_flip(one(1.0)), PIXEL - 2 * GREY),
        (color.luma_flip(one(0.0)), PIXEL),
        # A third of a turn: red to green, green to blue, blue to red.
        (color.hue(one(2 * np.pi / 3)), PIXEL[[2, 0, 1]]),
    ],
)
def test_known_colours(matrix, wanted):
    np.testing.assert_allclose(of_pixel(matrix), wanted, atol=1e-6)


def test_grey_images_get_what_applies_to_grey():
    image = tf.constant([[[[0.25]]]])
    for matrix, wanted in (
        (color.brightness(one(0.3)), 0.55),
        (color.contrast(one(2.0)), 0.5),
        (color.luma_flip(one(1.0)), -0.25),
    ):
        made = color.recolored(image, matrix)
        assert float(made[0, 0, 0, 0]) == pytest.approx(wanted, abs=1e-6)
