"""What `fit` and `evaluate` read on TensorFlow: checked, full and joined batches."""

import contextlib
import hashlib
import numbers

import keras
import numpy as np
import tensorflow as tf


def feed(batch, x, y, options, *, joined=1, replicas=1, seed=0, steps_at_once=1):
    """The data arguments of Keras's `fit` for what a user passed to a model's.

    Args:
        batch: `inputs.Batch` that describes what a batch must hold.
        x: tf.data set, array, or arrays in the structure of the batch.
        y: what stands beside `x` when it is an array, such as labels, or None.
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
        InvalidArgumentError: for values that no step may see, such as a label out of
            range. A data set raises it when `fit` comes to them, before the step they
            are meant for.
    """
    shuffle = options.get("shuffle", True)
    batch_size = options.get("batch_size")
    whole = joined > 1 or replicas > 1
    x = _joined_arguments(x, y)
    if not is_dataset(x):
        parts = checked_arrays(batch, x)
        if not whole:
            x, y = _for_keras(batch, parts)
            return {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle}
        if options.get("validation_split"):
            raise ValueError(
                "validation_split does not go with several critic steps or replicas: "
                "split the arrays and pass validation_data."
            )
        x = as_dataset(batch.packed(parts), batch_size or 32, shuffle, seed)
    steps = options.get("steps_per_epoch")
    batches = x.cardinality().numpy()
    if steps is None and batches == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            "Expected a data set that ends, or steps_per_epoch: this one repeats "
            "without end. Pass steps_per_epoch=..., or leave out repeat()."
        )
    _check_spec(batch, x.element_spec)
    check_batches(x, replicas)
    _look_at_first(batch, x)
    x = _checked(batch, x)
    if whole:
        x = full_batches(x, joined)
        x = _shared_evenly(x, replicas)
        x = join_batches(x, joined)
    check_steps(x, batches, joined, steps, replicas, steps_at_once)
    return {"x": x, "y": None, "batch_size": None, "shuffle": False}


def feed_test(batch, x, y, steps=None, argument="steps"):
    """The data arguments of Keras's `evaluate` for what a user passed to a model's.

    Args:
        batch: `inputs.Batch` that describes what a batch must hold.
        x: as for `feed`.
        y: as for `feed`.
        steps: batches to use, or None for all.
        argument: name of the argument that says so, for messages.

    Returns:
        Tuple `(x, y, given)`, `given` being what stands for the data from one
        evaluation to the next: the user's data set, or a digest of the arrays.

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
        _check_spec(batch, x.element_spec)
        _look_at_first(batch, x)
        return _checked(batch, x), None, x
    parts = checked_arrays(batch, x)
    return *_for_keras(batch, parts), _digest(parts)


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
    return batch.from_arrays(x)


def _joined_arguments(x, y):
    """What a user passed as one structure."""
    if y is None:
        return x
    if is_dataset(x):
        raise TypeError(
            "Expected a data set alone, its batches holding all a step needs, got "
            f"{type(y).__name__} beside it. Join them: tf.data.Dataset.zip(x, y)."
        )
    return (x, y)


def _for_keras(batch, parts):
    """Arrays as the arguments x and y of Keras's `fit`."""
    packed = batch.packed(parts)
    if isinstance(packed, tuple):
        return packed if len(packed) == 2 else (packed, None)
    return packed, None


def _digest(arrays):
    """A text that is the same for arrays of equal contents only."""
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        array = np.ascontiguousarray(array)
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.view("uint8").reshape(-1) if array.size else b"")
    return digest.hexdigest()


def _checked(batch, dataset):
    """The data set, mapped to what networks take; values are checked on the way."""

    @tf.autograph.experimental.do_not_convert
    def look(*parts):
        return batch.packed(batch.checked(parts))

    return dataset.map(look)


def _look_at_first(batch, dataset):
    """Looks at the values of the first batch as at an array's.

    A data set that cannot be read says so where `fit` reads it. Wrong values are the
    error that they are on their way to the step.
    """
    arrays = []
    with contextlib.suppress(tf.errors.OpError):
        for first in dataset.take(1):
            arrays.append(keras.tree.map_structure(_as_array, first))
    try:
        for first in arrays:
            batch.check_values(first)
    except ValueError as error:
        raise tf.errors.InvalidArgumentError(None, None, str(error)) from error


def _as_array(tensor):
    return tensor.numpy() if hasattr(tensor, "numpy") else tensor


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
    for array in keras.tree.flatten(x):
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


def check_batches(dataset, replicas):
    """Refuses global batches that the replicas cannot share evenly.

    Raises:
        ValueError: with the batch size to use instead.
    """
    for part in keras.tree.flatten(dataset.element_spec):
        rows = part.shape[0] if _axes(part) else None
        if rows is not None and rows % replicas:
            raise ValueError(
                f"A global batch of {rows} rows cannot be shared evenly by {replicas} "
                f"replicas. Use a batch size of {rows - rows % replicas or replicas}."
            )


def _shared_evenly(dataset, replicas):
    """The same check on the way, where the data set does not state its rows."""
    places = _open_places(dataset)
    if replicas == 1 or not places:
        return dataset

    @tf.autograph.experimental.do_not_convert
    def look(*batch):
        rows = _rows(batch, places)
        even = tf.reduce_all(rows % replicas == 0)
        text = f"Expected global batches that {replicas} replicas can share evenly, got"
        check = tf.debugging.Assert(even, [text, rows, "rows."])
        with tf.control_dependencies([check]):
            return _mapped(batch)

    return dataset.map(look)


