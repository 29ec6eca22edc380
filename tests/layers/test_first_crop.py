import keras
import numpy as np
import tensorflow as tf

from gan_zoo.layers import FirstCrop


def test_the_first_row_and_column_are_left_out_whether_sides_are_known_or_not():
    x = np.arange(24.0).reshape(1, 4, 3, 2)
    np.testing.assert_array_equal(FirstCrop()(x), x[:, 1:, 1:])
    unknown = tf.function(
        FirstCrop(), input_signature=[tf.TensorSpec((None, None, None, 2))]
    )
    np.testing.assert_array_equal(unknown(x.astype("float32")), x[:, 1:, 1:])
    assert FirstCrop()(keras.Input((None, 5, 2))).shape == (None, None, 4, 2)
