import inspect

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.serving.endpoints import (
    Input,
    checked_count,
    checked_labels,
    checked_rows,
    compiled,
    in_pieces,
    with_signature,
)

X = Input("x", tf.float32, (None, 2), "rows", np.zeros((1, 2), "float32"))
SCALE = Input("scale", tf.float32, (), "a factor", 1.0, default=3.0)
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


def test_counts_out_of_range_are_errors_before_the_work():
    worked = []

    def work(n):
        worked.append(int(n))
        return n

    @tf.function
    def images(n):
        return tf.py_function(work, [checked_count(n, 9)], tf.int32)

    for wrong in (-1, 10):
        with pytest.raises(ERROR, match="n from 0 to 9"):
            images(tf.constant(wrong))
    assert worked == []
    assert [int(images(tf.constant(n))) for n in (0, 9)] == worked == [0, 9]


def test_rows_have_the_stated_shape_and_are_not_too_many():
    x = tf.ones((3, 2))
    np.testing.assert_array_equal(checked_rows(x, (None, 2), 3), x)
    with pytest.raises(ERROR, match="at most 2 rows"):
        checked_rows(x, (None, 2), 2)
    with pytest.raises(ERROR, match="not compatible"):
        checked_rows(x, (None, 4), 3)


def test_labels_are_one_per_image_and_of_a_known_class():
    fine = tf.constant([0, 2, 1])
    np.testing.assert_array_equal(checked_labels(fine, 3, 3), fine)
    for wrong, message in (([0, 1], "one label"), ([3], "0 to 2"), ([-1], "0 to 2")):
        with pytest.raises(ERROR, match=message):
            checked_labels(tf.constant(wrong), 3 if len(wrong) == 2 else 1, 3)


@pytest.mark.parametrize("rows", [0, 1, 4, 7])
def test_pieces_of_a_bounded_size_join_to_the_whole(rows):
    sizes = []

    def call(x, y):
        sizes.append(len(x))
        return x * y

    given = {"x": tf.range(rows), "y": tf.range(rows) + 1}
    made = in_pieces(call, given, 3, tf.TensorSpec((None,), tf.int32))
    np.testing.assert_array_equal(made, np.arange(rows) * np.arange(1, rows + 1))
    assert sizes == {0: [0], 1: [1], 4: [3, 1], 7: [3, 3, 1]}[rows]
