"""A vector of continuous codes."""

from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count
from gan_zoo.inputs.input import Input, Requirement


class Codes(Input):
    """Continuous codes of an image, drawn from [-1, 1] in training.

    A user may pass numbers beyond [-1, 1]: the model extrapolates.

    Args:
        size: number of codes of an image, at least 1.

    Raises:
        ValueError: when there is no code.
    """

    accepted = ("float", "bfloat", "int", "uint")
    wanted_type = "numbers"
    can_draw = True

    def __init__(self, size):
        check_count("the number of codes", size)
        super().__init__((int(size),))
        self.size = int(size)
        self.about = f"{self.size} codes, drawn from [-1, 1] in training"

    def requirement(self, x):
        """Finite numbers."""
        total = ops.sum(ops.cast(x, "float32"))
        return Requirement(ops.isfinite(total), "of finite numbers", total)

    def draw(self, count):
        """Codes (count, size), uniform on [-1, 1); needs an open draw scope."""
        return backend.uniform((count, self.size), -1.0, 1.0)

    def check_network(self, part, shape):
        """Raises ValueError for a network's input that does not take the codes."""
        if tuple(shape) != self.shape:
            raise ValueError(
                f"Expected the {part} to take codes of shape {self.shape}, got an "
                f"input of shape {tuple(shape)}. Make it keras.Input({self.shape})."
            )
