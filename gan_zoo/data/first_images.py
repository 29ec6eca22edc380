"""The first rows of a data set, as arrays."""

import keras
import numpy as np


def first_images(dataset, count):
    """Up to `count` images from the start of a data set.

    Args:
        dataset: batches of images, or of structures that begin with them, such as
            (images, labels).
        count: largest number of images.

    Returns:
        Array (n, ...), n at most `count`; length 0 if there are none.
    """
    batches, found = [], 0
    for batch in dataset.as_numpy_iterator():
        batches.append(keras.tree.flatten(batch)[0])
        found += len(batches[-1])
        if found >= count:
            break
    return np.concatenate(batches)[:count] if batches else np.zeros(0)


def first_rows(dataset, count=None):
    """The rows at the start of a data set, one array for each part of a batch.

    Args:
        dataset: finite data set of batches that are tuples, such as (images, labels).
        count: largest number of rows; all of them by default.

    Returns:
        List of arrays (n, ...), n at most `count`.
    """
    batches, found = [], 0
    for batch in dataset.as_numpy_iterator():
        batches.append(batch)
        found += len(batch[0])
        if count is not None and found >= count:
            break
    return [np.concatenate(part)[:count] for part in zip(*batches, strict=True)]
