import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import ResampledConv2D

X = tf.random.stateless_normal((2, 6, 8, 3), (0, 1))


def separate(x, kernel, resample):
    if resample == "up":
        x = tf.repeat(tf.repeat(x, 2, 1), 2, 2)
    y = tf.nn.conv2d(x, kernel, 1, "SAME")
    return tf.nn.avg_pool2d(y, 2, 2, "VALID") if resample == "down" else y


@pytest.mark.parametrize("resample", ["up", "down"])
def test_resampled_convolution(resample):
    layer = ResampledConv2D(4, resample=resample, activation="relu")
    layer.build(X.shape)
    layer.bias.assign([1.0, -1.0, 0.5, 0.0])
    wanted = tf.nn.relu(separate(X, layer.kernel.value, resample) + layer.bias)
    np.testing.assert_allclose(layer(X), wanted, atol=2e-6)
    copy = ResampledConv2D.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
