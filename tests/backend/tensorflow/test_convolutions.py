import numpy as np
import tensorflow as tf

from gan_zoo import backend


def test_groups_see_their_own_channels_alone():
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 4)).astype("float32")
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 6)).astype("float32")
    y = backend.grouped_conv(tf.constant(x), kernel, 2).numpy()
    np.testing.assert_allclose(y, tf.nn.conv2d(x, kernel, 1, "SAME"), atol=1e-5)
    x[..., :2] = 0
    changed = backend.grouped_conv(tf.constant(x), kernel, 2).numpy()
    np.testing.assert_array_equal(changed[..., :3], 0)
    np.testing.assert_array_equal(changed[..., 3:], y[..., 3:])
