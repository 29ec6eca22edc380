import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.layers import BatchNormalization


def pair(shape, **kwargs):
    """This layer and Keras's, with the same weights."""
    layers = BatchNormalization(**kwargs), keras.layers.BatchNormalization(**kwargs)
    for layer in layers:
        layer.build(shape)
        rng = np.random.default_rng(0)
        layer.set_weights([rng.uniform(0.5, 2.0, w.shape) for w in layer.get_weights()])
    return layers


@pytest.mark.parametrize(
    "kwargs", [{"momentum": 0.9, "epsilon": 1e-5}, {"scale": False}, {"center": False}]
)
@pytest.mark.parametrize("shape", [(32, 8), (4, 10, 6, 8)])
def test_equals_keras_with_its_gradients_and_moving_statistics(shape, kwargs):
    x = tf.random.stateless_normal(shape, (0, 0)) * 3.0 + 1.0
    slopes = tf.random.stateless_normal(shape, (0, 1))
    results = []
    for layer in pair(shape, **kwargs):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            total = tf.reduce_sum(y * slopes)
        weights = [v.value for v in layer.trainable_variables]
        gradients = tape.gradient(total, [x, *weights])
        results.append([y, *gradients, *layer.get_weights(), layer(x, training=False)])
    for ours, keras_s in zip(*results, strict=True):
        np.testing.assert_allclose(ours, keras_s, rtol=2e-5, atol=1e-5)


def test_second_derivatives_equal_keras():
    """What a gradient penalty over a network with batch norm would differentiate."""
    x = tf.random.stateless_normal((6, 3, 3, 4), (0, 0))
    results = []
    for layer in pair(x.shape):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(layer(x, training=True) ** 3)
            norm = tf.reduce_sum(inner.gradient(total, x) ** 2)
        results.append(outer.gradient(norm, x))
    np.testing.assert_allclose(*results, rtol=1e-3, atol=1e-3)


def test_half_precision_is_normalised_in_float32():
    layer = BatchNormalization(dtype="mixed_float16")
    x = tf.cast(tf.random.stateless_normal((64, 3), (0, 0)) * 300.0, "float16")
    y = layer(x, training=True)
    assert y.dtype == tf.float16
    np.testing.assert_allclose(np.std(np.float32(y), axis=0), 1.0, atol=1e-3)


def test_a_frozen_layer_keeps_its_statistics():
    layer, _ = pair((None, 3))
    layer.trainable = False
    before = layer.get_weights()
    x = tf.random.stateless_normal((16, 3), (0, 0))
    np.testing.assert_array_equal(layer(x, training=True), layer(x, training=False))
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_saves_and_refuses_what_it_has_no_kernel_for():
    layer = BatchNormalization(momentum=0.8, synchronized=False)
    again = BatchNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    for wrong in ({"axis": 1}, {"renorm": True}):
        with pytest.raises(ValueError, match=r"over the last axis, without renorm"):
            BatchNormalization(**wrong)


def test_it_has_no_gradient_of_one_row_by_itself():
    layer = BatchNormalization()
    layer.build((None, 3))
    x = tf.ones((4, 3))
    with pytest.raises(ValueError, match="normalises over the batch"):
        backend.input_gradient(lambda x: layer(x, training=True)[:, :1], x)
    backend.input_gradient(lambda x: layer(x, training=False)[:, :1], x)
