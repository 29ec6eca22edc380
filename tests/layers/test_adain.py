import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import AdaIN


def test_gives_each_channel_the_style_s_mean_and_spread():
    layer = AdaIN()
    x = tf.random.stateless_normal((3, 9, 9, 4), (0, 1)) * 5 + 2
    w = tf.random.stateless_normal((3, 6), (0, 2))
    y = layer([x, w]).numpy()
    style = layer.affine(w).numpy()
    np.testing.assert_allclose(y.mean((1, 2)), style[:, 4:], atol=1e-5)
    np.testing.assert_allclose(y.std((1, 2)), np.abs(1 + style[:, :4]), atol=1e-4)


def test_a_style_of_zero_is_plain_instance_norm_by_hand():
    x = np.array([1.0, 5.0], "float32").reshape(1, 1, 2, 1)  # mean 3, spread 2
    y = AdaIN()([x, np.zeros((1, 3), "float32")])
    np.testing.assert_allclose(np.ravel(y), [-1, 1], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_normalises_a_constant_to_the_shift(dtype):
    """A variance of 0, as at StyleGAN's start, must not divide by 0."""
    layer = AdaIN(dtype=dtype)
    w = tf.cast(tf.random.stateless_normal((2, 5), (0, 1)), dtype)
    y = tf.cast(layer([tf.ones((2, 4, 4, 3), dtype), w]), "float32")
    shift = tf.cast(layer.affine(w), "float32")[:, None, None, 3:]
    np.testing.assert_allclose(y - shift, np.zeros((2, 4, 4, 3)), atol=0.02)
