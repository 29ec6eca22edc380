"""What an endpoint of an exported model is, and the checks inside its graph."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf


class Input(NamedTuple):
    """One named input of an endpoint."""

    name: str
    dtype: tf.DType
    shape: tuple  # of ints and None, the batch axis included
    about: str
    example: Any  # a small valid value, for warm-up requests
    default: Any = None  # the value used where a caller leaves the input out

    @property
    def spec(self):
        """The input as a `tf.TensorSpec`."""
        return tf.TensorSpec(self.shape, self.dtype, self.name)


class Endpoint(NamedTuple):
    """A function of named tensors, served under its name.

    `call` takes the inputs by keyword and returns a dict of tensors.
    """

    name: str
    about: str
    inputs: tuple
    call: Callable


def with_signature(call, inputs):
    """`call` as a function whose Python signature is that of the inputs.

    A SavedModel keeps a default only where the signature holds it, as a tensor.
    """

    def function(*values):
        return call(**{i.name: v for i, v in zip(inputs, values, strict=True)})

    function.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                i.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty
                if i.default is None
                else tf.constant(i.default, i.dtype),
            )
            for i in inputs
        ]
    )
    return function


def compiled(call, inputs):
    """`call` as one graph, which endpoints share, of inputs given by keyword."""
    return tf.function(
        with_signature(call, inputs),
        input_signature=[i.spec for i in inputs],
        autograph=False,
    )


# A failed check must come before the work that it guards: without the dependency a
# server would first try to make ten billion images, and die of it.


def checked_count(n, limit):
    """The scalar `n`, or InvalidArgumentError in the graph unless 0 <= n <= limit."""
    n = tf.ensure_shape(n, ())
    checks = [
        tf.debugging.assert_non_negative(n, f"Expected n from 0 to {limit}."),
        tf.debugging.assert_less_equal(
            n,
            limit,
            f"Expected n from 0 to {limit}: ask several times, or export with a larger "
            "max_images.",
        ),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(n)


def checked_rows(x, shape, limit):
    """`x` of the given shape with at most `limit` rows, or InvalidArgumentError.

    A server does not compare what it is sent with the shape in the signature.
    """
    x = tf.ensure_shape(x, shape)
    check = tf.debugging.assert_less_equal(
        tf.shape(x)[0],
        limit,
        f"Expected at most {limit} rows: ask several times, or export with a larger "
        "max_images.",
    )
    with tf.control_dependencies([check]):
        return tf.identity(x)


def checked_labels(labels, count, num_classes):
    """`labels` (count,) in [0, num_classes), or InvalidArgumentError in the graph."""
    labels = tf.ensure_shape(labels, (None,))
    wanted = f"from 0 to {num_classes - 1}"
    checks = [
        tf.debugging.assert_equal(
            tf.size(labels), count, "Expected one label per image."
        ),
        tf.debugging.assert_non_negative(labels, f"Expected labels {wanted}."),
        tf.debugging.assert_less(labels, num_classes, f"Expected labels {wanted}."),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(labels)


def checked_codes(codes, count, size):
    """`codes` (count, size), or InvalidArgumentError in the graph."""
    codes = tf.ensure_shape(codes, (None, size))
    check = tf.debugging.assert_equal(
        tf.shape(codes)[0], count, "Expected one row of codes per image."
    )
    with tf.control_dependencies([check]):
        return tf.identity(codes)


def in_pieces(call, inputs, size, spec):
    """Applies a function to a few rows at a time, so that memory stays bounded.

    Args:
        call: function that takes the inputs by keyword and works row by row.
        inputs: dict of tensors of equally many rows, which may be none.
        size: rows per call.
        spec: `tf.TensorSpec` of the result of a call.

    Returns:
        The results, joined along the rows.
    """
    count = tf.shape(next(iter(inputs.values())))[0]
    # An empty batch takes one (empty) turn, which gives the result its shape.
    turns = tf.maximum((count + size - 1) // size, 1)
    results = tf.TensorArray(
        spec.dtype, turns, infer_shape=False, element_shape=spec.shape
    )

    def turn(i, results):
        rows = {name: x[i * size : (i + 1) * size] for name, x in inputs.items()}
        return i + 1, results.write(i, call(**rows))

    _, results = tf.while_loop(
        lambda i, _: i < turns, turn, (0, results), parallel_iterations=1
    )
    return results.concat()
