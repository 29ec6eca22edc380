"""What `fit` and `evaluate` read on TensorFlow: checked, full and joined batches."""

import numbers

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.backend.tensorflow.joining import (
    as_dataset,
    check_batches,
    check_enough,
    check_steps,
    full_batches,
    join_batches,
    padded,
    shared_evenly,
)

# Fewer rows tell nothing of the range that is meant.
_ROWS_TO_LOOK_AT = 8


def feed(batch, x, y, options, *, joined=1, replicas=1, seed=0, steps_at_once=1):
    """The data arguments of Keras's `fit` for what a user passed to a model's.

    Args:
        batch: `inputs.Batch` that describes what a batch must hold.
        x: tf.data set, array, or arrays in the structure of the batch.
        y: labels or the like that belong to `x` when it is an array, or None.
        options: the other arguments of `fit`; `batch_size`, `steps_per_epoch`,
            `validation_split` and `shuffle` matter here.
        joined: consecutive batches that one training step takes, joined into one.
        replicas: number of replicas that share a batch.
        seed: from which the order of arrays is drawn where this function shuffles.
        steps_at_once: training steps per call of the train function.

    Returns:
        Dict with `x`, `y`, `batch_size` and `shuffle`.

    Raises:
        TypeError: for other kinds of data.
        ValueError: for data that the model cannot be trained on as it is built.
        InvalidArgumentError: for values that a step must not use, such as a label out
            of range. A data set raises it when `fit` comes to them, before the step
            they are meant for.
    """
    shuffle = options.get("shuffle", True)
    batch_size = options.get("batch_size")
    steps = options.get("steps_per_epoch")
    whole = joined > 1 or replicas > 1
    x = _joined_arguments(x, y)
    if not is_dataset(x):
        parts = checked_arrays(batch, x)
        _check_even(batch, parts)
        if not whole:
            rows = int(len(parts[0]) * (1 - (options.get("validation_split") or 0)))
            check_enough(-(-rows // (batch_size or 32)), steps)
            x, y = _for_keras(batch, parts)
            return {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle}
        if options.get("validation_split"):
            raise ValueError(
                "validation_split does not go with several critic steps or replicas: "
                "split the arrays and pass validation_data."
            )
        _check_fills_a_batch(len(parts[0]), batch_size or 32, joined)
        x = as_dataset(batch.packed(parts), batch_size or 32, shuffle, seed)
    batches = x.cardinality().numpy()
    if steps is None and batches == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            "Expected a data set that ends, or steps_per_epoch: this one repeats "
            "without end. Pass steps_per_epoch=..., or leave out repeat()."
        )
    _check_not_empty(x)
    _check_spec(batch, x.element_spec)
    check_batches(x, replicas)
    x = _checked(batch, x)
    if whole:
        x = full_batches(x, joined)
        x = shared_evenly(x, replicas)
        x = join_batches(x, joined)
    x = _looked_at(batch, x)
    check_steps(x, batches, joined, steps, replicas, steps_at_once)
    return {"x": x, "y": None, "batch_size": None, "shuffle": False}


def feed_test(batch, x, y, steps=None, argument="steps", batch_size=None, replicas=1):
    """The data arguments of Keras's `evaluate` for what a user passed to a model's.

    Args:
        batch: `inputs.Batch` that describes what a batch must hold.
        x: as for `feed`.
        y: as for `feed`.
        steps: batches to use, or None for all.
        argument: name of the argument that says so, for messages.
        batch_size: rows per batch of arrays; 32 by default.
        replicas: number of replicas that share a batch.

    Returns:
        Tuple `(x, y)`.

    Raises:
        TypeError, ValueError, InvalidArgumentError: as `feed`.
    """
    x = _joined_arguments(x, y)
    if is_dataset(x):
        if steps is None and x.cardinality().numpy() == tf.data.INFINITE_CARDINALITY:
            raise ValueError(
                f"Expected a data set that ends, or {argument}: this one repeats "
                f"without end. Pass {argument}=..., or take some of it: ds.take(100)."
            )
        _check_not_empty(x)
        _check_spec(batch, x.element_spec)
        check_enough(x.cardinality().numpy(), steps, argument)
        x = _looked_at(batch, _checked(batch, x))
        return padded(x, batch, replicas), None
    parts = checked_arrays(batch, x)
    _check_even(batch, parts)
    check_enough(-(-len(parts[0]) // (batch_size or 32)), steps, argument)
    if replicas == 1:
        return _for_keras(batch, parts)
    rows = tf.data.Dataset.from_tensor_slices(batch.packed(parts))
    return padded(rows.batch(batch_size or 32), batch, replicas), None


def feed_batch(batch, x, y):
    """The arrays of one batch as one structure, checked, for a step by itself.

    Args:
        batch: `inputs.Batch` that describes what a batch must hold.
        x: array, or arrays in the structure of the batch.
        y: labels or the like that belong to `x`, or None.

    Returns:
        Array or tuple, in the form that `batch.arranged` reads.

    Raises:
        TypeError, ValueError, InvalidArgumentError: as `feed`; TypeError also for
            data sets.
    """
    x = (x, y) if y is not None else x
    if any(map(is_dataset, keras.tree.flatten(x))):
        raise TypeError(
            "Expected the arrays of one batch, got a data set. Pass it to fit or "
            "evaluate, or take its batches one at a time: for batch in ds."
        )
    return batch.packed(checked_arrays(batch, x))


def checked_arrays(batch, x):
    """Arrays in the order of a batch's parts, checked, strings as numbers of words.

    Args:
        batch: `inputs.Batch`.
        x: array, or arrays in the structure of the batch.

    Raises:
        TypeError, ValueError, InvalidArgumentError: as `feed`.
    """
    _check_arrays(x)
    _check_count(batch, x)
    batch.check(x)
    for name, array in zip(batch.names, batch.arranged(x), strict=True):
        if not array.shape[0]:
            raise ValueError(
                f"Expected at least one row of {name}, got an array of shape "
                f"{tuple(array.shape)}. Pass data that are not empty."
            )
    return batch.from_arrays(x)


def _joined_arguments(x, y):
    """What a user passed as one structure."""
    if y is None:
        return x
    if is_dataset(x):
        raise TypeError(
            "Expected one data set, whose batches hold images and labels, got "
            f"{type(y).__name__} as well. Join them: tf.data.Dataset.zip(x, y)."
        )
    return (x, y)


def _for_keras(batch, parts):
    """Arrays as the arguments x and y of Keras's `fit`."""
    packed = batch.packed(parts)
    if isinstance(packed, tuple):
        return packed if len(packed) == 2 else (packed, None)
    return packed, None


def _checked(batch, dataset):
    """The data set, mapped to what networks take; values are checked on the way."""

    @tf.autograph.experimental.do_not_convert
    def look(*parts):
        return batch.packed(batch.checked(parts))

    return dataset.map(look)


def _looked_at(batch, dataset):
    """The data set, whose first rows are looked at as an array is, for warnings.

    They are looked at when `fit` reads them: to read them before would draw from the
    data set once more than the user asked for.
    """
    kept, looked = [], []

    def look(*arrays):
        if not looked:
            kept.append(arrays)
            parts = [np.concatenate(rows) for rows in zip(*kept, strict=True)]
            if len(parts[0]) >= _ROWS_TO_LOOK_AT:
                looked.append(True)
                kept.clear()
                # What is wrong, rather than unlikely, was refused by `_checked`.
                batch.check_values(batch.packed(parts))
        return np.bool_(True)

    @tf.autograph.experimental.do_not_convert
    def pass_on(place, element):
        tensors = batch.arranged(element)
        looks = tf.cond(
            place < _ROWS_TO_LOOK_AT,
            lambda: tf.numpy_function(look, tensors, tf.bool),
            lambda: True,
        )
        with tf.control_dependencies([looks]):
            return tf.nest.map_structure(tf.identity, element)

    return _released_at_once(dataset.enumerate().map(pass_on))


def _released_at_once(dataset):
    """The data set, not tuned while it is read, unless its options ask for that.

    The thread that tunes a data set sleeps up to a minute at a time. Where reading
    stops before the data end, TensorFlow waits until it wakes up: with
    `steps_per_epoch`, after an error, after Ctrl-C. Without tuning, AUTOTUNE means a
    fixed number of calls at a time.
    """
    if dataset.options().autotune.enabled is not None:
        return dataset
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _check_not_empty(dataset):
    """Refuses data sets that are known to hold nothing."""
    if dataset.cardinality().numpy() == 0:
        raise ValueError(
            "Expected a data set of at least one batch, got an empty one. What make it "
            "empty are take(0), skip(n) of all batches, and batch(n, "
            "drop_remainder=True) of fewer rows than n."
        )


def _check_fills_a_batch(rows, batch_size, joined):
    """Refuses arrays of fewer rows than a batch, where only full batches are used."""
    if rows < batch_size:
        most = rows // joined
        fix = f"a batch_size of at most {most}, or more rows" if most else "more rows"
        raise ValueError(
            f"Expected arrays that fill a step, got {rows} rows: a batch has "
            f"{batch_size} rows, and a step takes {joined} batch(es). Pass {fix}."
        )


def _check_spec(batch, spec):
    """Refuses data sets of another structure, or of an unknown number of axes."""
    for part in keras.tree.flatten(spec):
        if hasattr(part, "shape") and part.shape.rank is None:
            raise ValueError(
                "Expected a data set that states its shapes, got a tensor of unknown "
                "rank. Write ds.map(lambda x: tf.ensure_shape(x, (None, height, width, "
                "channels))) or give from_generator its output_signature."
            )
    batch.check(spec)


def _check_arrays(x):
    """Refuses what are no arrays."""
    if isinstance(x, str):
        raise TypeError(
            f"Expected a tf.data set or arrays, got the text {x!r}. Open the images of "
            f"a folder with train, test = gan_zoo.data.load('folder:{x}')."
        )
    if all(array is None for array in keras.tree.flatten(x)):
        raise TypeError("Expected a tf.data set or arrays, got nothing.")
    for array in keras.tree.flatten(x):
        if array is None:  # Keras's place for labels or weights that there are not
            continue
        if isinstance(array, (numbers.Number, str)):
            raise TypeError(
                f"Expected arrays, got a list of {type(array).__name__}. Write "
                "numpy.asarray(...) around it."
            )
        if is_dataset(array):
            raise TypeError(
                "Expected one data set, got several. Join them: "
                "tf.data.Dataset.zip(x, y)."
            )
        if not hasattr(array, "shape"):
            raise TypeError(
                f"Expected a tf.data set or arrays, got {type(array).__name__}. Wrap "
                "generators with tf.data.Dataset.from_generator(...).batch(...)."
            )


def _check_count(batch, x):
    """Refuses lists of single images, and an array in a list."""
    # With two more than there are parts, labels and weights are meant.
    fitting = range(2, len(batch.parts) + 3)
    if isinstance(x, (tuple, list)) and len(x) not in fitting:
        raise TypeError(
            f"Expected arrays {batch.words}, got a {type(x).__name__} of {len(x)}. "
            "Pass the array itself; numpy.stack(...) makes one of single images."
        )


def _check_even(batch, parts):
    """Refuses arrays that need not, but do not, have equally many rows.

    Keras cuts all arrays into batches of the same rows.
    """
    if len({len(part) for part in parts}) > 1:
        arrays = zip(batch.parts, batch.packed(parts), strict=True)
        rows = {name: len(keras.tree.flatten(part)[0]) for name, part in arrays}
        made = [f"from_tensor_slices({name}).batch(32)" for name in rows]
        zipped = ", ".join(f"tf.data.Dataset.{each}" for each in made)
        got = " and ".join(f"{count} of {name}" for name, count in rows.items())
        raise ValueError(
            f"Expected arrays of equally many rows, got {got}. Zip data sets of them: "
            f"tf.data.Dataset.zip({zipped}). An epoch then ends with the shorter one, "
            "unless that has .repeat() before .batch(32)."
        )


def is_dataset(x):
    """Whether `x` is a tf.data.Dataset."""
    return isinstance(x, tf.data.Dataset)
