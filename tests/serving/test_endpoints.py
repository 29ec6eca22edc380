import inspect

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.inputs import Label
from gan_zoo.serving.endpoints import (
    Argument,
    checked_count,
    checked_rows,
    compiled,
    condition_rows,
    in_pieces,
    with_signature,
)

X = Argument("x", tf.float32, (None, 2), "rows", np.zeros((1, 2), "float32"))
SCALE = Argument("scale", tf.float32, (), "a factor", 1.0, default=3.0)
ERROR = tf.errors.InvalidArgumentError


def test_the_signature_names_the_inputs_and_keeps_defaults_as_tensors():
    function = with_signature(lambda x, scale: x * scale, [X, SCALE])
    parameters = inspect.signature(function).parameters
    assert list(parameters) == ["x", "scale"]
    assert parameters["x"].default is inspect.Parameter.empty
    default = parameters["scale"].default
    assert (default.dtype, float(default)) == (tf.float32, 3.0)
    assert float(function(tf.constant(2.0), default)) == 6.0


def test_one_graph_serves_batches_of_every_size():
    traced = []

    def double(x):
        traced.append(x.shape.as_list())
        return 2 * x

    function = compiled(double, [X])
    for rows in (0, 1, 5):
        x = tf.ones((rows, 2))
        np.testing.assert_array_equal(function(x=x), 2 * x)
    assert traced == [[None, 2]]


def served(check, value, dtype="int32"):
    """What a server gets, which runs only what the answer hangs on."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(dtype)
        return session.run(check(x), {x: value})


def test_counts_are_in_range():
    for n in (0, 9):
        assert served(lambda n: checked_count(n, 9), n) == n
    for n in (-1, 10):
        with pytest.raises(ERROR, match="n from 0 to 9"):
            served(lambda n: checked_count(n, 9), n)
    with pytest.raises(ERROR, match="not compatible"):
        served(lambda n: checked_count(n, 9), [1, 2])


def test_rows_have_the_stated_shape_and_are_not_too_many():
    def rows(shape, limit):
        x = np.ones((3, 2))
        return served(lambda x: checked_rows(x, shape, limit), x, "float32")

    np.testing.assert_array_equal(rows((None, 2), 3), np.ones((3, 2)))
    with pytest.raises(ERROR, match="at most 2 rows"):
        rows((None, 2), 2)
    with pytest.raises(ERROR, match="not compatible"):
        rows((None, 4), 3)


def labels(value, count=3, drawn=None):
    return served(lambda x: condition_rows("labels", Label(3), x, count, drawn), value)


def test_labels_are_one_per_image_or_one_for_all():
    np.testing.assert_array_equal(labels([0, 2, 1]), [0, 2, 1])
    np.testing.assert_array_equal(labels([2]), [2, 2, 2])
    np.testing.assert_array_equal(labels([], count=0), [])
    for wrong, message in (
        ([0, 1], "one row of labels for all images, or one per image"),
        ([], "one row of labels"),
        ([0, 3, 1], "labels from 0 to 2"),
        ([0, -1, 1], "labels from 0 to 2"),
        ([3], "labels from 0 to 2"),
    ):
        with pytest.raises(ERROR, match=message):
            labels(wrong)


def test_labels_that_are_left_out_are_drawn():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder("int32", (None,))
        drawn = tf.constant([1, 0, 2])
        made = condition_rows("labels", Label(3), x, 3, drawn)
        for given, wanted in (([], [1, 0, 2]), ([2], [2, 2, 2]), ([0, 0, 1],) * 2):
            np.testing.assert_array_equal(session.run(made, {x: given}), wanted)


@pytest.mark.parametrize("rows", [0, 1, 4, 7])
def test_pieces_of_a_bounded_size_join_to_the_whole(rows):
    sizes = []

    def call(x, y):
        sizes.append(len(x))
        return x * y

    given = {"x": tf.range(rows), "y": tf.range(rows) + 1}
    made = in_pieces(call, given, 3, tf.TensorSpec((None,), tf.int32))
    np.testing.assert_array_equal(made, np.arange(rows) * np.arange(1, rows + 1))
    assert sizes == {0: [1], 1: [1], 4: [3, 1], 7: [3, 3, 1]}[rows]
