import math

import numpy as np
import pytest
from testing import golden

from gan_zoo import features
from gan_zoo.features.squeezenet import build, squeezenet
from gan_zoo.features.weights import read_arrays


@pytest.fixture(scope="module")
def network():
    return build(read_arrays("squeezenet"))


def close(found, wanted):
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    assert np.max(np.abs(found - wanted)) < 1e-4 * np.max(np.abs(wanted))


def test_equals_torchvision_layer_by_layer(network):
    with np.load(golden("squeezenet_features.npz")) as archive:
        *taps, logits = network(archive["sq64/in/img"] / 127.5 - 1)
        for i, tap in enumerate(taps, start=1):
            close(np.transpose(tap, (0, 3, 1, 2)), archive[f"sq64/out/pad1/relu{i}"])
        assert len(taps) == 7
        close(logits, archive["sq64/out/pad1/logits_relu_avgpool"])


@pytest.mark.parametrize("size", [17, 30, 33, 35, 64])
def test_pools_count_a_window_that_begins_inside(network, size):
    """Ceil mode: ceil((n − 3) / 2) + 1 of n, three times after a convolution."""
    n = (size - 1) // 2 + 1
    sides = [n]
    for _ in range(3):
        n = math.ceil((n - 3) / 2) + 1
        sides.append(n)
    taps = network(np.zeros((1, size, size, 3), "float32"))[:-1]
    assert [t.shape[1] for t in taps] == [*sides[:3], *[sides[3]] * 4]


def test_the_features_are_the_last_layer_pooled(network):
    found = squeezenet()
    images = np.random.default_rng(0).uniform(-1, 1, (2, 224, 224, 3)).astype("float32")
    *_, last, logits = network(images)
    close(found(images), np.mean(last, axis=(1, 2)))
    best = np.argmax(found.classify(images), axis=1)
    np.testing.assert_array_equal(best, np.argmax(logits, axis=1))
    assert (found.name, found.dim) == ("squeezenet", 512)
    for part in ("512-d", "224x224", "812d0eb7"):
        assert part in found.description
    assert features.serialize(found) == "squeezenet"


def test_is_found_by_name_without_a_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path))
    assert features.resolve("squeezenet").dim == 512
