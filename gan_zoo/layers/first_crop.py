"""An image without its first row and column."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class FirstCrop(keras.layers.Layer):
    """(n, h, w, c) → (n, h − 1, w − 1, c), without the first row and column.

    PyTorch's fractionally strided convolutions with padding 1 leave them out.
    """

    def call(self, x):
        """Crops by splits, whose gradients are cheaper than those of slices."""
        if None in x.shape[1:3]:
            return x[:, 1:, 1:]
        for axis in (1, 2):
            _, x = ops.split(x, [1], axis=axis)
        return x

    def compute_output_shape(self, input_shape):
        """One row and one column less, open where the input is."""
        n, h, w, c = input_shape
        return (n, *(None if side is None else side - 1 for side in (h, w)), c)
