"""A class per image."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count
from gan_zoo.inputs.input import Input, Requirement, shape_words, type_name


class Label(Input):
    """The class of an image, an integer in [0, num_classes).

    Args:
        num_classes: number of classes, at least 2; that of the names by default.
        names: names of the classes. A user may then pass a name as well, or a list of
            them.

    Raises:
        ValueError: for fewer classes, or the same name twice.
    """

    dtype = "int32"
    sent_dtype = "int32"
    accepted = ("int", "uint")
    wanted_type = "integers"
    can_draw = True

    def __init__(self, num_classes=None, names=()):
        # A string is a sequence too, of letters.
        if isinstance(names, str) or len(set(names)) < len(names):
            raise ValueError(
                f"Expected names of classes, each one once, got {names!r}."
            )
        names = tuple(names)
        num_classes = len(names) if num_classes is None else num_classes
        check_count("num_classes", num_classes, 2)
        if names and len(names) != num_classes:
            raise ValueError(f"Expected {num_classes} names of classes, got {names!r}.")
        super().__init__(())
        self.num_classes = int(num_classes)
        self.names = tuple(map(str, names))
        self.about = f"a class, from 0 to {self.num_classes - 1}"
        if names:
            listed = (f"{i} {name}" for i, name in enumerate(self.names))
            self.about = f"a class: {', '.join(listed)}"

    def check_spec(self, owner, name, spec):
        """Raises ValueError for other labels than integers (n,)."""
        shape, dtype = tuple(spec.shape), type_name(spec.dtype)
        if len(shape) != 1 or not dtype.startswith(self.accepted):
            numbers = dtype.startswith(("int", "uint", "float", "bfloat", "bool"))
            kind = dtype if numbers else "strings or objects"
            raise ValueError(
                f"Expected {name} to be integers (n,), got {kind} of shape "
                f"{shape_words(shape)}. {_fix(shape, dtype, numbers)}"
            )

    def requirement(self, x):
        """Labels from 0 to num_classes − 1."""
        labels = ops.cast(x, "int64")  # as int32, 2**32 would be class 0
        right = ops.logical_and(labels >= 0, labels < self.num_classes)
        # The wrong one, or the most negative.
        got = ops.min(ops.where(right, ops.max(labels), labels))
        return Requirement(
            ops.all(right),
            f"from 0 to {self.num_classes - 1}",
            got,
            "Number the classes from 0, or give the model num_classes.",
        )

    def converted(self, x):
        """Labels as int32."""
        return ops.cast(ops.cast(x, "int64"), "int32")

    def as_array(self, name, value):
        """Names of classes as well as numbers, where there are names."""
        if not self.names:
            return super().as_array(name, value)
        given = np.asarray(value)
        if given.dtype.kind not in "US":
            return super().as_array(name, value)
        if unknown := sorted(set(given.ravel().tolist()) - set(self.names)):
            raise ValueError(
                f"Expected {name} out of {', '.join(self.names)}, got "
                f"{', '.join(map(str, unknown))}."
            )
        number = {name: i for i, name in enumerate(self.names)}
        return np.vectorize(number.get, otypes=["int32"])(given)

    def draw(self, count):
        """`count` classes, all equally likely, int32; needs an open draw scope."""
        # Rounding may lift the largest number below 1 to num_classes.
        labels = ops.floor(backend.uniform((count,)) * self.num_classes)
        return ops.cast(ops.minimum(labels, self.num_classes - 1), "int32")

    def check_network(self, part, shape):
        """Raises ValueError for a network's input that does not take labels (n,)."""
        if tuple(shape) not in ((), (1,)):
            raise ValueError(
                f"Expected the {part} to take labels as integers, one per image, got "
                f"an input of shape {tuple(shape)}. Make it keras.Input((), "
                "dtype='int32') and encode the labels within the network: with "
                f"keras.layers.Embedding({self.num_classes}, ...), or as one-hot rows "
                f"with keras.layers.CategoryEncoding({self.num_classes}, 'one_hot')."
            )


def _fix(shape, dtype, numbers):
    if not numbers:
        return (
            "Number the classes from 0: numpy.unique(labels, return_inverse=True)[1]."
        )
    if len(shape) == 2 and shape[1] == 1:
        column = "labels[:, 0]"
        column = column if "int" in dtype else f'tf.cast({column}, "int32")'
        return f"For a column write {column}."
    if len(shape) == 2:
        return "For one-hot rows write tf.argmax(labels, -1)."
    if len(shape) == 1:
        return 'Write tf.cast(labels, "int32").'
    return "Pass one number per image."
