"""A data set with few labels, for semi-supervised learning."""

import numpy as np
import tensorflow as tf

from gan_zoo.data.pipeline import Source


def choose_per_class(labels, per_class, seed=0):
    """Chooses samples at random, the same number of each class.

    Args:
        labels: int array [N].
        per_class: number of samples of each class.
        seed: int of at least 0.

    Returns:
        int64 [K * per_class], the indices of the samples, class by class.

    Raises:
        ValueError: for labels that are not one integer per image, or a class with too
            few samples.
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
    """Combines the chosen samples with labels and all samples without labels.

    Args:
        split: `Split` of one side, with labels.
        chosen: int64 [M], result of `choose_per_class`.
        size: (height, width) of the images.
        channels: 1 or 3.

    Returns:
        `Source` of (chosen images, their labels, images). The chosen samples and all
        samples are shuffled independently. An epoch contains all samples once.
    """
    (side,) = split.sides
    count = len(chosen)
    images = side.fetcher(size, channels)
    with tf.device("/cpu:0"):
        chosen = tf.convert_to_tensor(chosen)
        labels = tf.convert_to_tensor(split.labels)

    def fetch(labelled, unlabelled):
        labelled = tf.gather(chosen, labelled)
        return images(labelled), tf.gather(labels, labelled), images(unlabelled)

    return Source((count, len(side)), fetch)


def nested(images, labels, unlabelled):
    """A batch of `source` as ((images, labels), unlabelled images)."""
    return (images, labels), unlabelled
