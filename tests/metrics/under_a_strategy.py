"""Metrics computed under a strategy, for test_image_metric.py."""

import keras
import numpy as np
import tensorflow as tf
from features.feature_doubles import Flat

from gan_zoo.features import resolve
from gan_zoo.metrics import (
    ClassifierScore,
    ClassifierTest,
    ConfidentShare,
    DensityCoverage,
    FeatureSampleMetric,
    FrechetDistance,
    KernelDistance,
    KernelTest,
    Memorisation,
    PatchDistance,
    PeakSignalToNoise,
    PrecisionRecall,
    SlicedWasserstein,
)

REFERENCE = "these images"


def images(seed, n=54):
    """Six batches of nine: of two replicas, one has a row more than the other."""
    rng = np.random.default_rng(seed)
    blobs = rng.normal(size=(n, 28, 28, 1)).cumsum(axis=1).cumsum(axis=2)
    return np.tanh(blobs / 4 - 1).astype("float32")


def evaluate(strategy, metrics, step, real, fake):
    data = tf.data.Dataset.from_tensor_slices((real, fake)).batch(9)
    for metric in metrics:
        metric.begin(REFERENCE)

    for batch in strategy.experimental_distribute_dataset(data):
        step(batch)
    results = [metric.result() for metric in metrics]
    values = [float(value) for value in keras.tree.flatten(results)]
    for metric in metrics:
        metric.complete()
    return values, [metric.protocol() for metric in metrics]


def twice(strategy):
    with strategy.scope():
        # A network takes seconds to trace for every metric that has it.
        digits, pixels = resolve("mnist"), Flat(28 * 28)
        metrics = [
            FrechetDistance(digits),
            ConfidentShare(threshold=0.2),
            KernelDistance(pixels, subsets=5, subset_size=10),
            PrecisionRecall(pixels),
            DensityCoverage(pixels),
            ClassifierScore(digits, splits=2),
            KernelTest(pixels, permutations=50),
            ClassifierTest(pixels),
            Memorisation(images(3), pixels),
            SlicedWasserstein(pixels, projections=16),
            PatchDistance((28, 28, 1), max_images=60),
            PeakSignalToNoise(),
        ]

    def update(real, fake):
        for metric in metrics:
            metric.update_state(real, fake)

    @tf.function(autograph=False)
    def step(batch):
        strategy.run(update, args=batch)

    first = evaluate(strategy, metrics, step, images(0), images(1))
    # The same reference: the other real images must not count.
    return first, evaluate(strategy, metrics, step, images(7), images(2))


def drawn(strategy, n, max_images):
    """Which of n numbered images are kept, out of batches of 8."""
    with strategy.scope():
        metric = FeatureSampleMetric(Flat(1), max_images)
    numbers = np.arange(n, dtype="float32")[:, None, None, None]
    data = tf.data.Dataset.from_tensor_slices((numbers, numbers)).batch(8)

    @tf.function(autograph=False)
    def step(batch):
        strategy.run(metric.update_state, args=batch)

    for batch in strategy.experimental_distribute_dataset(data):
        step(batch)
    return metric.real_rows.read()[:, 0]
