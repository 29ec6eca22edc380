"""The numbers and pictures of a run, epoch by epoch: CSV and TensorBoard."""

import csv
import pathlib
import shutil
import time

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from gan_zoo.callbacks.pictures import about_picture, pictures_in
from gan_zoo.files import whole


class RunLog(keras.callbacks.Callback):
    """Writes each epoch's logs to `metrics.csv` and to TensorBoard.

    `show` adds a saved picture to TensorBoard. A resumed run rewrites what it repeats,
    so that no epoch and no picture is there twice.

    Args:
        folder: the run folder; TensorBoard's events go to its `tensorboard`, and the
            pictures of earlier sessions are in its `samples`.
        seconds: training time of earlier sessions, to which this one's is added.
        tensorboard: whether to write events as well.
    """

    def __init__(self, folder, seconds=0.0, tensorboard=True):
        super().__init__()
        self.path = pathlib.Path(folder) / "metrics.csv"
        self.events = str(pathlib.Path(folder) / "tensorboard")
        self.pictures = pathlib.Path(folder) / "samples"
        self.tensorboard = tensorboard
        self.earlier = seconds
        self.writer = None
        self.started = None

    @property
    def seconds(self):
        """Training time of the run so far, in all sessions."""
        if self.started is None:
            return self.earlier
        return self.earlier + time.monotonic() - self.started

    def on_train_begin(self, logs=None):
        """Starts the clock."""
        if self.started is None:
            self.started = time.monotonic()
        if self.tensorboard and self.writer is None:
            # Events cannot be taken back: those of epochs that a killed run repeats
            # would stand in the curves twice. The CSV draws them anew.
            shutil.rmtree(self.events, ignore_errors=True)
            self.writer = tf.summary.create_file_writer(self.events)
            for row in read_log(self.path):
                if int(row["step"]) <= self.model.trained_steps:
                    self._draw(row)
            for path in pictures_in(self.pictures):
                step, _ = about_picture(path)
                if step is not None and step <= self.model.trained_steps:
                    self.show(path)

    def show(self, path):
        """Adds a picture that `callbacks.Pictures` saved to TensorBoard."""
        if not self.writer:
            return
        step, _ = about_picture(path)
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        with self.writer.as_default(step=step):
            tf.summary.image("samples", pixels[None])
        self.writer.flush()

    def on_epoch_end(self, epoch, logs=None):
        """Writes the row of this epoch."""
        step = self.model.trained_steps
        row = {"epoch": epoch + 1, "step": step, "seconds": round(self.seconds, 2)}
        row |= {name: float(value) for name, value in (logs or {}).items()}
        rows = [r for r in read_log(self.path) if int(r["epoch"]) <= epoch] + [row]
        names = list(dict.fromkeys(name for r in rows for name in r))
        with whole(self.path) as partial, open(partial, "w", newline="") as file:
            table = csv.DictWriter(file, names)
            table.writeheader()
            table.writerows(rows)
        self._draw(row)

    def _draw(self, row):
        if not self.writer:
            return
        with self.writer.as_default(step=int(row["step"])):
            for name, value in row.items():
                if name not in ("epoch", "step") and value != "":
                    tf.summary.scalar(name, float(value))
        self.writer.flush()


def read_log(path):
    """Rows of a `metrics.csv` as dicts of strings; none when there is no file."""
    if not pathlib.Path(path).exists():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
