"""Batches of equal sizes: full ones, joined for several critic steps, shared."""

import keras
import tensorflow as tf


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


def shared_evenly(dataset, replicas):
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


def padded(dataset, batch, replicas):
    """Batches that the replicas can share evenly: the last row is repeated.

    A step of an evaluation removes the added rows from its results, by `unpadded`.
    Without them, a replica might get fewer rows than the others, or none, and draw
    other noise than one device draws for the same images.

    Args:
        dataset: data set of batches of any number of rows.
        batch: `inputs.Batch` that describes them.
        replicas: number of replicas.

    Returns:
        Data set of dicts: the batch, whose parts have a multiple of `replicas` rows,
        and for each part a bool per row, False for added ones. For one replica the
        data set itself.
    """
    if replicas == 1:
        return dataset

    @tf.autograph.experimental.do_not_convert
    def pad(state, *element):
        tensors = batch.arranged(element if len(element) > 1 else element[0])
        longer, given = [], []
        for x in tensors:
            rows = tf.shape(x)[0]
            places = tf.range(-(-rows // replicas) * replicas)
            longer.append(tf.gather(x, tf.minimum(places, rows - 1)))
            given.append(places < rows)
        return state, {_PADDED: batch.packed(longer), _GIVEN: tuple(given)}

    # A scan, since behind a map TensorFlow finds the former number of rows, and shares
    # the longer batches by that.
    return dataset.scan(tf.constant(0), pad)


_PADDED, _GIVEN = "padded", "given"


def unpadded(data, names):
    """A batch without the marks of `padded`, and which of its rows were not added.

    Args:
        data: what Keras hands to a step.
        names: names of the parts of a batch.

    Returns:
        (batch, dict of the name of a part to the slice of the rows to keep). Data that
        were not padded keep all rows.
    """
    if not isinstance(data, dict) or data.keys() != {_PADDED, _GIVEN}:
        return data, dict.fromkeys(names, slice(None))
    counts = [tf.reduce_sum(tf.cast(mask, tf.int32)) for mask in data[_GIVEN]]
    kept = {name: slice(count) for name, count in zip(names, counts, strict=True)}
    return data[_PADDED], kept


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
        ValueError: when an epoch holds no step, or fewer than `steps_per_epoch`, or
            when under a strategy an epoch is no multiple of `steps_per_execution`.
    """
    steps = dataset.cardinality().numpy()
    if steps == 0:
        raise ValueError(
            f"The data set of {batches} batch(es) holds no full step: one step of this "
            f"model takes {joined} full batch(es). Use a smaller batch_size or more "
            "images; or write ds.batch(n, drop_remainder=True): a last batch that may "
            "be smaller is left out."
        )
    check_enough(steps, steps_per_epoch)
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


def check_enough(available, asked, argument="steps_per_epoch"):
    """Refuses more steps than the data hold, of which Keras would leave out the rest.

    Args:
        available: number of steps that the data hold, below 0 where it is not known.
        asked: number of steps that a user asked for, or None.
        argument: name of the argument that says it.

    Raises:
        ValueError: for too many.
    """
    if asked is not None and 0 <= available < asked:
        raise ValueError(
            f"Expected {argument} of at most {available}, the steps that the data "
            f"hold, got {asked}. Leave it out, or pass a data set that repeats, "
            "ds.repeat()."
        )


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
