"""Channels become pixels: the enlargement of ESPCN and SRGAN."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class PixelShuffle(keras.layers.Layer):
    """(n, h, w, c · r²) → (n, h · r, w · r, c), with PyTorch's order of channels.

    Channel k · r² + i · r + j goes to channel k, i rows down and j columns to the right
    within the r × r pixels. (`tf.nn.depth_to_space` has k last.)

    Args:
        factor: r.
        **kwargs: as in `keras.layers.Layer`.

    Raises:
        ValueError: when built for channels that are no multiple of r².

    Reference: Shi et al. 2016, Real-Time Single Image and Video Super-Resolution Using
    an Efficient Sub-Pixel Convolutional Neural Network, 1609.05158, equation 4.
    """

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        """Checks the number of channels."""
        if input_shape[-1] % self.factor**2:
            raise ValueError(
                f"Expected channels that are a multiple of {self.factor**2}, got "
                f"{input_shape[-1]}."
            )
        super().build(input_shape)

    def call(self, x):
        """Moves groups of channels to their pixels."""
        r, channels = self.factor, x.shape[-1] // self.factor**2
        n, h, w = ops.shape(x)[:3]
        x = ops.reshape(x, (n, h, w, channels, r, r))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))  # -> (n, h, r, w, r, c)
        return ops.reshape(x, (n, h * r, w * r, channels))

    def compute_output_shape(self, input_shape):
        """(n, h · r, w · r, c), open where the input is."""
        n, h, w, c = input_shape
        sides = [None if side is None else side * self.factor for side in (h, w)]
        return (n, *sides, c // self.factor**2)

    def get_config(self):
        """Arguments of the layer."""
        return super().get_config() | {"factor": self.factor}
