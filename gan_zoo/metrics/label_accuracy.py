"""How often a conditional model makes images of the requested class."""

import numpy as np
from keras import ops
from scipy.optimize import linear_sum_assignment

from gan_zoo.features import resolve


def confusion_matrix(model, classify=None, per_class=100, seed=0):
    """How often images of one class are classified as another.

    Args:
        model: a model whose `generate` takes labels below its `num_classes`.
        classify: function of images (n, h, w, c) in [-1, 1] to class probabilities
            (n, k). The default is the MNIST network of the package.
        per_class: number of images for each class.
        seed: integer seed of the images. Class c uses `seed` + c.

    Returns:
        int array (num_classes, k): a row for each requested class, a column for each
        predicted class.
    """
    classify = classify or resolve("mnist").classify
    matrix = []
    for label in range(model.num_classes):
        images = model.generate(per_class, seed=seed + label, labels=label)
        probabilities = ops.convert_to_numpy(classify(images))
        matrix.append(
            np.bincount(probabilities.argmax(1), minlength=probabilities.shape[1])
        )
    return np.array(matrix)


def label_accuracy(matrix):
    """The share of images that are classified as the requested class.

    Args:
        matrix: result of `confusion_matrix`. Rows and columns have the same classes.

    Returns:
        Share in [0, 1].
    """
    return float(np.trace(matrix) / matrix.sum())


def code_agreement(matrix):
    """The same for codes, whose values are not classes.

    Codes are matched to classes so that the share is largest.

    Args:
        matrix: result of `confusion_matrix`.

    Returns:
        Share in [0, 1]; about 1 / k for a code that has no effect.

    Reference: Chen et al. 2016, InfoGAN, 1606.03657, section 7.2 (which matches each
    category to a digit).
    """
    rows, columns = linear_sum_assignment(-matrix)
    return float(matrix[rows, columns].sum() / matrix.sum())
