"""What `fit` and `evaluate` read on TensorFlow: checked, full and joined batches."""

import numbers

import keras
import tensorflow as tf

from gan_zoo.backend.tensorflow.ranges import are_images, check_range, in_range
from gan_zoo.backend.tensorflow.strategies import replicas_of


def feed(model, x, y, batch_size, options):
    """The data arguments of Keras's `fit` for what a user passed to a model's.

    Args:
        model: the model, whose `check_batch` and `checked` are asked and whose
            `batches_per_step` batches are joined into one.
        x: tf.data set, array, or a pair (images, labels) as keras.datasets hands out.
        y: labels, or None.
        batch_size: rows per batch of arrays, 32 by default.
        options: the other arguments of `fit`; `steps_per_epoch`, `validation_split`
            and `shuffle` matter here.

    Returns:
        Dict with `x`, `y`, `batch_size` and `shuffle`.

    Raises:
        TypeError: for other kinds of data.
        ValueError: for data that the model cannot be trained on as it is built.
        InvalidArgumentError: for arrays with values that `checked` refuses. A data set
            raises it when `fit` comes to them, before the step they are meant for; so
            it does for images in 0 ... 255, for which arrays raise ValueError.
    """
    shuffle = options.get("shuffle", True)
    whole = model.batches_per_step > 1 or replicas_of(model) > 1
    x, y = _parted(x, y)
    if not is_dataset(x):
        arrays = x if y is None else (x, y)
        _check_arrays(model, x, y)
        model.check_batch(arrays)
        if model.checked:
            model.checked(*arrays)
        if options.get("validation_split"):
            model.check_test_batch(arrays)
        if not whole:
            return {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle}
        if options.get("validation_split"):
            raise ValueError(
                "validation_split does not go with several critic steps or replicas: "
                "split the arrays and pass validation_data."
            )
        x = as_dataset(arrays, batch_size or 32, shuffle, model.seed)
    _check_spec(model, x.element_spec)
    model.check_batch(x.element_spec)
    check_batches(model, x)
    batches = x.cardinality().numpy()
    x = _checked(model, x, model.checked)
    if whole:
        x = full_batches(x, model.batches_per_step)
        x = _shared_evenly(model, x)
        x = join_batches(x, model.batches_per_step)
    check_steps(model, x, batches, options.get("steps_per_epoch"))
    return {"x": x, "y": None, "batch_size": None, "shuffle": False}


def feed_test(model, x, y):
    """The data arguments of Keras's `evaluate` for what a user passed to a model's.

    Args:
        model: the model, whose `check_test_batch` and `checked_test` are asked.
        x: as for `feed`.
        y: labels, or None.

    Returns:
        Tuple `(x, y, given)`, `given` being the object that stands for `x` from one
        evaluation to the next: the user's own.

    Raises:
        TypeError, ValueError, InvalidArgumentError: as `feed`.
    """
    x, y = _parted(x, y)
    if is_dataset(x):
        _check_spec(model, x.element_spec)
        model.check_test_batch(x.element_spec)
        return _checked(model, x, model.checked_test), y, x
    arrays = x if y is None else (x, y)
    _check_arrays(model, x, y)
    model.check_test_batch(arrays)
    if model.checked_test:
        model.checked_test(*arrays)
    return x, y, x


def _parted(x, y):
    """Arrays and what stands beside them, which Keras knows from a pair of inputs."""
    pair = isinstance(x, (tuple, list)) and len(x) == 2 and y is None
    x, y = x if pair else (x, y)
    if is_dataset(x) and y is not None:
        raise TypeError(
            "Expected a data set alone, its batches holding all a step needs, got "
            f"{type(y).__name__} beside it. Join them: tf.data.Dataset.zip(x, y)."
        )
    return x, y


def _checked(model, dataset, checked):
    """The data set, mapped so that values no step may see raise on their way to it."""
    limit = model.image_limit
    spec = keras.tree.flatten(dataset.element_spec)
    images = [place for place, part in enumerate(spec) if are_images(part, limit)]
    if not images and not checked:
        return dataset

    @tf.autograph.experimental.do_not_convert
    def look(*batch):
        parts = keras.tree.flatten(batch)
        looks = [in_range(parts[place], limit) for place in images]
        with tf.control_dependencies(looks):
            batch = _mapped(batch)
        if not checked:
            return batch
        return checked(*batch) if isinstance(batch, tuple) else checked(batch)

    return dataset.map(look)


