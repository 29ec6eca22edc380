"""Reflection padding."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class ReflectionPad(keras.layers.Layer):
    """Pads an image with its reflection at the border.

    The border pixels are not repeated: `[1, 2, 3]` padded by 2 is `[3, 2, 1, 2, 3, 2,
    1]`. Zero padding would be visible as a frame in translated images.

    Args:
        padding: rows and columns added on each of the four sides, at least 0.

    Input (n, h, w, c) with h and w above `padding`, output (n, h + 2 padding, w + 2
    padding, c).

    Raises:
        ValueError: if `padding` is negative or not smaller than the image.

    Reference: Zhu et al. 2017, 1703.10593, appendix 7.2.
    """

    def __init__(self, padding, **kwargs):
        super().__init__(**kwargs)
        if padding < 0:
            raise ValueError(f"Expected padding of at least 0, got {padding!r}.")
        self.padding = padding

    def build(self, input_shape):
        self._check(input_shape)

    def _check(self, input_shape):
        sides = [side for side in input_shape[1:3] if side is not None]
        if sides and min(sides) <= self.padding:
            raise ValueError(
                f"Reflection by {self.padding} needs images of at least "
                f"{self.padding + 1} x {self.padding + 1}, got a batch of shape "
                f"{tuple(input_shape)}. Use larger images or less padding."
            )

    def call(self, x):
        self._check(x.shape)  # again: a network of any size is built for none
        sides = (self.padding, self.padding)
        return ops.pad(x, ((0, 0), sides, sides, (0, 0)), mode="reflect")

    def get_config(self):
        return super().get_config() | {"padding": self.padding}
