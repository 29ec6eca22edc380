"""A data set of which few labels are kept, for semi-supervised learning."""

import numpy as np
import tensorflow as tf

from gan_zoo.data.pipeline import Source


def of_each_class(labels, per_class, seed=0):
    """Chooses samples at random, equally many of each class.

    Args:
        labels: int array [N].
        per_class: samples of each class.
        seed: int of at least 0.

    Returns:
        int64 [K * per_class], the numbers of the samples, class by class; the same
        whatever the batches are like.

    Raises:
        ValueError: labels other than one integer per image, or a class with fewer
            samples than asked for.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            "Expected one class per image for labels_per_class, got labels of shape "
            f"{labels.shape}, {labels.dtype}."
        )
    order = np.random.default_rng(seed).permutation(len(labels))
    chosen = []
    for label in np.unique(labels):
        of_class = order[labels[order] == label]
        if len(of_class) < per_class:
            raise ValueError(
                f"Expected at least labels_per_class={per_class} images of each class, "
                f"got {len(of_class)} of class {label}."
            )
        chosen.append(of_class[:per_class])
    return np.concatenate(chosen).astype(np.int64)


def source(split, chosen, size, channels):
    """Chosen samples with their labels, and beside them all samples without.

    Args:
        split: `Split` of one side, with labels.
        chosen: int64 [M], as `of_each_class` gives them.
        size: (height, width) of the images.
        channels: 1 or 3.

    Returns:
        `Source` of (chosen images, their labels, images); the chosen and all are
        shuffled independently, and an epoch goes once through all.
    """
    (side,) = split.sides
    images = side.fetcher(size, channels)
    with tf.device("/cpu:0"):
        numbers = tf.convert_to_tensor(chosen)
        labels = tf.convert_to_tensor(split.labels)

    def fetch(places, everyone):
        few = tf.gather(numbers, places)
        return images(few), tf.gather(labels, few), images(everyone)

    return Source((len(chosen), len(side)), fetch)


def nested(images, labels, everyone):
    """A batch of `source` as ((images, labels), unlabelled images)."""
    return (images, labels), everyone
