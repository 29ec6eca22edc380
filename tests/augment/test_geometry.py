import numpy as np
import tensorflow as tf

from gan_zoo.augment import geometry

# Smooth, since the low-pass filter is not symmetric: mirrored noise is another noise.
X, Y = np.meshgrid(*[2 * np.pi * np.arange(32) / 32] * 2)
IMAGE = np.stack([np.sin(X + 0.5) + np.cos(Y), np.sin(Y) * np.cos(X + 1)], -1)[None]
IMAGE = IMAGE.astype("float32")


def one(value):
    return tf.constant([value], "float32")


def assert_close(matrix, wanted):
    made = geometry.transformed(tf.constant(IMAGE), matrix)
    # Half a pixel beside it, the colours would differ by 0.1.
    np.testing.assert_allclose(made, wanted, atol=0.03)


def test_flips_and_quarter_turns_move_pixels_to_their_places():
    assert_close(geometry.scaling(one(-1.0), one(1.0)), IMAGE[:, :, ::-1])
    assert_close(geometry.scaling(one(1.0), one(-1.0)), IMAGE[:, ::-1])
    # From the x axis towards the y axis, which points down: clockwise.
    assert_close(geometry.rotation(one(np.pi / 2)), np.rot90(IMAGE, -1, (1, 2)))


def test_whole_shifts_continue_the_image_by_its_mirror_image():
    wanted = np.pad(IMAGE, ((0, 0), (2, 0), (0, 3), (0, 0)), "reflect")[:, :32, 3:]
    assert_close(geometry.translation(one(-3.0), one(2.0)), wanted)


def test_an_enlarged_ramp_is_a_flatter_ramp():
    ramp = np.tile(np.arange(-8, 8, dtype="float32")[:, None], (1, 16))[None, ..., None]
    made = geometry.transformed(tf.constant(ramp), geometry.scaling(one(2.0), one(2.0)))
    centred = (ramp + 0.5) / 2 - 0.5
    np.testing.assert_allclose(made, centred, atol=0.03)


def test_each_image_has_its_own_transformation():
    both = tf.constant(np.repeat(IMAGE, 2, 0))
    matrix = geometry.scaling(tf.constant([1.0, -1.0]), tf.constant([1.0, 1.0]))
    made = geometry.transformed(both, matrix)
    np.testing.assert_allclose(made[0], IMAGE[0], atol=2e-5)
    np.testing.assert_allclose(made[1], IMAGE[0, :, ::-1], atol=0.03)
