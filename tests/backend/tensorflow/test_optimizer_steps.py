import keras
import numpy as np
import tensorflow as tf

from gan_zoo import backend


def two_steps(gradients):
    """Weights of ones after two steps with β1 ½, β2 ¾, ε 1 and learning rate 0.1."""
    weight = keras.Variable(np.ones(gradients[0].shape, "float32"))
    moments = [keras.Variable(np.zeros(weight.shape, "float32")) for _ in range(2)]
    for t, gradient in enumerate(gradients, 1):
        powers = 0.5**t, 0.75**t
        backend.adam_step(weight, moments, gradient, 0.1, powers, (0.5, 0.75), 1.0)
    return weight.numpy(), [moment.numpy() for moment in moments]


def test_two_steps_by_hand():
    weight, (mean, square) = two_steps(np.float32([[2.0], [4.0]]))
    # m is 1, then 2.5. v is 1, then 4.75. The correction is 1, then √(7/16) / ¾.
    np.testing.assert_allclose([mean, square], [[2.5], [4.75]])
    wanted = 1.0 - 0.1 * 1.0 / 2.0
    wanted -= 0.1 * np.sqrt(7 / 16) / 0.75 * 2.5 / (np.sqrt(4.75) + 1.0)
    np.testing.assert_allclose(weight, [wanted], rtol=1e-6)


def test_slices_of_one_row_are_summed():
    """As the gradient of an embedding whose label 2 occurs twice in the batch."""
    values = np.float32([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    slices = tf.IndexedSlices(values, [2, 0, 2], tf.constant([3, 2]))
    dense = np.float32([[3.0, 4.0], [0.0, 0.0], [6.0, 8.0]])
    weight, moments = two_steps([slices, slices])
    wanted_weight, wanted_moments = two_steps([dense, dense])
    np.testing.assert_array_equal(weight, wanted_weight)
    np.testing.assert_array_equal(moments, wanted_moments)
    np.testing.assert_array_equal(weight[1], 1.0)
