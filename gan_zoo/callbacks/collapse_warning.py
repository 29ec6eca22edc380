"""Warns while a generator draws one thing only, or a few."""

import math
import warnings

import keras
import numpy as np
import scipy.spatial.distance
import tensorflow as tf
from keras import ops

from gan_zoo.data.first_conditions import first_conditions, needed_conditions
from gan_zoo.data.first_images import first_images


class Collapse(UserWarning):
    """The samples of a run have become alike."""


def spread(images):
    """Variance of each pixel over the images, summed over pixels.

    Args:
        images: array (n, ...).
    """
    return float(np.var(_flat(images), axis=0).sum())


def nearest_other(images):
    """Median over the images of the distance to the nearest other one.

    Args:
        images: array (n, ...), n of at least 2.
    """
    distances = scipy.spatial.distance.squareform(
        scipy.spatial.distance.pdist(_flat(images))
    )
    np.fill_diagonal(distances, np.inf)
    return float(np.median(distances.min(axis=1)))


def _flat(images):
    return np.asarray(images, "float64").reshape(len(images), -1)


class CollapseWarning(keras.callbacks.Callback):
    """Warns when samples of the same latents become alike, or their scores do.

    After each epoch it draws some samples and compares them with as many real images.
    Three cheap ratios, about 1 for samples like the data, go into the logs:

    - `sample_spread`: variance of the pixels. Near 0 where all samples are one image.
    - `sample_distance`: distance of a sample to the nearest other one. Near 0 where
      samples repeat a few images, however different those are.
    - `score_spread`: standard deviation of the scores, for models whose discriminator
      takes images alone and gives one score. Near 0 where all samples are alike to the
      discriminator as well.

    A ratio gives a `Collapse` warning in two cases: it was at least `threshold` before
    and is below it for `patience` consecutive epochs; or it was never at least
    `threshold` in the first `grace` training steps. (The first samples of a healthy run
    are alike as well.) Samples that are bad but different give no warning; metrics
    measure them.

    Args:
        real: real images (n, ...) in [-1, 1], of the model's shape, or a data set of
            batches of them. A model with conditions that cannot be drawn at random,
            such as texts, needs a data set that holds these as well, as `fit` does.
            Other parts of its batches are ignored.
        count: images compared on each side.
        threshold: smallest ratio that is no collapse.
        patience: consecutive epochs below it before the warning.
        grace: training steps after which a ratio should have been above it.
        seed: seed of the samples.

    Raises:
        ValueError: for fewer than two real images, or real images that are all equal.
        TypeError: before training, for an array where the model needs conditions that
            cannot be drawn at random.
    """

    # What it may add to the logs, for callbacks that monitor one of these numbers.
    added_logs = "sample_spread", "sample_distance", "score_spread"

    def __init__(self, real, count=64, threshold=0.25, patience=3, grace=1000, seed=0):
        super().__init__()
        self.real = _first(real, count)
        self._data = real if isinstance(real, tf.data.Dataset) else None
        self._given = {}
        self.threshold = threshold
        self.patience = patience
        self.grace = grace
        self.seed = seed
        self._real_statistics = {
            "sample_spread": spread(self.real),
            "sample_distance": nearest_other(self.real),
        }
        if not self._real_statistics["sample_spread"] > 0:
            raise ValueError("Expected real images that differ, got equal ones.")
        self._low = {}
        self._was_higher = set()

    def on_train_begin(self, logs=None):
        """Takes from the data what the samples need and the model cannot draw."""
        needed = needed_conditions(self.model)
        if not needed or self._given:
            return
        if self._data is None:
            raise TypeError(
                f"Expected a data set with {needed} for {type(self.model).__name__}, "
                "got an array of images. Pass the data set of fit: "
                "CollapseWarning(train)."
            )
        self._given = first_conditions(self.model, self._data, len(self.real))

    def on_epoch_end(self, epoch, logs=None):
        """Adds the ratios to the logs, and warns."""
        for name, ratio in self.ratios().items():
            if logs is not None:
                logs[name] = ratio
            if math.isnan(ratio):  # neither alike nor different: see StopOnNaN
                continue
            low = ratio < self.threshold
            self._low[name] = self._low.get(name, 0) + 1 if low else 0
            if not low:
                self._was_higher.add(name)
            started = name in self._was_higher or self.model.trained_steps > self.grace
            if started and self._low[name] >= self.patience:
                warnings.warn(self._message(name, ratio, epoch), Collapse, stacklevel=2)
                self._was_higher.discard(name)
                self._low[name] = -math.inf  # once, until it has recovered

    def ratios(self):
        """The ratios of the model as it is, a dict of name to float."""
        fake = self.model.generate(len(self.real), seed=self.seed, **self._given)
        fake_statistics = {
            "sample_spread": spread(fake),
            "sample_distance": nearest_other(fake),
        }
        found = {
            name: value / max(self._real_statistics[name], 1e-12)
            for name, value in fake_statistics.items()
        }
        if self._gives_scores():
            real, fake = map(self._scores, (self.real, fake))
            found["score_spread"] = float(fake.std() / max(real.std(), 1e-12))
        return found

    def _gives_scores(self):
        network = getattr(self.model, "discriminator", None)
        if network is None or len(network.inputs) != 1 or len(network.outputs) != 1:
            return False
        # One number per image: BEGAN's discriminator makes images.
        return all(side == 1 for side in network.outputs[0].shape[1:])

    def _scores(self, images):
        # Not as in training, where batch norm would remember these images.
        scores = self.model.discriminator(ops.convert_to_tensor(images), training=False)
        return ops.convert_to_numpy(scores)

    def _message(self, name, ratio, epoch):
        return (
            f"{name} is {ratio:.2g} at epoch {epoch + 1} and was below "
            f"{self.threshold} for {self.patience} epochs: the samples have become "
            "alike. Look at the sample grid. Lower learning rates, a penalty (WGANGP, "
            "DRAGAN), minibatch discrimination (ImprovedGAN) or an earlier checkpoint "
            "may help."
        )


def _first(real, count):
    if isinstance(real, tf.data.Dataset):
        real = first_images(real, count)
    if len(real) < 2:
        raise ValueError(f"Expected at least 2 real images, got {len(real)}.")
    return np.asarray(real[:count])