def _check_spec(model, spec):
    """Refuses data sets of dicts, and of tensors of an unknown number of axes."""
    for part in _parts(spec):
        if isinstance(part, dict):
            raise TypeError(
                "Expected batches of images or of a tuple such as (images, labels), "
                f"got a dict of {', '.join(part)}. Write ds.map(lambda d: "
                f"{_chosen(model, part)}) or load with as_supervised=True."
            )
        if _axes(part) is None:
            raise ValueError(
                "Expected a data set that states its shapes, got a tensor of unknown "
                "rank. Write ds.map(lambda x: tf.ensure_shape(x, (None, height, width, "
                "channels))) or give from_generator its output_signature."
            )


def _parts(batch):
    """The dicts and tensors of which a batch is made."""
    if not isinstance(batch, (tuple, list)):
        return [batch]
    return [part for inner in batch for part in _parts(inner)]


def _chosen(model, parts):
    """What a model trains on of a dict `d`, whose keys are often those of tfds."""
    wanted = ("image", "label") if model.checked else ("image",)
    taken = [f"d[{name!r}]" for name in wanted if name in parts]
    taken = taken or [f"d[{name!r}]" for name in parts]
    return f"({', '.join(taken)})" if len(taken) > 1 else taken[0]


def _check_arrays(model, x, y):
    """Refuses what are no arrays, and images of another range."""
    if isinstance(x, dict):
        raise TypeError(
            f"Expected arrays, got a dict d of {', '.join(x)}. Pass "
            f"{_chosen(model, x)}."
        )
    for array in keras.tree.flatten(x if y is None else (x, y)):
        if isinstance(array, (numbers.Number, str)):
            raise TypeError(
                f"Expected arrays, got a list of {type(array).__name__}. Write "
                "numpy.asarray(...) around it."
            )
        if not hasattr(array, "shape"):
            raise TypeError(
                f"Expected a tf.data set or arrays, got {type(array).__name__}. Wrap "
                "generators with tf.data.Dataset.from_generator(...).batch(...)."
            )
    if isinstance(x, (tuple, list)) and (y is None or len(x) != 2):
        raise TypeError(
            f"Expected one array of images, or (images, labels), got a "
            f"{type(x).__name__} of {len(x)}. Pass the array itself; numpy.stack(...) "
            "makes one of single images."
        )
    check_range(keras.tree.flatten(x)[0], model.image_limit)


def check_batches(model, dataset):
    """Refuses global batches that the replicas cannot share evenly.

    Raises:
        ValueError: with the batch size to use instead.
    """
    replicas = replicas_of(model)
    for part in keras.tree.flatten(dataset.element_spec):
        rows = part.shape[0] if _axes(part) else None
        if rows is not None and rows % replicas:
            raise ValueError(
                f"A global batch of {rows} rows cannot be shared evenly by {replicas} "
                f"replicas. Use a batch size of {rows - rows % replicas or replicas}."
            )


def _shared_evenly(model, dataset):
    """The same check on the way, where the data set does not state its rows."""
    replicas, places = replicas_of(model), _open_places(dataset)
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


def check_steps(model, dataset, batches, steps_per_epoch):
    """Refuses a data set too small for one step, or steps that do not come out even.

    Raises:
        ValueError: when an epoch holds no step, or when under a strategy an epoch is
            no multiple of `steps_per_execution`.
    """
    steps = dataset.cardinality().numpy()
    if steps == 0:
        raise ValueError(
            f"The data set of {batches} batch(es) holds no full step: one step of this "
            f"model takes {model.batches_per_step} full batch(es). Use a smaller "
            "batch_size or more images; or write ds.batch(n, drop_remainder=True): a "
            "last batch that may be smaller is left out."
        )
    steps = steps_per_epoch or steps
    if steps == tf.data.UNKNOWN_CARDINALITY and model.steps_per_execution > 1:
        raise ValueError(
            "The data set does not say how many batches it holds: pass steps_per_epoch "
            "to go with steps_per_execution > 1."
        )
    several = model.steps_per_execution
    if replicas_of(model) > 1 and steps > 0 and steps % several:
        raise ValueError(
            f"Under a strategy the {steps} steps of an epoch must be a multiple of "
            f"steps_per_execution={several}: pass "
            f"steps_per_epoch={steps - steps % several}."
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
    `split_batches` takes them apart again.
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
