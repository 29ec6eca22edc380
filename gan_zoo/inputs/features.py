"""Numbers that describe an image, such as an embedding."""

from keras import ops

from gan_zoo.inputs.input import Input, Requirement


class Features(Input):
    """An array of finite numbers per image: an embedding, a feature map.

    Unlike images the numbers have no range.

    Args:
        shape: shape of one row, such as (128,) or (4, 4, 512).
    """

    accepted = ("float", "bfloat", "int", "uint")
    wanted_type = "numbers"

    def __init__(self, shape):
        super().__init__(shape)
        self.about = f"features of shape {self.shape}"

    def requirement(self, x):
        """Finite numbers."""
        total = ops.sum(ops.cast(x, "float32"))
        return Requirement(ops.isfinite(total), "to be finite", total)