def _axes(part):
    """Number of axes, None where it is unknown; 0 for what is no tensor."""
    return part.shape.rank if hasattr(part, "shape") else 0


def _open_places(dataset):
    """Which of a batch's tensors, flattened, do not state how many rows they have."""
    parts = keras.tree.flatten(dataset.element_spec)
    return [i for i, p in enumerate(parts) if _axes(p) and p.shape[0] is None]


def _rows(batch, places):
    """Rows of some of a batch's tensors, int64 (len(places),)."""
    parts = keras.tree.flatten(batch)
    return tf.stack([tf.shape(parts[i], out_type=tf.int64)[0] for i in places])


def _mapped(batch):
    """What `map` returns for the arguments that it was called with."""
    batch = tf.nest.map_structure(tf.identity, batch)
    return batch if len(batch) > 1 else batch[0]


def check_steps(dataset, batches, joined, steps_per_epoch, replicas, steps_at_once):
    """Refuses a data set too small for one step, or steps that do not come out even.

    Args:
        dataset: what `fit` reads, of joined batches.
        batches: batches of the user's data set.
        joined: how many of them a step takes.
        steps_per_epoch: as given to `fit`, or None.
        replicas: number of replicas.
        steps_at_once: steps per call of the train function.

    Raises:
        ValueError: when an epoch holds no step, or when under a strategy an epoch is
            no multiple of `steps_per_execution`.
    """
    steps = dataset.cardinality().numpy()
    if steps == 0:
        raise ValueError(
            f"The data set of {batches} batch(es) holds no full step: one step of this "
            f"model takes {joined} full batch(es). Use a smaller batch_size or more "
            "images; or write ds.batch(n, drop_remainder=True): a last batch that may "
            "be smaller is left out."
        )
    steps = steps_per_epoch or steps
    if steps == tf.data.UNKNOWN_CARDINALITY and steps_at_once > 1:
        raise ValueError(
            "The data set does not say how many batches it holds: pass steps_per_epoch "
            "to go with steps_per_execution > 1."
        )
    if replicas > 1 and steps > 0 and steps % steps_at_once:
        raise ValueError(
            f"Under a strategy the {steps} steps of an epoch must be a multiple of "
            f"steps_per_execution={steps_at_once}: pass "
            f"steps_per_epoch={steps - steps % steps_at_once}."
        )


def is_dataset(x):
    """Whether `x` is a tf.data.Dataset."""
    return isinstance(x, tf.data.Dataset)


def as_dataset(arrays, batch_size, shuffle, seed):
    """Batches of arrays, reshuffled at each iteration, full batches only."""
    dataset = tf.data.Dataset.from_tensor_slices(arrays)
    if shuffle:
        rows = len(keras.tree.flatten(arrays)[0])
        dataset = dataset.shuffle(rows, seed=seed, reshuffle_each_iteration=True)
    return dataset.batch(batch_size, drop_remainder=True)


def full_batches(dataset, multiple=1):
    """Leaves out what does not fill a step of `multiple` equal batches.

    A data set that states its batch dimensions has equal batches and is returned as it
    is. Elsewhere the last batch of an epoch may be smaller, and Keras needs to know the
    number of steps. Where that number is known, the last batch goes, unless it can be
    looked at without reading all others, and is full; a filter drops smaller batches
    where it is not known. A batch of several tensors is full when each of them is.
    """
    places = _open_places(dataset)
    if not places:
        return dataset
    batches = dataset.cardinality().numpy()
    if batches >= 0:
        if batches % multiple == 0 and not _last_is_full(dataset, batches):
            batches -= 1
        return dataset.take(batches // multiple * multiple)

    def mark(expected, *batch):
        rows = _rows(batch, places)
        expected = tf.where(expected == 0, rows, expected)
        return expected, (batch, tf.reduce_all(rows == expected))

    dataset = dataset.scan(tf.zeros((len(places),), tf.int64), mark)
    dataset = dataset.filter(lambda _, full: full)
    return dataset.map(lambda batch, _: batch if len(batch) > 1 else batch[0])


def _last_is_full(dataset, batches):
    if batches < 2:
        return False  # nothing to compare it with
    try:
        first, last = (
            [part.shape for part in keras.tree.flatten(batch)]
            for batch in (
                tf.data.experimental.at(dataset, place) for place in (0, batches - 1)
            )
        )
    except (
        tf.errors.UnimplementedError,  # a parallel map or a generator, for example
        tf.errors.FailedPreconditionError,  # repeat() after batch()
        tf.errors.OutOfRangeError,  # repeat() before batch()
    ):
        return False
    return first == last


def join_batches(dataset, count):
    """Joins `count` consecutive batches into one, interleaved row by row.

    Row i of joined batch k lands at i * count + k, so that a strategy that hands each
    replica a contiguous block hands it the same rows of every one of the batches;
    `AdversarialModel.minibatches` takes them apart again.
    """
    if count == 1:
        return dataset

    def interleave(x):  # (count, b, ...) -> (b * count, ...)
        order = [1, 0, *range(2, x.shape.rank)]
        x = tf.transpose(x, order)
        shape = tf.shape(x)
        rows = None if x.shape[0] is None else x.shape[0] * count
        joined = tf.reshape(x, tf.concat([[shape[0] * count], shape[2:]], 0))
        joined.set_shape([rows, *x.shape[2:]])
        return joined

    def join(*batch):
        batch = batch if len(batch) > 1 else batch[0]
        return tf.nest.map_structure(interleave, batch)

    return dataset.batch(count, drop_remainder=True).map(
        join, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
