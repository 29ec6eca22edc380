"""The first images of a data set, as one array."""

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
