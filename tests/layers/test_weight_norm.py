import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.layers import WeightNormConv2D, WeightNormDense


def test_starts_as_the_plain_layer_as_in_tensorflow_addons():
    with np.load(golden("tfa.npz")) as file:
        x, kernel, bias, wanted = (file[k] for k in ("xw", "kw", "bw", "wn_y"))
    layer = WeightNormDense(
        4,
        kernel_initializer=lambda *_, **__: tf.constant(kernel),
        bias_initializer=lambda *_, **__: tf.constant(bias),
    )
    np.testing.assert_allclose(layer(x), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.scale, np.linalg.norm(kernel, axis=0), rtol=1e-6)


def test_dense_by_hand():
    layer = WeightNormDense(2, "relu")
    layer.build((None, 2))
    layer.kernel.assign([[3.0, 0.0], [4.0, -2.0]])
    layer.scale.assign([10.0, 0.5])
    layer.bias.assign([1.0, 0.0])
    # g v / |v|: (6, 8) and (0, -0.5)
    np.testing.assert_allclose(layer(tf.constant([[1.0, 2.0]])), [[23, 0]], rtol=1e-6)


def test_convolution_uses_the_normalised_kernel():
    layer = WeightNormConv2D(5, 3, strides=2, padding="same", activation="tanh")
    x = tf.random.stateless_normal((2, 6, 8, 3), (0, 1))
    layer.build(x.shape)
    layer.scale.assign([1.0, 2.0, 3.0, 4.0, 5.0])
    v = layer.kernel.numpy()
    kernel = v * layer.scale.numpy() / np.sqrt((v**2).sum((0, 1, 2)))
    wanted = np.tanh(tf.nn.conv2d(x, kernel, 2, "SAME"))
    np.testing.assert_allclose(layer(x), wanted, atol=1e-5)


def test_the_direction_s_gradient_is_perpendicular_to_it():
    """Equation 3 of the paper: v is moved across itself, so its length only grows."""
    layer = WeightNormDense(3)
    x = tf.random.stateless_normal((7, 4), (0, 1))
    layer.build(x.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.sin(layer(x)))
    gradient = tape.gradient(loss, layer.kernel.value).numpy()
    assert np.abs(gradient).max() > 0.1
    np.testing.assert_allclose((gradient * layer.kernel.numpy()).sum(0), 0, atol=1e-5)


def test_a_fixed_length_is_no_trainable_weight():
    layer = WeightNormDense(3, train_scale=False)
    layer.build((None, 4))
    assert [v.name for v in layer.trainable_variables] == ["kernel", "bias"]
    assert [v.name for v in layer.non_trainable_variables] == ["scale"]


def test_channels_first_is_refused():
    with pytest.raises(ValueError, match="channels_first"):
        WeightNormConv2D(3, 3, data_format="channels_first")


@pytest.mark.parametrize(
    "layer",
    [WeightNormDense(3, "relu", train_scale=False), WeightNormConv2D(4, 3, 2)],
    ids=["dense", "conv"],
)
def test_saves_and_restores(layer, tmp_path):
    image = keras.Input((6, 6, 2))
    model = keras.Model(image, layer(image))
    layer.scale.assign(layer.scale * 3.0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = tf.random.stateless_normal((2, 6, 6, 2), (0, 1))
    np.testing.assert_array_equal(model(x), loaded(x))
    assert loaded.layers[-1].get_config() == layer.get_config()
