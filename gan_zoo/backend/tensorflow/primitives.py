"""The primitives on TensorFlow: input gradients, stateless noise, replicas."""

import contextlib
import re

import tensorflow as tf

from gan_zoo.backend.randomness import next_seed
from gan_zoo.backend.rows import row_by_row


def replicas():
    """Number of replicas that share a global batch (1 without a strategy)."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def value_and_input_gradient(function, x):
    """`function(x)`, and the gradient of the sum of its scores with respect to `x`.

    The gradient can itself be differentiated. The value is that of the same pass, so
    that a penalty need not run the function again.

    No loss scale is applied: in layers of float16, entries below 1e-5 lose digits and
    those below 3e-8 come out as 0.

    Args:
        function: maps a batch, row by row, to scores of shape (n,) or (n, 1), or to a
            list of outputs that begins with them.
        x: tensor of shape (n, ...).

    Returns:
        What the function returned, and a tensor of the shape of `x`: each row's own
        gradient.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape, row_by_row():
        tape.watch(x)
        value = function(x)
        scores = value[0] if isinstance(value, (list, tuple)) else value
        total = tf.reduce_sum(scores)
    return value, tape.gradient(total, x)


def input_gradient(function, x):
    """The gradient of `value_and_input_gradient` alone."""
    return value_and_input_gradient(function, x)[1]


def fold_in(seed, data):
    """A new stateless seed of shape (2,) from a seed and an integer."""
    if not tf.is_tensor(seed):
        seed = tf.stack([tf.cast(word, tf.int64) for word in seed])
    return tf.random.experimental.stateless_fold_in(seed, tf.cast(data, tf.int64))


def _site_seed():
    site = next_seed()
    if site is None:
        raise RuntimeError(
            "A random draw was asked for outside a draw scope. Training and `generate` "
            "open one; elsewhere write `with gan_zoo.backend.draws((seed, 0)): ...`."
        )
    return fold_in(*site)


def _per_replica(draw, shape):
    """Draws the global batch and keeps this replica's rows.

    The same numbers then reach the same rows however many replicas there are.
    """
    context = tf.distribute.get_replica_context()
    count = context.num_replicas_in_sync if context else 1
    if count == 1:
        return draw(shape)
    rows = shape[0]
    everything = draw((rows * count, *shape[1:]))
    return everything[replica_id() * rows :][:rows]


def replica_id():
    """Number of this replica, int32 scalar below `replicas()`."""
    context = tf.distribute.get_replica_context()
    return tf.convert_to_tensor(context.replica_id_in_sync_group if context else 0)


def write_rows(variable, places, rows):
    """Puts rows into a metric's variable on this replica, without copying the rest.

    Args:
        variable: Keras variable (n, ...) of a metric; each replica has its own.
        places: int32 (m,), rows of the variable.
        rows: (m, ...) of its dtype.
    """
    tf.raw_ops.ResourceScatterNdUpdate(
        ref=variable.value.handle, indices=places[:, None], updates=rows
    )


def normal(shape, dtype="float32", shared=False):
    """Standard normal numbers, stateless; rows are sliced from the global batch.

    Args:
        shape: the shape wanted on this replica; axis 0 counts rows of the batch.
        dtype: float type of the result.
        shared: draw the same numbers on every replica, not a slice for each.

    Raises:
        RuntimeError: outside a `draws` block.
    """
    seed = _site_seed()

    def draw(shape):
        return tf.cast(tf.random.stateless_normal(shape, seed), dtype)

    return draw(tuple(shape)) if shared else _per_replica(draw, tuple(shape))


def uniform(shape, low=0.0, high=1.0, dtype="float32", shared=False):
    """Uniform numbers in [low, high), stateless; see `normal`.

    Args:
        shape: as for `normal`.
        low: smallest number.
        high: what the numbers stay below.
        dtype: as for `normal`.
        shared: draw the same numbers on every replica, not a slice for each.
    """
    seed = _site_seed()

    def draw(shape):
        numbers = tf.random.stateless_uniform(shape, seed, minval=low, maxval=high)
        return tf.cast(numbers, dtype)

    return draw(tuple(shape)) if shared else _per_replica(draw, tuple(shape))


