"""Checks, before training, that callbacks monitor numbers which the logs will have."""

import string

import keras

# Keras's callbacks that compare epochs by one number.
MONITORS = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ReduceLROnPlateau,
)
# Those that change learning rates.
RATES = keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler


class CheckMonitors(keras.callbacks.Callback):
    """Refuses names that the logs will lack, and sets what is better, lower or higher.

    Keras warns of a missing name after an epoch, and goes on. It knows the direction of
    its own metrics only, and says so after an epoch as well.

    Names are not checked where others than this package and Keras may add to the logs:
    callbacks of a user's own, and a training step of a user's own.

    Args:
        callbacks: all callbacks of `fit`.
        validated: whether `fit` evaluates the model.
    """

    def __init__(self, callbacks, validated):
        super().__init__()
        self.callbacks = callbacks
        self.validated = validated

    def set_model(self, model):
        """Checks the callbacks, now that the model's names are known.

        Raises:
            ValueError: for a name that the logs will lack; where it is not known
                whether lower or higher is better.
        """
        super().set_model(model)
        known = self._names()
        for callback in self.callbacks:
            if known is not None:
                for name in _names_of(callback):
                    if name not in known:
                        self._refuse(callback, name, known)
            if isinstance(callback, MONITORS):
                self._set_direction(callback)
            if isinstance(callback, keras.callbacks.ModelCheckpoint):
                _check_checkpoint(callback)

    def _names(self):
        """Names that the logs will have, or None where these cannot be known."""
        known = set(self.model.tracked)
        for callback in self.callbacks:
            if not is_known(type(callback)):
                return None
            known |= set(getattr(callback, "added_logs", ()))
            if isinstance(callback, RATES):
                known |= {f"learning_rate_{player}" for player in self.model.players}
        methods = type(self.model).train_step, type(self.model).logs
        if not all(map(is_known, methods)):
            return None
        if self.validated:
            known |= {f"val_{name}" for name in self.model.evaluated_names}
        return known

    def _refuse(self, callback, name, known):
        asked = f"{type(callback).__name__} asks for {name!r}, which the logs will lack"
        fix = f"They will have {', '.join(sorted(known))}."
        if name.removeprefix("val_") in self.model.evaluated_names:
            fix += " Names with val_ need fit(..., validation_data=test)."
        elif name.startswith("val_"):
            fix += (
                " For others give compile() a metric, such as "
                "gan_zoo.metrics.FrechetDistance, and fit() validation_data."
            )
        raise ValueError(f"{asked}. {fix}")

    def _set_direction(self, callback):
        directions = {}
        for metric in self.model.own_metrics:  # Keras's, which knows "up" and "down"
            words = {"up": "max", "down": "min"}
            if best := words.get(getattr(metric, "_direction", None)):
                directions[metric.name] = best
        for metric in self.model.image_metrics:
            directions |= metric.directions
        name = callback.monitor.removeprefix("val_")
        if not getattr(callback, "save_best_only", True):
            # Where every epoch is saved, Keras wants a direction and does not use it.
            directions.setdefault(name, "min")
        if callback.mode != "auto" or name == "loss":  # which Keras knows
            return
        if name not in directions:
            raise ValueError(
                f"Expected mode='min' or mode='max' for "
                f"{type(callback).__name__}({callback.monitor!r}), got neither. "
                f"Without it, only these have a known direction: {sorted(directions)}."
            )
        callback.mode = directions[name]


def is_known(thing):
    """Whether a class or function is this package's or Keras's, not a user's own."""
    if thing is keras.callbacks.LambdaCallback:  # it runs a user's functions
        return False
    return thing.__module__.partition(".")[0] in ("gan_zoo", "keras")


def _names_of(callback):
    """Names in the logs that a callback needs."""
    if not isinstance(callback, keras.callbacks.ModelCheckpoint):
        name = getattr(callback, "monitor", None)
        return [name] if isinstance(name, str) else []
    names = [callback.monitor] if callback.save_best_only else []
    return names + sorted(set(_fields_of(callback)) - {"epoch", "batch"})


def _fields_of(callback):
    """The names in braces in the file name of a `ModelCheckpoint`."""
    path = str(callback.filepath)
    try:
        parts = list(string.Formatter().parse(path))
        fields = [field for _, field, _, _ in parts if field is not None]
        path.format(**dict.fromkeys(fields, 1))
    except (IndexError, KeyError, ValueError) as error:
        raise ValueError(
            "Expected a file name with fields such as {epoch:02d} or {d_loss:.2f}, got "
            f"ModelCheckpoint({path!r}): {error}."
        ) from error
    return fields


def _check_checkpoint(callback):
    """Refuses a `ModelCheckpoint` that Keras takes and cannot use."""
    if callback.save_freq == "epoch":
        if "batch" in _fields_of(callback):
            raise ValueError(
                f"Expected no {{batch}} in {str(callback.filepath)!r}: this "
                "ModelCheckpoint saves after epochs. Leave it out, or pass "
                "save_freq=100."
            )
    elif callback.save_best_only:
        raise ValueError(
            f"Expected save_freq='epoch' beside save_best_only=True, got "
            f"{callback.save_freq}: the best epoch is known at its end. Leave out "
            "save_freq."
        )
