"""Several properties of an image, each there or not."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import as_tuple
from gan_zoo.inputs.input import Input, Requirement


class Attributes(Input):
    """Named properties of an image, 1 where it has them and 0 where not.

    A user may pass an array of 0 and 1, one name, several names, or a dict of names
    to 0 and 1. Attributes that are not named are 0.

    Args:
        names: names of the attributes, such as ("smiling", "glasses").

    Raises:
        ValueError: for no names, or the same name twice.
    """

    accepted = ("float", "bfloat", "int", "uint", "bool")
    wanted_type = "0 and 1"
    type_fix = 'Write tf.cast(x, "float32").'
    can_draw = True

    def __init__(self, names):
        # A string is a sequence too, of letters.
        several = () if isinstance(names, str) else as_tuple(names)
        if not several or len(set(several)) < len(several):
            raise ValueError(
                "Expected a list of names of attributes, each one once, such as "
                f"['smiling', 'glasses'], got {names!r}."
            )
        super().__init__((len(several),))
        self.names = tuple(map(str, several))
        self.about = f"1 or 0 for each of {', '.join(self.names)}"

    def requirement(self, x):
        """Zeros and ones."""
        x = ops.cast(x, "float32")
        right = ops.logical_or(x == 0.0, x == 1.0)
        wrong = ops.where(right, ops.zeros_like(x), x)
        return Requirement(
            ops.all(right),
            f"to be 0 or 1, {len(self.names)} per image",
            ops.sum(wrong) / ops.maximum(ops.sum(ops.cast(~right, "float32")), 1.0),
            "For -1 and 1, as in CelebA's list, write (x + 1) / 2.",
        )

    def draw(self, count):
        """Attributes (count, len(names)), each 1 with probability ½."""
        return ops.floor(2.0 * backend.uniform((count, len(self.names))))

    def as_array(self, name, value):
        """Names as well as numbers; see the class."""
        if value is None:
            raise ValueError(f"Expected {name}, got None. Pass [] for no attributes.")
        value = [value] if isinstance(value, str) else value
        if isinstance(value, dict):
            self._check_names(name, value)
            return np.array([float(value.get(n, 0)) for n in self.names], "float32")
        if not hasattr(value, "dtype"):
            given = as_tuple(value)
            if all(isinstance(v, str) for v in given):  # also for none at all
                self._check_names(name, given)
                return np.array([float(n in given) for n in self.names], "float32")
        return super().as_array(name, value)

    def _check_names(self, name, given):
        if unknown := [x for x in given if x not in self.names]:
            raise ValueError(
                f"Expected {name} out of {', '.join(self.names)}, got "
                f"{', '.join(map(str, unknown))}."
            )
