import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.backend.tensorflow.ranges import are_images, check_range, in_range


def images(largest):
    ramp = np.linspace(-1, 1, 8 * 2 * 2, dtype="float32")
    return largest * ramp.reshape(8, 2, 2, 1)


@pytest.mark.parametrize(
    ("largest", "limit", "fine"),
    [
        (1, None, True),
        (4, None, True),
        (5, None, False),
        (1, 1.0, True),
        (2, 1.0, False),
    ],
)
def test_numbers_beyond_the_limit_are_refused(largest, limit, fine):
    x = images(largest)
    if fine:
        check_range(x, limit)
        in_range(tf.constant(x), limit)
        return
    with pytest.raises(ValueError, match=rf"\[-1, 1\], got values up to {largest}\. "):
        check_range(x, limit)
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"up to'\n{largest}\."):
        in_range(tf.constant(x), limit)


def test_nan_is_left_to_the_callbacks():
    x = images(1)
    x[0, 0, 0, 0] = np.nan
    check_range(x)
    in_range(tf.constant(x), None)


def test_images_without_a_dark_pixel_are_warned_of():
    with pytest.warns(UserWarning, match=r"0 \.\.\. 1 write 2 \* x - 1"):
        check_range(np.abs(images(1)))
    # Without a warning: too few to tell, nothing but one grey, integers.
    check_range(np.abs(images(1))[:7])
    check_range(0 * images(1))
    check_range(np.ones((8, 2, 2, 1), "int64"))


def test_vectors_are_looked_at_where_a_model_has_a_limit():
    image, vector = tf.TensorSpec((None, 2, 2, 1)), tf.TensorSpec((None, 4))
    labels = tf.TensorSpec((None, 4), tf.int32)
    unknown = tf.TensorSpec(None)
    found = [
        [are_images(x, limit) for x in (image, vector, labels, unknown)]
        for limit in (None, 1.0)
    ]
    assert found == [[True, False, False, False], [True, True, False, False]]
