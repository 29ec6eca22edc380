"""Whether a conditional model draws the classes that it is asked for."""

import numpy as np
from keras import ops
from scipy.optimize import linear_sum_assignment

from gan_zoo.features import resolve


def reading_table(model, classify=None, per_class=100, seed=0):
    """How often images of one class are classified as another.

    Args:
        model: a model whose `generate` takes labels below its `num_classes`.
        classify: function of images (n, h, w, c) in [-1, 1] to class probabilities
            (n, k); the package's MNIST network by default.
        per_class: images asked for per class.
        seed: seed of the images; class c uses `seed` + c.

    Returns:
        int array (num_classes, k): a row per class that was asked for, a column per
        predicted class.
    """
    classify = classify or resolve("mnist").classify
    table = []
    for label in range(model.num_classes):
        images = model.generate(per_class, seed=seed + label, labels=label)
        probabilities = ops.convert_to_numpy(classify(images))
        table.append(
            np.bincount(probabilities.argmax(1), minlength=probabilities.shape[1])
        )
    return np.array(table)


def label_accuracy(table):
    """Share of images that are classified as the class that was asked for.

    Args:
        table: see `reading_table`; classes are numbered alike in rows and columns.
    """
    return float(np.trace(table) / table.sum())


def code_agreement(table):
    """The same for a code whose values have no names.

    Codes are matched to classes so that the share is largest.

    Reference: Chen et al. 2016, InfoGAN, 1606.03657, section 7.2 (which matches each
    category to a digit).

    Args:
        table: see `reading_table`.

    Returns:
        Share in [0, 1]; about 1 / k for a code without meaning.
    """
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / table.sum())
