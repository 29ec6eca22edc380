"""What an image can be asked for besides its noise: a class, or codes."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.checks import check_count


class Labels:
    """A class per image, an integer in [0, num_classes).

    Args:
        num_classes: number of classes, at least 2.

    Raises:
        ValueError: for fewer classes.
    """

    dtype = "int32"

    def __init__(self, num_classes):
        check_count("num_classes", num_classes, 2)
        self.num_classes = int(num_classes)

    def draw(self, count):
        """`count` classes, all equally likely, int32; needs an open draw scope."""
        # Rounding may lift the largest number below 1 to num_classes.
        labels = ops.floor(backend.uniform((count,)) * self.num_classes)
        return ops.cast(ops.minimum(labels, self.num_classes - 1), "int32")

    def check_input(self, part, shape):
        """Raises ValueError for a network's input that does not take labels (n,).

        Args:
            part: the network's part in the model, such as "generator".
            shape: of the input, without the batch axis.
        """
        if shape not in ((), (1,)):
            raise ValueError(
                f"Expected a {part} that takes labels as integers, one per image, got "
                f"an input of shape {shape}. Make it keras.Input((), dtype='int32') "
                "and encode the labels within the network: with "
                f"keras.layers.Embedding({self.num_classes}, ...), or as one-hot rows "
                f"with keras.layers.CategoryEncoding({self.num_classes}, 'one_hot')."
            )

    def given(self, labels, count):
        """Labels a user asks for, as an int32 array (count,).

        Args:
            labels: one class for all images, or one per image.
            count: number of images.

        Raises:
            TypeError: for other than integers.
            ValueError: for another number of labels, or one that is no class.
        """
        labels = np.asarray(labels)
        if labels.dtype.kind not in "iu":
            raise TypeError(f"Expected labels to be integers, got {labels.dtype}.")
        if labels.shape not in ((), (count,)):
            raise ValueError(
                f"Expected one label, or {count} of them, got shape {labels.shape}."
            )
        if labels.size and not 0 <= labels.min() <= labels.max() < self.num_classes:
            raise ValueError(
                f"Expected labels from 0 to {self.num_classes - 1}, got "
                f"{labels.min()} to {labels.max()}."
            )
        return np.broadcast_to(labels, (count,)).astype("int32")


class Codes:
    """A vector of continuous codes per image, each in [-1, 1].

    Args:
        size: codes per image, at least 1.

    Raises:
        ValueError: when there is no code.
    """

    dtype = "float32"

    def __init__(self, size):
        check_count("the number of codes", size)
        self.size = int(size)

    def draw(self, count):
        """Codes (count, size), uniform on [-1, 1); needs an open draw scope."""
        return backend.uniform((count, self.size), -1.0, 1.0)

    def check_input(self, part, shape):
        """Raises ValueError for a network's input that does not take the codes.

        Args:
            part: the network's part in the model, such as "generator".
            shape: of the input, without the batch axis.
        """
        if shape != (self.size,):
            raise ValueError(
                f"Expected a {part} that takes codes of shape {(self.size,)}, got an "
                f"input of shape {shape}. Make it keras.Input(({self.size},))."
            )

    def given(self, codes, count):
        """Codes a user asks for, as a float32 array (count, size).

        Args:
            codes: (size,) for all images, or (count, size). Beyond [-1, 1] the model
                extrapolates, which is allowed.
            count: number of images.

        Raises:
            ValueError: for another shape.
        """
        codes = np.asarray(codes, "float32")
        if codes.shape not in ((self.size,), (count, self.size)):
            raise ValueError(
                f"Expected codes of shape {(self.size,)} or {(count, self.size)}, got "
                f"{codes.shape}."
            )
        return np.broadcast_to(codes, (count, self.size))
