import keras
import numpy as np
import pytest

from gan_zoo.features import feature_maps
from gan_zoo.features.squeezenet import build
from gan_zoo.features.weights import read_arrays


def test_vgg_s_maps_are_keras_s_behind_its_preprocessing():
    keras.utils.set_random_seed(0)
    network = feature_maps("vgg22", weights="random")
    images = np.random.default_rng(0).uniform(-1, 1, (2, 32, 24, 3)).astype("float32")
    made = network(images).numpy()
    assert made.shape == (2, 16, 12, 128)
    theirs = keras.applications.VGG19(include_top=False, weights=None)
    theirs = keras.Model(theirs.input, theirs.get_layer("block2_conv2").output)
    theirs.set_weights(network.get_weights())
    levels = keras.applications.vgg19.preprocess_input((images + 1) * 127.5)
    np.testing.assert_allclose(made, theirs(levels) / 12.75, rtol=1e-4, atol=1e-5)


def test_linear_maps_are_those_before_the_activation():
    keras.utils.set_random_seed(0)
    network = feature_maps("vgg12_linear", weights="random")
    images = np.random.default_rng(0).uniform(-1, 1, (1, 8, 8, 3)).astype("float32")
    made = network(images).numpy()
    assert (made < 0).any()
    after = feature_maps("vgg12", weights="random")
    after.set_weights(network.get_weights())
    np.testing.assert_allclose(after(images), np.maximum(made, 0), atol=1e-5)


def test_squeezenet_s_maps_are_those_of_lpips():
    network, whole = feature_maps("squeezenet4"), build(read_arrays("squeezenet"))
    images = np.random.default_rng(0).uniform(-1, 1, (1, 32, 40, 3)).astype("float32")
    np.testing.assert_allclose(
        network(images), whole(images)[3] / 100, rtol=1e-5, atol=1e-6
    )


def test_other_names_and_missing_weights_are_refused(tmp_path):
    for name in ("vgg", "vgg99", "squeezenet0", "vgg54_last", "resnet"):
        with pytest.raises(ValueError, match=f"out of vgg12, .*got '{name}'"):
            feature_maps(name)
    with pytest.raises(
        FileNotFoundError, match=r"'vgg54', weights='<its path>'.*SqueezeNet"
    ):
        feature_maps("vgg54", weights=str(tmp_path / "nothing.h5"))
