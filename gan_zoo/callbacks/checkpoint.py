"""Checkpoints from which a run goes on bit for bit."""

import json
import math
import os
import pathlib
import re
import shutil
import tempfile
import time

import keras
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.files import replacing, write_whole
from gan_zoo.models.base.networks import non_finite

_NAME = re.compile(r"step-(\d{9})")


class RunCheckpoint(keras.callbacks.Callback):
    """Saves the whole state of training at each epoch's end and in between.

    A checkpoint is a folder `step-000001234` that appears by one rename, after its
    files reached the disk: it is complete or it is not there. It holds the weights,
    every optimizer's state, the averages, the step counter and the means of the logs.

    Args:
        folder: where checkpoints go.
        steps_per_epoch: training steps of an epoch, to know where a checkpoint stands.
        also: other models whose weights and optimizers are saved as well, such as what
            an earlier phase of the run trained.
        every_seconds: also save so often within an epoch. None: save only at the end of
            each epoch. With several workers this is always so.
        keep: number of newest checkpoints to keep.
        monitor: name in the epoch's logs whose best epoch is kept as well, in the
            folder that `best.json` names.
        best_is: "min" or "max".
        seconds: function without arguments that returns the training time so far, in
            seconds, stored with the state; 0 by default.
        chief: whether this process writes; the others of a multi-worker run take part
            (variables are read together) and throw their copy away.

    Raises:
        OSError: when a checkpoint cannot be written; the earlier ones stay as they are.
        FloatingPointError: when a weight is NaN or infinite.
        ValueError: for another `best_is`.
    """

    def __init__(
        self,
        folder,
        steps_per_epoch,
        *,
        also=(),
        every_seconds=60.0,
        keep=2,
        monitor=None,
        best_is="min",
        seconds=lambda: 0.0,
        chief=True,
    ):
        super().__init__()
        if best_is not in ("min", "max"):
            raise ValueError(f"Expected best_is 'min' or 'max', got {best_is!r}.")
        self.folder = pathlib.Path(folder)
        self.steps_per_epoch = steps_per_epoch
        self.also = also
        self.every_seconds = every_seconds
        self.keep = keep
        self.monitor = monitor
        self.best_is = best_is
        self.seconds = seconds
        self.chief = chief
        self._means = None
        self._saved_at = time.monotonic()

    @property
    def saves_within_epochs(self):
        """Whether this run may be saved between two steps of an epoch."""
        return self.every_seconds is not None and not backend.is_multi_worker(
            self.model
        )

    # Coming back.

    def restore(self, model):
        """Loads the newest checkpoint into a compiled model.

        Args:
            model: the model, built and compiled as when it was saved.

        Returns:
            Dict with `step`, `seconds`, `means` and `logs`, or None when there is no
            checkpoint.
        """
        newest = max(checkpoints(self.folder), default=None, key=step_of)
        if newest is None:
            return None
        load_checkpoint(newest, model, self.also)
        meta = json.loads((newest / "meta.json").read_text())
        self._means = meta["means"]
        self._keep_if_best(newest, meta)  # in case the run ended just before it was
        return meta

    def on_epoch_begin(self, epoch, logs=None):
        """Restores the means of a resumed epoch, which Keras has just reset."""
        if self._means is not None and self._within_epoch():
            for variable, value in zip(_means(self.model), self._means, strict=True):
                variable.assign(value)
        self._means = None

    # Saving.

    def on_train_batch_end(self, batch, logs=None):
        """Saves when the last checkpoint is old enough."""
        if not self.saves_within_epochs or not self._within_epoch():
            return
        if time.monotonic() - self._saved_at >= self.every_seconds:
            self.save()

    def on_epoch_end(self, epoch, logs=None):
        """Saves, and keeps the best epoch's copy."""
        self.save(logs)

    def _within_epoch(self):
        return self.model.trained_steps % self.steps_per_epoch != 0

    def save(self, logs=None):
        """Writes a checkpoint now.

        Args:
            logs: the epoch's logs, at its end.

        Returns:
            Path of the checkpoint.

        Raises:
            FloatingPointError: when a weight is NaN or infinite: the last checkpoint
                stays the newest, and a good one.
        """
        _refuse_non_finite(self.model)
        step = self.model.trained_steps
        target = self.folder / f"step-{step:09d}"
        meta = {
            "step": step,
            "seconds": self.seconds(),
            "means": [float(v.value.numpy()) for v in _means(self.model)],
            "logs": {k: float(v) for k, v in (logs or {}).items()},
        }
        try:
            self._write(target, meta)
            self._keep_if_best(target, meta)
        except (OSError, tf.errors.OpError) as error:
            good = max(checkpoints(self.folder), default="none yet", key=step_of)
            raise OSError(
                f"The checkpoint of step {step} could not be written to {self.folder} "
                f"({error.__cause__ or error}). Free some space or make the folder "
                "writable and run the same command again; the last good checkpoint is "
                f"{good}."
            ) from error
        if self.chief:
            for old in sorted(checkpoints(self.folder), key=step_of)[: -self.keep]:
                shutil.rmtree(old, ignore_errors=True)
        self._saved_at = time.monotonic()
        return target

    def _write(self, target, meta):
        if not self.chief:
            with tempfile.TemporaryDirectory() as copy:
                self._write_files(pathlib.Path(copy), meta)
            return
        # A repeated step writes the same numbers again.
        with replacing(target, overwrite=True) as partial:
            partial.mkdir()
            self._write_files(partial, meta)
            for file in partial.iterdir():
                _sync(file)
            _sync(partial)
        _sync(self.folder)

    def _write_files(self, folder, meta):
        _all_of(self.model, self.also).write(str(folder / "state"))
        (folder / "meta.json").write_text(json.dumps(meta, indent=1))

    def _keep_if_best(self, checkpoint, meta):
        """Copies a checkpoint to `best-STEP`; `best.json`, which names it, decides."""
        value = meta["logs"].get(self.monitor, math.nan)
        if not self.chief or math.isnan(value):
            return
        kept = best_checkpoint(self.folder)
        if kept is not None:
            other = json.loads((kept / "meta.json").read_text())["logs"][self.monitor]
            if not (value < other if self.best_is == "min" else value > other):
                return
        copy = self.folder / f"best-{meta['step']:09d}"
        with replacing(copy, overwrite=True) as partial:
            shutil.copytree(checkpoint, partial)
        write_whole(self.folder / "best.json", json.dumps({"checkpoint": copy.name}))
        for old in self.folder.glob("best-*"):
            if old.name != copy.name:
                shutil.rmtree(old, ignore_errors=True)


