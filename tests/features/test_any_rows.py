import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import features
from gan_zoo.features import NetworkFeatures


def networks_of_features():
    small = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3)])
    return [features.resolve("mnist"), NetworkFeatures(small, "small")]


@pytest.mark.parametrize("network", networks_of_features(), ids=lambda x: x.name)
def test_no_images_have_no_features_and_the_others_keep_theirs(network):
    images = np.random.default_rng(0).uniform(-1, 1, (3, 28, 28, 1)).astype("float32")
    graph = tf.function(
        network, input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)]
    )
    for call in (network, graph):
        assert call(tf.constant(images[:0])).shape == (0, network.dim)
        np.testing.assert_allclose(
            call(tf.constant(images)), network(images), atol=1e-5
        )
