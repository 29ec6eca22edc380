"""Callbacks of `fit`: Keras's own are adapted to several optimizers, or refused."""

import contextlib
import math
import re
import types

import keras

from gan_zoo.models.base.monitors import RATES, CheckMonitors, is_known
from gan_zoo.models.base.networks import non_finite


class StopOnNaN(keras.callbacks.Callback):
    """Raises when a logged value or a weight is NaN; `fit` adds it by default.

    Logged values are looked at after each step, weights after each epoch: behind a ReLU
    the score of an image of NaN may be an ordinary number. The callback stands before
    those that save the model, so that the last checkpoint stays a good one.

    Raises:
        FloatingPointError: naming the value or the weight, and the training step.
    """

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the means, which stay NaN once one step was."""
        for name, value in (logs or {}).items():
            if not math.isfinite(float(value)):
                self._stop(f"{name} became {float(value)}")

    def on_epoch_end(self, epoch, logs=None):
        """Looks at the weights."""
        bad = non_finite(self.model.weights)
        if bad is not None:
            self._stop(f"{bad.path} holds NaN or infinite numbers")

    def _stop(self, what):
        raise FloatingPointError(
            f"{what} at training step {self.model.trained_steps}. Files that were "
            "saved before are good. Try a lower learning rate, or float32 instead of "
            "mixed precision. fit(stop_on_nan=False) continues in spite of it."
        )


class ForPlayers(keras.callbacks.Callback):
    """A Keras callback that changes learning rates, for some of a model's players.

    `fit` wraps `ReduceLROnPlateau` and `LearningRateScheduler` for all players. Each
    player's rate is a column of the logs, such as `learning_rate_d`.

    Args:
        callback: the Keras callback, `ReduceLROnPlateau`, `LearningRateScheduler` or
            one of your own that changes `self.model.optimizer.optimizers`.
        players: names of the players, such as ("g",); all by default.

    Raises:
        TypeError: for other callbacks, which do not depend on the player.
        ValueError: for no players.

    Example:
        schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        gan.fit(train, callbacks=[gan_zoo.callbacks.ForPlayers(schedule, ["g"])])
    """

    def __init__(self, callback, players=None):
        super().__init__()
        is_callback = isinstance(callback, keras.callbacks.Callback)
        if not is_callback or (
            is_known(type(callback)) and not isinstance(callback, RATES)
        ):
            raise TypeError(
                "Expected a callback that changes learning rates, such as "
                f"keras.callbacks.ReduceLROnPlateau('d_loss'), got {callback!r}. Pass "
                "other callbacks to fit as they are."
            )
        if players is not None and not len(players):
            raise ValueError("Expected one player at least, such as ['g'], got none.")
        self.callback = callback
        self.players = players

    def set_params(self, params):
        """Hands the parameters on."""
        super().set_params(params)
        self.callback.set_params(params)

    def set_model(self, model):
        """Shows the callback the model with its players' optimizers.

        Raises:
            ValueError: for players that the model does not have, and for those whose
                learning rate is a schedule.
        """
        super().set_model(model)
        names = list(model.players) if self.players is None else list(self.players)
        if unknown := sorted(set(names) - set(model.players)):
            raise ValueError(
                f"Expected players out of {list(model.players)}, got {unknown}."
            )
        for name in names:
            self._refuse_schedule(name, _Rate(name, model.optimizer_of(name)))
        self.callback.set_model(_WithOptimizers(model, names))

    def _refuse_schedule(self, player, optimizer):
        rate = optimizer.learning_rate
        # A number, or a variable of any framework's.
        if isinstance(rate, float) or callable(getattr(rate, "assign", None)):
            return
        raise ValueError(
            f"Expected an optimizer of {player!r} whose learning rate is a number, got "
            f"one with a schedule, which {type(self.callback).__name__} cannot change. "
            f"Write compile({player}_optimizer=keras.optimizers.Adam(2e-4)), or leave "
            "the callback out."
        )

    def on_train_begin(self, logs=None):
        """As the callback."""
        self.callback.on_train_begin(logs)

    def on_train_end(self, logs=None):
        """As the callback."""
        self.callback.on_train_end(logs)

    def on_train_batch_begin(self, batch, logs=None):
        """As the callback."""
        self.callback.on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        """As the callback."""
        self.callback.on_train_batch_end(batch, logs)

    def on_epoch_begin(self, epoch, logs=None):
        """As the callback."""
        self.callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        """As the callback."""
        self.callback.on_epoch_end(epoch, logs)


class _WithOptimizers:
    """A model whose `optimizer` is the list that Keras's callbacks know."""

    def __init__(self, model, players):
        self._model = model
        rates = [_Rate(player, model.optimizer_of(player)) for player in players]
        self.optimizer = types.SimpleNamespace(optimizers=rates)

    def __getattr__(self, name):
        return getattr(self._model, name)