def gather(x):
    """Rows of all replicas, in replica order, on every replica."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_gather(x, axis=0)


def own_rows(x):
    """This replica's rows of a tensor made by `gather` (or equal on all replicas)."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    # The shape in the graph: `all_gather` forgets the static one.
    rows = tf.shape(x)[0] // context.num_replicas_in_sync
    return x[replica_id() * rows :][:rows]


def shuffled(x):
    """The rows of all replicas in a random order: this replica's part of them.

    Stateless; the order does not depend on the number of replicas.

    Args:
        x: tensor (n, ...), this replica's rows.

    Raises:
        RuntimeError: outside a `draws` block.
    """
    everything = gather(x)
    keys = uniform((tf.shape(everything)[0],), shared=True)
    return own_rows(tf.gather(everything, tf.argsort(keys)))


def require(condition, message, values, got):
    """The tensors `values`, or InvalidArgumentError where a condition is false.

    In a graph, whatever uses what is returned waits for the check. XLA drops the check:
    what `fit` gets is looked at on its way to the step (`inputs.Batch.checked`).

    Args:
        condition: scalar bool tensor.
        message: what was expected.
        values: structure of tensors.
        got: tensor that the message ends with.
    """
    if tf.executing_eagerly() and not condition:
        # The op's own words are of tf.Tensors and "summarized data".
        raise tf.errors.InvalidArgumentError(None, None, f"{message} {got.numpy()}")
    check = tf.debugging.Assert(condition, [message, got])
    with tf.control_dependencies([check]):
        return tf.nest.map_structure(tf.identity, values)


@contextlib.contextmanager
def plain_errors():
    """Scope in which errors within a graph say their message alone.

    These are the errors of a `require`, and of Python functions that read files for a
    data set. TensorFlow puts the message amid the names of the graph's nodes.

    Raises:
        InvalidArgumentError: in place of TensorFlow's own.
        OSError: in place of the UnknownError that TensorFlow makes of one.
    """
    try:
        yield
    except tf.errors.UnknownError as error:
        found = re.search(r"\bOSError: (.*?)\nTraceback ", str(error), re.DOTALL)
        if found is None:
            raise
        raise OSError(found[1]) from error
    except tf.errors.InvalidArgumentError as error:
        # Each part of the message stands in brackets of its own.
        found = re.search(r"assertion failed: \[(Expected .*)\]", str(error))
        if found is None:
            raise
        words = found[1].partition("] [[{{")[0].replace("] [", " ")
        raise tf.errors.InvalidArgumentError(None, None, words) from error


def current_graph():
    """The graph that is being traced; outside of any, always the same object."""
    return tf.compat.v1.get_default_graph()


def is_eager():
    """Whether tensors have values, rather than a graph being traced."""
    return tf.executing_eagerly()


def function(call):
    """Compiles a function of tensors into a graph."""
    compiled = tf.function(call, reduce_retracing=True, autograph=False)
    # TensorFlow counts the tracings of all models together, and warns after five.
    compiled._omit_frequent_tracing_warning = True
    return compiled


def traced_shape(call, *inputs):
    """The static shape of what a function makes of tensors, found by tracing it.

    Args:
        call: function of tensors to one tensor.
        *inputs: (shape, dtype) of each.

    Returns:
        Tuple of ints and None.

    Raises:
        ValueError: for shapes that do not fit together within the function.
    """
    specs = [tf.TensorSpec(shape, dtype) for shape, dtype in inputs]
    traced = tf.function(call, autograph=False).get_concrete_function(*specs)
    return tuple(traced.structured_outputs.shape)
