import keras
import numpy as np
import tensorflow as tf
from testing import golden

from gan_zoo.layers import ConditionalBatchNorm


def recorded(key):
    with np.load(golden("sngan.npz")) as archive:
        return archive[f"conditional_batchnorm/{key}"]


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def build():
    """The layer with mimicry's weights, whose one table is γ and β side by side."""
    layer = ConditionalBatchNorm(4, epsilon=1e-5)
    layer.build([(None, 3, 3, 5), (None,)])
    gamma, beta = np.split(recorded("w/M/embed.weight"), 2, axis=1)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    layer.norm.moving_mean.assign(recorded("w/M/bn.running_mean"))
    layer.norm.moving_variance.assign(recorded("w/M/bn.running_var"))
    return layer


def close(got, wanted):
    np.testing.assert_allclose(got, wanted, rtol=0, atol=5e-5 * np.abs(wanted).max())


def test_equals_mimicry():
    layer = build()
    x, labels = channels_last(recorded("in/x")), recorded("in/y")
    close(layer([x, labels]), channels_last(recorded("out/eval")))
    wanted = recorded("out/train")
    with tf.GradientTape() as tape:
        y = layer([x, labels], training=True)
        # The recorded gradient is of sum(y cos(0, 1, 2, ...)), counted channels first.
        cosines = np.cos(np.arange(wanted.size, dtype="float32")).reshape(wanted.shape)
        total = tf.reduce_sum(y * channels_last(cosines))
    close(y, channels_last(wanted))
    gradients = tape.gradient(total, [layer.gamma.value, layer.beta.value])
    close(np.concatenate(gradients, axis=1), recorded("out/grad_cos/embed.weight"))
    close(layer.norm.moving_mean, recorded("out/after_train/bn.running_mean"))
    # torch keeps the unbiased variance: n / (n - 1) of what is added
    n = x.size // 5
    old = recorded("w/M/bn.running_var")
    added = (recorded("out/after_train/bn.running_var") - 0.9 * old) * (n - 1) / n
    close(layer.norm.moving_variance, 0.9 * old + added)


def test_starts_as_batch_norm_for_every_class():
    x = tf.random.stateless_normal((8, 4, 4, 3), (0, 0)) * 3 + 1
    layer = ConditionalBatchNorm(2)
    plain = keras.layers.BatchNormalization(momentum=0.9, epsilon=2e-5)
    y = layer([x, tf.constant([0, 1] * 4)], training=True)
    np.testing.assert_allclose(y, plain(x, training=True), atol=1e-6)


def test_each_image_gets_its_own_class():
    layer = ConditionalBatchNorm(3)
    layer.build([(None, 2, 2, 1), (None,)])
    layer.gamma.assign([[1.0], [2.0], [0.0]])
    layer.beta.assign([[0.0], [10.0], [-1.0]])
    x = np.full((4, 2, 2, 1), 5, "float32")
    y = layer([x, np.array([2, 1, 0, 1])])  # moving mean 0, variance 1
    np.testing.assert_allclose(y[:, 0, 0, 0], [-1, 20, 5, 20], rtol=1e-4)


def test_gradients_of_classes_are_dense():
    layer = ConditionalBatchNorm(3)
    x = tf.random.stateless_normal((2, 2, 2, 4), (0, 0))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(layer([x, tf.constant([0, 2])], training=True) ** 2)
    for gradient in tape.gradient(y, layer.trainable_variables):
        assert tf.is_tensor(gradient)
        assert not np.any(gradient[1])  # no image of class 1


def test_saves_and_runs_mixed(tmp_path):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    x, labels = keras.Input((2, 2, 3)), keras.Input((), dtype="int32")
    layer = ConditionalBatchNorm(4, momentum=0.8, epsilon=0.1)
    model = keras.Model([x, labels], layer([x, labels]))
    inputs = [np.arange(24, dtype="float32").reshape(2, 2, 2, 3), np.array([1, 3])]
    model(inputs, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].get_config() == layer.get_config()
    assert loaded(inputs).dtype == tf.bfloat16
    np.testing.assert_array_equal(
        tf.cast(loaded(inputs), tf.float32), tf.cast(model(inputs), tf.float32)
    )