class _Rate:
    """An optimizer's learning rate, under the name of its player."""

    def __init__(self, name, optimizer):
        self.name = name
        # Under mixed_float16 the rate is that of the optimizer inside.
        self._optimizer = getattr(optimizer, "inner_optimizer", optimizer)

    @property
    def learning_rate(self):
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._optimizer.learning_rate = value


@contextlib.contextmanager
def optimizers_named(model):
    """Scope in which callbacks that expect one optimizer are told which there are.

    Keras's own methods ask whether `model.optimizer` is None, so it stays None. An
    error of what is missing from None gets a note.

    Args:
        model: the model whose optimizers are named.
    """
    try:
        yield
    except AttributeError as error:
        found = re.search(r"'NoneType' object has no attribute '(\w+)'", str(error))
        if found and hasattr(keras.optimizers.Optimizer, found[1]):
            ours = [f"{player}_optimizer" for player in model.players]
            error.add_note(
                f"The optimizer of a {type(model).__name__} is None: each player has "
                f"its own, {', '.join(ours)}. In a callback write "
                f"self.model.{ours[0]}.{found[1]}."
            )
        raise


def fit_callbacks(callbacks, stop_on_nan, validated):
    """The callbacks of a `fit`, those that expect one optimizer adapted or refused.

    Args:
        callbacks: as given to `fit`: one callback, a list, also of lists, None, or a
            `CallbackList`, of which the callbacks are taken.
        stop_on_nan: whether to stop where a loss becomes NaN.
        validated: whether `fit` evaluates the model.

    Returns:
        The callbacks for Keras's `fit`.

    Raises:
        ValueError: for callbacks that cannot work, saying what to use.
    """
    inner, adapted = [], [StopOnNaN()] if stop_on_nan else []
    for callback in _each(callbacks or []):
        _refuse(callback)
        inner.append(
            callback.callback if isinstance(callback, ForPlayers) else callback
        )
        adapted.append(
            ForPlayers(callback) if isinstance(callback, RATES) else callback
        )
    return [CheckMonitors(inner, validated), *adapted]


def _each(callbacks):
    for callback in keras.tree.flatten(callbacks):
        if isinstance(callback, keras.callbacks.CallbackList):
            yield from _each(callback.callbacks)
        else:
            yield callback


def _refuse(callback):
    if isinstance(callback, keras.callbacks.SwapEMAWeights):
        raise ValueError(
            "SwapEMAWeights works with one optimizer, and a GAN has one per player. "
            "Give the model ema=0.999: samples are then drawn with averaged weights."
        )
    if isinstance(callback, keras.callbacks.LearningRateScheduler):
        schedule = keras.optimizers.schedules.LearningRateSchedule
        if isinstance(callback.schedule, schedule) or not callable(callback.schedule):
            raise ValueError(
                "Expected LearningRateScheduler(function) with a function of the epoch "
                f"and the rate, got {callback.schedule!r}. Give a schedule to the "
                "optimizer: compile(g_optimizer=keras.optimizers.Adam(schedule))."
            )
    if getattr(callback, "write_steps_per_second", False):
        raise ValueError(
            "TensorBoard(write_steps_per_second=True) reads the steps of one "
            "optimizer, and a GAN has one per player. Leave it out."
        )
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        path = str(callback.filepath)
        if path.endswith((".h5", ".hdf5")) and not callback.save_weights_only:
            raise ValueError(
                f"A GAN is not saved as HDF5, which the name {path!r} asks for. Write "
                "ModelCheckpoint('gan.keras'), or save_weights_only=True and a name "
                "that ends in .weights.h5."
            )
