import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import rebuilt

from gan_zoo.layers import GroupedConv2D


@pytest.mark.parametrize("groups", [1, 3])
def test_equals_keras_and_its_gradients(groups):
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 5, 4, 6)), "float32")
    ours = GroupedConv2D(9, groups=groups)
    theirs = keras.layers.Conv2D(9, 3, padding="same", groups=groups)
    ours(x), theirs(x)
    theirs.set_weights(ours.get_weights())
    made = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            total = tf.reduce_sum(tf.sin(y))
        made.append([y, *tape.gradient(total, [x, layer.kernel.value])])
    for one, two in zip(*made, strict=True):
        np.testing.assert_allclose(one, two, atol=3e-6)


def test_second_derivatives_equal_keras():
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 4, 4, 4)), "float32")
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 4)).astype("float32")
    gradients = []
    for layer in (
        GroupedConv2D(4, groups=2, use_bias=False),
        keras.layers.Conv2D(4, 3, padding="same", groups=2, use_bias=False),
    ):
        layer(x)
        layer.kernel.assign(kernel)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(tf.sin(layer(x)))
            squared = tf.reduce_sum(inner.gradient(total, x) ** 2)
        gradients.append(outer.gradient(squared, layer.kernel.value))
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-4, atol=1e-3)


def test_other_strides_and_padding_are_refused():
    with pytest.raises(ValueError, match=r"strides=1.*got \(2, 2\)"):
        GroupedConv2D(4, strides=2)
    with pytest.raises(ValueError, match=r"padding='same', got .* 'valid'"):
        GroupedConv2D(4, padding="valid")


def test_rebuilt_from_its_configuration():
    layer = rebuilt(GroupedConv2D(8, 5, groups=4, use_bias=False))
    assert (layer.groups, layer.kernel_size, layer.use_bias) == (4, (5, 5), False)
