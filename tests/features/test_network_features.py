import keras
import numpy as np
import pytest
import tensorflow as tf
from features.feature_doubles import conv_network

from gan_zoo import features


def images(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def test_a_feature_map_is_averaged():
    network = conv_network()
    found = features.resolve(network)
    assert (found.name, found.dim) == ("tiny", 5)
    x = images(2, 8, 8, 3)
    expected = network(x).numpy().mean(axis=(1, 2))
    np.testing.assert_allclose(found(x), expected, rtol=1e-5, atol=1e-6)


def test_vectors_pass_and_the_rest_is_flattened():
    network = conv_network(pooled=False)
    x = images(2, 8, 8, 3)
    np.testing.assert_array_equal(features.resolve(network)(x), network(x))
    tokens = keras.Input((4, 4, 1))
    network = keras.Model(tokens, keras.layers.Reshape((2, 8))(tokens), name="tokens")
    x = images(3, 4, 4, 1)
    found = features.resolve(network)
    assert found.dim == 16
    np.testing.assert_array_equal(found(x), x.reshape(3, 16))


def test_grey_is_repeated_and_colour_reduced_by_luma():
    network = conv_network()
    x = images(2, 8, 8, 1)
    found = features.resolve(network)
    np.testing.assert_array_equal(found(x), found(np.repeat(x, 3, axis=-1)))
    grey = keras.Input((1, 1, 1))
    found = features.resolve(keras.Model(grey, keras.layers.Flatten()(grey), name="g"))
    colour = np.array([1.0, 0.5, -1.0], "float32").reshape(1, 1, 1, 3)
    np.testing.assert_allclose(found(colour), [[0.299 + 0.2935 - 0.114]], rtol=1e-6)
    with pytest.raises(ValueError, match=r"with 1 channel.* got 4"):
        found(images(1, 1, 1, 4))


def test_resize_is_antialiased():
    pixel = keras.Input((1, 1, 1))
    found = features.resolve(keras.Model(pixel, keras.layers.Flatten()(pixel)))
    # 4x4 -> 1x1: a triangle of half width 4 over the pixels at -1.5, -.5, .5, 1.5.
    x = images(1, 4, 4, 1)
    weights = np.array([5, 7, 7, 5]) / 24
    expected = np.einsum("i,j,nijc->nc", weights, weights, x)
    np.testing.assert_allclose(found(x), expected, rtol=1e-5)


def test_works_in_a_graph_with_unknown_size():
    found = features.resolve(conv_network())
    x = images(2, 11, 13, 3)
    spec = tf.TensorSpec((None, None, None, 3), "float32")
    graph = tf.function(found, input_signature=[spec])
    np.testing.assert_allclose(graph(x), found(x), rtol=1e-5, atol=1e-6)


def test_xla_compiles_a_resize():
    found = features.resolve(conv_network())
    x = images(2, 11, 13, 3)
    compiled = tf.function(found, jit_compile=True)
    np.testing.assert_allclose(compiled(x), found(x), rtol=1e-5, atol=1e-5)


def test_only_float_images():
    found = features.resolve(conv_network())
    with pytest.raises(ValueError, match=r"uint8\. For uint8 images: images / 127\.5"):
        found(np.zeros((1, 8, 8, 3), "uint8"))
    with pytest.raises(ValueError, match=r"got shape \(8, 8, 3\)"):
        found(images(8, 8, 3))
    np.testing.assert_array_equal(
        found(images(1, 8, 8, 3).astype("float64")), found(images(1, 8, 8, 3))
    )


def test_networks_that_are_no_feature_network():
    image = keras.Input((8, 8, 3))
    two = keras.Model(image, [image, image])
    with pytest.raises(ValueError, match="one output"):
        features.resolve(two)
    with pytest.raises(ValueError, match="one image input"):
        features.resolve(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]))
    with pytest.raises(ValueError, match="functional"):
        features.resolve(keras.Sequential([keras.layers.Dense(2)]))
    unknown = keras.Input((None, None, 3))
    rows = keras.layers.Reshape((-1, 3))(unknown)
    with pytest.raises(ValueError, match="Pool it first"):
        features.resolve(keras.Model(unknown, rows))


@pytest.mark.parametrize("name", ["mnist", "squeezenet"])
def test_an_image_that_is_not_finite_has_no_finite_features(name):
    """In a graph, where ReLU and pooling would give numbers, as eagerly."""
    found = features.resolve(name)
    x = images(3, 28, 28, 1)
    whole = found(x).numpy()
    x[1, 3, 3] = np.nan
    x[2, 0, 0] = np.inf
    for call in (found, tf.function(found)):
        made = call(x).numpy()
        np.testing.assert_allclose(made[0], whole[0], rtol=1e-5, atol=1e-5)
        assert np.isnan(made[1:]).all()
    read = tf.function(found.classify)(x).numpy()
    assert np.isfinite(read[0]).all()
    assert np.isnan(read[1:]).all()
