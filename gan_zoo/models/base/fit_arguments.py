"""Checks of the arguments of `fit` and `evaluate`, before any data are read.

Keras ignores some of them in silence, counts 0 as None, or fails only after an epoch.
"""

import keras

from gan_zoo import backend
from gan_zoo.checks import check_count, is_number


def check_arguments(x, batch_size, callbacks, verbose, **counts):
    """Checks what `fit` and `evaluate` have in common.

    Args:
        x: data set or arrays.
        batch_size: rows per batch of arrays, or None.
        callbacks: a callback, a list, also of lists, or None.
        verbose: how much Keras prints.
        **counts: numbers of steps by the names of their arguments, or None.

    Raises:
        ValueError: for a count that is no integer of at least 1, another `verbose`
            than Keras's, and for `batch_size` beside a data set.
        TypeError: for other objects than callbacks.
    """
    _check_batch_size("batch_size", batch_size, x)
    if verbose not in ("auto", 0, 1, 2):  # True and False are 1 and 0
        raise ValueError(f"Expected verbose to be 'auto', 0, 1 or 2, got {verbose!r}.")
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
    verbose,
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
        verbose,
        steps_per_epoch=steps_per_epoch,
        validation_steps=validation_steps,
    )
    check_count("epochs", epochs)
    check_count("initial_epoch", initial_epoch, least=0)
    if initial_epoch > epochs:
        raise ValueError(
            f"Expected epochs of at least initial_epoch={initial_epoch}, got {epochs}: "
            "epochs is the number of the last epoch, earlier ones included."
        )
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
    first = min(keras.tree.flatten(validation_freq))
    if first > epochs:
        raise ValueError(
            f"Expected validation_freq of at most {epochs}, the number of epochs, got "
            f"{validation_freq!r}: there would be no validation."
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


def _check_frequency(frequency):
    """Refuses other than the types that Keras takes: it looks after an epoch only."""
    several = frequency if isinstance(frequency, list) else [frequency]
    if not several or not all(isinstance(n, int) and n >= 1 for n in several):
        raise ValueError(
            "Expected validation_freq to be a Python int of at least 1, the epochs "
            "from one validation to the next, or a list of the epochs to validate "
            f"after, got {frequency!r}."
        )


def check_minibatches(parts, count):
    """Raises ValueError for a batch that holds no whole minibatches.

    Args:
        parts: list of arrays or tensors, the parts of the batch.
        count: number of minibatches that it must hold.
    """
    if odd := [x.shape[0] for x in parts if (x.shape[0] or 0) % count]:
        raise ValueError(
            f"Expected {count} minibatches in one batch, a multiple of {count} rows, "
            f"got {odd[0]}. fit joins them. For train_on_batch join them yourself: the "
            f"first row of each of the {count} batches, then the second row of each, "
            "and so on."
        )


def check_trainable(model):
    """Raises ValueError for a player that training would not move.

    A generator may be fixed, for an estimate of its distance by the critic.

    Args:
        model: a model with players.
    """
    for player, networks in model.players.items():
        if player != "g" and not model.variables_of(player):
            names = ", ".join(network.name for network in networks)
            raise ValueError(
                f"Expected weights to train for the player {player!r}, got none: "
                f"{names} has trainable=False. Set trainable=True. Each player's step "
                "moves its own weights only, so there is nothing to freeze."
            )


def check_trained(model, history):
    """Raises ValueError where `fit` ended without a step, which Keras does in silence.

    Args:
        model: the model.
        history: the `History` of its `fit`; of no epochs where these were trained
            already, as `BackupAndRestore` knows.
    """
    if history.epoch and all(name.startswith("val_") for name in history.history):
        raise ValueError(
            "The data hold no full step: one step of this model takes "
            f"{model.batches_per_step} full batch(es). Use a smaller batch size or "
            "more images."
        )
