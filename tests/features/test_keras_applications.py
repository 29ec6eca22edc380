import pathlib
import random
import urllib.request

import keras
import numpy as np
import pytest

from gan_zoo import features
from gan_zoo.features.keras_applications import KerasFeatures


@pytest.fixture(scope="module")
def found():
    keras.utils.set_random_seed(0)
    return KerasFeatures("MobileNetV2", weights=None, size=64)


def test_its_own_preprocessing_and_average(found):
    images = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
    levels = (images + 1) * 127.5
    prepared = keras.applications.mobilenet_v2.preprocess_input(levels)
    maps = found.network(prepared, training=False)
    assert (found.name, found.dim) == ("keras_mobilenetv2", 1280)
    np.testing.assert_allclose(found(images), np.mean(maps, axis=(1, 2)), rtol=1e-4)


def test_a_network_that_wants_bgr():
    found = KerasFeatures("VGG16", weights=None, size=32)
    red = np.full((1, 32, 32, 3), [1.0, -1.0, 0.0], "float32")
    pixel = found.prepare(red)[0, 0, 0]
    # Levels 255, 0 and 127.5; blue, green, red less ImageNet's means.
    wanted = [127.5 - 103.939, 0 - 116.779, 255 - 123.68]
    np.testing.assert_allclose(pixel, wanted, rtol=1e-5)


def test_what_it_says_of_itself(found):
    for part in ("64x64", "keras.applications.MobileNetV2", "weights random"):
        assert part in found.description
    entry = features.serialize(found)
    with pytest.raises(ValueError, match="'keras_mobilenetv2' was not saved"):
        features.resolve(entry)(None)


def test_building_disturbs_nobody():
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    states = random.getstate(), np.random.get_state()[1].tolist()
    found = KerasFeatures("MobileNet", weights=None, size=32)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    assert keras.config.dtype_policy().name == "mixed_float16"
    assert found.network.layers[1].compute_dtype == "float32"


def test_names():
    with pytest.raises(ValueError, match=r"MobileNetV2.* got 'MobilNetV2'"):
        features.resolve("keras/MobilNetV2")
    with pytest.raises(ValueError, match=r"such as \[.*'ResNet50'"):
        features.resolve("keras/none of them")


def test_without_weights_and_network_the_error_says_what_to_do(monkeypatch):
    if list(
        pathlib.Path("~/.keras/models").expanduser().glob("mobilenet_v2*no_top.h5")
    ):
        pytest.skip("Keras has the weights on this machine")
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # may know of no proxies
    with pytest.raises(FileNotFoundError, match=r"MobileNetV2\(include_top=False\)"):
        features.resolve("keras/MobileNetV2")
