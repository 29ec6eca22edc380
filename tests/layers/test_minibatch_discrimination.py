import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import MinibatchDiscrimination


def test_three_samples_by_hand():
    layer = MinibatchDiscrimination(kernels=2, kernel_dim=2)
    layer.build((None, 1))
    # M_i = x_i T: row 0 of M is (x, 0), row 1 is (2 x, -x).
    layer.kernel.assign([[1.0, 0.0, 2.0, -1.0]])
    y = layer(tf.constant([[0.0], [1.0], [3.0]])).numpy()
    e = np.exp
    wanted = [
        [0, 1 + e(-1) + e(-3), 1 + e(-3) + e(-9)],
        [1, 1 + e(-1) + e(-2), 1 + e(-3) + e(-6)],
        [3, 1 + e(-3) + e(-2), 1 + e(-9) + e(-6)],
    ]
    np.testing.assert_allclose(y, wanted, rtol=1e-6)


def test_gradient_equals_that_of_the_formula():
    layer = MinibatchDiscrimination(kernels=4, kernel_dim=3)
    x = tf.random.stateless_normal((5, 6), (0, 1))
    layer.build(x.shape)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ours = tf.reduce_sum(tf.sin(layer(x)))
        m = tf.reshape(x @ layer.kernel, (5, 4, 3))
        distances = tf.reduce_sum(tf.abs(m[:, None] - m[None]), -1)
        o = tf.reduce_sum(tf.exp(-distances), 1)
        plain = tf.reduce_sum(tf.sin(tf.concat([x, o], -1)))
    for source in (x, layer.kernel.value):
        np.testing.assert_allclose(
            tape.gradient(ours, source), tape.gradient(plain, source), atol=1e-5
        )


def test_a_batch_of_equal_samples_has_all_the_company_there_is():
    layer = MinibatchDiscrimination(kernels=7, kernel_dim=2)
    varied = tf.random.stateless_normal((16, 30), (0, 1))
    equal = tf.repeat(varied[:1], 16, 0)
    np.testing.assert_allclose(layer(equal)[:, 30:], 16, rtol=1e-6)
    assert np.max(layer(varied)[:, 30:]) < 8


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_shape_type_and_config(dtype):
    layer = MinibatchDiscrimination(5, 2, "he_normal", dtype=dtype)
    assert layer(keras.Input((3,))).shape == (None, 8)
    y = layer(tf.ones((4, 3)))
    assert y.dtype == layer.compute_dtype
    np.testing.assert_array_equal(y[:, 3:], 4)
    restored = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert restored.get_config() == layer.get_config()
