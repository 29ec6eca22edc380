"""What an endpoint of an exported model is, and the checks inside its graph."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from gan_zoo import backend


class Argument(NamedTuple):
    """One named input of an endpoint."""

    name: str
    dtype: tf.DType
    shape: tuple  # of ints and None, the batch axis included
    about: str
    example: Any  # a small valid value, for warm-up requests
    default: Any = None  # the value used where a caller leaves the input out
    names: tuple = ()  # names of the classes or attributes that it holds

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
_MORE = "For more ask several times, or export with a larger max_images. Got:"


def checked_count(n, limit):
    """The scalar `n`, or InvalidArgumentError in the graph unless 0 <= n <= limit."""
    n = tf.ensure_shape(n, ())
    fine = tf.logical_and(n >= 0, n <= limit)
    return backend.require(fine, f"Expected n from 0 to {limit}. {_MORE}", n, n)


def checked_rows(x, shape, limit):
    """`x` of the given shape with at most `limit` rows, or InvalidArgumentError.

    A server does not compare what it is sent with the shape in the signature.
    """
    x = tf.ensure_shape(x, shape)
    rows = tf.shape(x)[0]
    text = f"Expected at most {limit} rows. {_MORE}"
    return backend.require(rows <= limit, text, x, rows)


def condition_argument(name, kind, optional=False):
    """The argument of an endpoint for one of a model's conditions.

    Args:
        name: name of the condition.
        kind: its `inputs.Input`.
        optional: whether a request may leave it out; no rows then stand for it.
    """
    shape, example = (None, *kind.sent_shape), kind.example()
    about, default = f"{kind.about}; one row for all images, or one per image", None
    if optional:
        about, default = f"{about}; drawn at random where left out", example[:0]
    dtype = tf.as_dtype(kind.sent_dtype)
    return Argument(name, dtype, shape, about, example, default, kind.names)


def network_argument(name, kind):
    """The same as the model's networks take it."""
    shape = (None, *kind.shape)
    return Argument(name, tf.as_dtype(kind.dtype), shape, kind.about, None)


def condition_rows(name, kind, value, count, drawn=None):
    """A condition of a request as networks take it, `count` rows, checked.

    Args:
        name: name of the condition.
        kind: its `inputs.Input`.
        value: what the request holds, in the sent form: no rows, one, or `count`.
        count: number of images.
        drawn: rows to use where the request holds none; None where that is an error.

    Returns:
        Tensor (count, *kind.shape).

    Raises:
        InvalidArgumentError: in the graph, for other rows or values.
    """
    value = tf.ensure_shape(value, (None, *kind.sent_shape))
    rows = tf.shape(value)[0]
    absent = tf.equal(rows, 0) if drawn is not None else tf.equal(count, 0)
    fine = tf.reduce_any([absent, tf.equal(rows, 1), tf.equal(rows, count)])
    text = f"Expected one row of {name} for all images, or one per image"
    check = tf.debugging.Assert(fine, [f"{text}. Images, rows:", count, rows])
    with tf.control_dependencies([check]):
        given = kind.received(name, tf.identity(value))
    several = [tf.where(tf.equal(rows, count), 1, count)] + [1] * len(kind.shape)
    # No rows stay none here, and give way to the drawn ones below.
    given = tf.cond(absent, lambda: given, lambda: tf.tile(given, several))
    if drawn is not None:
        given = tf.cond(absent, lambda: drawn, lambda: given)
    return tf.ensure_shape(given, (None, *kind.shape))


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
    turns = tf.maximum((count + size - 1) // size, 1)
    # An empty batch gets a row, whose result is removed. The row gives the results
    # their shape, and not every network computes an empty batch.
    more = tf.cast(count == 0, tf.int32)
    inputs = {
        name: tf.concat(
            [x, tf.zeros(tf.concat([[more], tf.shape(x)[1:]], 0), x.dtype)], 0
        )
        for name, x in inputs.items()
    }
    results = tf.TensorArray(
        spec.dtype, turns, infer_shape=False, element_shape=spec.shape
    )

    def turn(i, results):
        rows = {name: x[i * size : (i + 1) * size] for name, x in inputs.items()}
        return i + 1, results.write(i, call(**rows))

    _, results = tf.while_loop(
        lambda i, _: i < turns, turn, (0, results), parallel_iterations=1
    )
    return results.concat()[:count]