def checkpoints(folder):
    """Complete checkpoints of a folder, in no order."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]


def best_checkpoint(folder):
    """The checkpoint of the best epoch so far, or None."""
    name = pathlib.Path(folder) / "best.json"
    if not name.exists():
        return None
    return name.parent / json.loads(name.read_text())["checkpoint"]


def step_of(checkpoint):
    """Training step at which a checkpoint was written."""
    return int(_NAME.fullmatch(checkpoint.name).group(1))


def load_checkpoint(folder, model, also=()):
    """Loads one checkpoint folder into a compiled model.

    Args:
        folder: the checkpoint.
        model: the model, compiled.
        also: the other models that were saved with it.

    Raises:
        ValueError: when it belongs to another model.
    """
    try:
        status = _all_of(model, also).read(str(folder / "state"))
        status.assert_existing_objects_matched()
    except (AssertionError, ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"The checkpoint {folder} does not fit this {type(model).__name__}: "
            f"{str(error).splitlines()[0]} Use the settings it was made with, or "
            "another run folder."
        ) from error


def _refuse_non_finite(model):
    bad = non_finite(model.weights)
    if bad is not None:
        raise FloatingPointError(
            f"{bad.path} holds NaN or infinite numbers at training step "
            f"{model.trained_steps}; nothing was saved. The last checkpoint is good. "
            "Try a lower learning rate, or float32 rather than mixed."
        )


def _all_of(model, also=()):
    """All that training changes, variable by variable.

    From a model alone TensorFlow finds its layers and variables, but none in a list.
    """
    variables = {id(v): v for each in (model, *also) for v in _state_of(each)}
    return tf.train.Checkpoint(model=model, variables=list(variables.values()))


def _state_of(model):
    optimizers = []
    if model.compiled:
        optimizers = [model.optimizer_of(player) for player in model.players]
    return [*model.weights, *(v for o in optimizers for v in o.variables)]


def _means(model):
    """Variables of the means in the logs, which no Keras or TensorFlow format saves."""
    return [v for metric in model.metrics for v in metric.variables]


def _sync(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
