"""Checks of the arguments of `fit` and `evaluate`, before any data are read.

Keras ignores some of them in silence, counts 0 as None, or fails only after an epoch.
"""

import keras

from gan_zoo import backend
from gan_zoo.checks import check_count, is_number


def check_arguments(x, batch_size, callbacks, **counts):
    """Checks what `fit` and `evaluate` have in common.

    Args:
        x: data set or arrays.
        batch_size: rows per batch of arrays, or None.
        callbacks: a callback, a list, also of lists, or None.
        **counts: numbers of steps by the names of their arguments, or None.

    Raises:
        ValueError: for a count that is no integer of at least 1, and for `batch_size`
            beside a data set.
        TypeError: for other objects than callbacks.
    """
    _check_batch_size("batch_size", batch_size, x)
    for name, value in counts.items():
        if value is not None:
            check_count(name, value)
    for callback in keras.tree.flatten(callbacks or []):
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                "Expected callbacks to be a list of keras.callbacks.Callback objects, "
                f"got {callback!r}. Make one, such as "
                "gan_zoo.callbacks.SampleGrid('samples'), or a subclass of "
                "keras.callbacks.Callback."
            )


def check_fit_arguments(
    x,
    validation_data,
    callbacks,
    *,
    batch_size,
    epochs,
    shuffle,
    initial_epoch,
    steps_per_epoch,
    validation_split,
    validation_steps,
    validation_batch_size,
    validation_freq,
):
    """Checks the arguments of `fit`, which are those of `keras.Model.fit`.

    Raises:
        ValueError: for numbers out of range, and for arguments that would be ignored:
            those for arrays beside a data set, those of the validation without one.
        TypeError: for callbacks that are none.
    """
    check_arguments(
        x,
        batch_size,
        callbacks,
        steps_per_epoch=steps_per_epoch,
        validation_steps=validation_steps,
    )
    check_count("epochs", epochs)
    check_count("initial_epoch", initial_epoch, least=0)
    if shuffle not in (True, False):
        raise ValueError(f"Expected shuffle to be True or False, got {shuffle!r}.")
    if not is_number(validation_split) or not 0 <= validation_split < 1:
        raise ValueError(
            "Expected validation_split in [0, 1), the share of the arrays that is held "
            f"out, got {validation_split!r}."
        )
    if backend.is_dataset(x) and validation_split:
        raise ValueError(
            f"Expected arrays beside validation_split={validation_split}, got a data "
            "set. Split the data set: fit(ds.skip(10), validation_data=ds.take(10))."
        )
    if validation_data is not None and validation_split:
        raise ValueError(
            "Expected validation_data or validation_split, got both. Leave out one."
        )
    _check_batch_size("validation_batch_size", validation_batch_size, validation_data)
    _check_frequency(validation_freq)
    given = {
        "validation_steps": validation_steps is not None,
        "validation_batch_size": validation_batch_size is not None,
        "validation_freq": validation_freq != 1,
    }
    unused = [name for name, is_given in given.items() if is_given]
    if unused and validation_data is None and not validation_split:
        raise ValueError(
            "Expected validation_data or validation_split beside "
            f"{' and '.join(unused)}, got neither. Pass validation_data=..., or leave "
            f"out {' and '.join(unused)}."
        )


def _check_batch_size(name, value, data):
    if value is None:
        return
    if backend.is_dataset(data):
        raise ValueError(
            f"Expected no {name} beside a data set, which has its own batches, got "
            f"{value!r}. Leave it out; ds.unbatch().batch(n) makes batches of n rows."
        )
    check_count(name, value)


def _check_frequency(epochs):
    """Refuses other than the types that Keras takes: it looks after an epoch only."""
    several = epochs if isinstance(epochs, list) else [epochs]
    if not several or not all(isinstance(n, int) and n >= 1 for n in several):
        raise ValueError(
            "Expected validation_freq to be a Python int of at least 1, the epochs "
            "from one validation to the next, or a list of the epochs to validate "
            f"after, got {epochs!r}."
        )
