import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import InstanceNormalization


def pair(channels, **kwargs):
    """This layer and Keras's, with the same weights."""
    layers = (
        InstanceNormalization(**kwargs),
        keras.layers.GroupNormalization(groups=-1, **{"epsilon": 1e-5, **kwargs}),
    )
    for layer in layers:
        layer.build((None, None, None, channels))
        rng = np.random.default_rng(0)
        layer.set_weights([rng.uniform(0.5, 2.0, w.shape) for w in layer.get_weights()])
    return layers


@pytest.mark.parametrize(
    "kwargs", [{"epsilon": 1e-3}, {"scale": False}, {"scale": False, "center": False}]
)
@pytest.mark.parametrize("rows", [1, 3])
def test_equals_keras_with_its_gradients(rows, kwargs):
    shape = rows, 10, 6, 8
    x = tf.random.stateless_normal(shape, (0, 0)) * 3.0 + 1.0
    slopes = tf.random.stateless_normal(shape, (0, 1))
    results = []
    for layer in pair(8, **kwargs):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            total = tf.reduce_sum(y * slopes)
        weights = [v.value for v in layer.trainable_variables]
        results.append([y, *tape.gradient(total, [x, *weights])])
    for ours, keras_s in zip(*results, strict=True):
        np.testing.assert_allclose(ours, keras_s, rtol=2e-5, atol=1e-5)


def test_each_channel_of_each_image_by_hand():
    x = np.float32([[1.0, 3.0], [5.0, 7.0]])[None, :, :, None]
    x = np.concatenate([x, 100.0 - 2.0 * x])
    normalised = np.float32([-3.0, -1.0, 1.0, 3.0]) / np.sqrt(5.0)
    y = np.array(InstanceNormalization(epsilon=0.0)(x))
    np.testing.assert_allclose(y.reshape(2, 4), [normalised, -normalised], atol=1e-6)


def test_second_derivatives_equal_keras():
    """What a gradient penalty over a network with instance norm differentiates."""
    x = tf.random.stateless_normal((2, 4, 4, 3), (0, 0))
    results = []
    for layer in pair(3):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(layer(x) ** 3)
            norm = tf.reduce_sum(inner.gradient(total, x) ** 2)
        results.append(outer.gradient(norm, x))
    np.testing.assert_allclose(*results, rtol=1e-3, atol=1e-3)


def test_an_image_does_not_depend_on_its_batch_nor_on_a_stated_size():
    layer, _ = pair(4)
    x = tf.random.stateless_normal((5, 7, 9, 4), (0, 0))
    alone = tf.concat([layer(x[i : i + 1]) for i in range(5)], 0)
    np.testing.assert_allclose(layer(x), alone, atol=1e-6)
    inputs = keras.Input((None, None, 4))
    network = keras.Model(inputs, layer(inputs))
    assert network.output_shape == (None, None, None, 4)
    np.testing.assert_allclose(network(x), alone, atol=1e-6)
    assert network(x[:0]).shape == (0, 7, 9, 4)


def test_one_pixel_has_no_deviation():
    layer, _ = pair(3)
    y = np.array(layer(tf.random.stateless_normal((2, 1, 1, 3), (0, 0))))
    np.testing.assert_allclose(y, np.broadcast_to(layer.beta, y.shape), atol=1e-6)


def test_half_precision_is_normalised_in_float32():
    layer = InstanceNormalization(dtype="mixed_float16")
    x = tf.cast(tf.random.stateless_normal((2, 16, 16, 3), (0, 0)) * 300.0, "float16")
    y = layer(x)
    assert y.dtype == tf.float16
    np.testing.assert_allclose(np.std(np.float32(y), axis=(1, 2)), 1.0, atol=1e-3)


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_every_precision_is_taken(dtype):
    layer = InstanceNormalization(dtype=dtype)
    x = tf.cast(tf.random.stateless_normal((2, 6, 6, 3), (0, 0)), dtype)
    y = layer(x)
    assert y.dtype == dtype
    wanted = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)(
        tf.cast(x, "float32")
    )
    np.testing.assert_allclose(tf.cast(y, "float32"), wanted, atol=0.02)


def test_saves_and_refuses_vectors():
    layer = InstanceNormalization(epsilon=1e-3, scale=False)
    layer.build((None, 4, 4, 2))
    again = InstanceNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    with pytest.raises(ValueError, match=r"Expected images \(n, h, w, c\)"):
        InstanceNormalization()(np.zeros((2, 3), "float32"))
