"""Which pixels of an image are missing."""

from keras import ops

from gan_zoo import backend
from gan_zoo.inputs.input import Input, Requirement


class Mask(Input):
    """A mask of an image, 1 where a pixel is to be filled in and 0 where it is known.

    A user may pass one mask for all images, (h, w) or (h, w, 1), or one for each,
    (n, h, w) or (n, h, w, 1).

    Args:
        shape: (height, width) of the image, or (height, width, 1).
    """

    accepted = ("float", "bfloat", "int", "uint", "bool")
    wanted_type = "0 and 1"
    can_draw = True

    def __init__(self, shape):
        height, width = tuple(shape)[:2]
        super().__init__((height, width, 1))
        self.about = "1 for pixels to fill in, 0 for known ones"

    def requirement(self, x):
        """Zeros and ones."""
        x = ops.cast(x, "float32")
        right = ops.logical_or(x == 0.0, x == 1.0)
        wrong = ops.where(right, ops.zeros_like(x), x)
        return Requirement(
            ops.all(right),
            "to be 0 (known) or 1 (to fill in)",
            ops.max(ops.abs(wrong)),
            "For 0 and 255 write x / 255.",
        )

    def as_array(self, name, value):
        """Masks without an axis of channels as well."""
        array = super().as_array(name, value)
        plain = array.ndim in (2, 3) and array.shape[-2:] == self.shape[:2]
        return array[..., None] if plain else array

    def draw(self, count):
        """One rectangle per image, its sides between ¼ and ½ of the image's."""
        height, width, _ = self.shape
        # (count, 1) each, in shares of a side
        tall, wide = (0.25 + 0.25 * backend.uniform((count, 1)) for _ in range(2))
        top = (1.0 - tall) * backend.uniform((count, 1))
        left = (1.0 - wide) * backend.uniform((count, 1))
        rows = (ops.arange(height, dtype="float32") + 0.5)[None] / height
        columns = (ops.arange(width, dtype="float32") + 0.5)[None] / width
        inside_rows = ops.logical_and(rows >= top, rows < top + tall)
        inside_columns = ops.logical_and(columns >= left, columns < left + wide)
        # (count, h, 1, 1) and (count, 1, w, 1) -> (count, h, w, 1)
        inside = ops.logical_and(
            inside_rows[:, :, None, None], inside_columns[:, None, :, None]
        )
        return ops.cast(inside, "float32")
