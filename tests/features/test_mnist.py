import random

import keras
import numpy as np
import pytest
from testing import reference_data

from gan_zoo import features
from gan_zoo.features import mnist
from gan_zoo.features.mnist_training import accuracy, read_mnist
from gan_zoo.metrics import FrechetDistance


@pytest.fixture(scope="module")
def mnist_test_set():
    return read_mnist(reference_data("mnist"))[1]


def test_reads_the_test_set(mnist_test_set):
    network, record = mnist.load()
    found = accuracy(network, *mnist_test_set)
    assert found >= 0.99
    assert found == pytest.approx(record["test_accuracy"], abs=5e-4)


def test_is_sure_of_real_digits(mnist_test_set):
    probabilities = features.resolve("mnist").classify(mnist_test_set[0][:2000])
    np.testing.assert_allclose(np.sum(probabilities, axis=1), 1, rtol=1e-5)
    assert np.mean(np.max(probabilities, axis=1) >= 0.9) > 0.97


def test_features_tell_digits_apart_better_than_chance(mnist_test_set):
    images, labels = mnist_test_set[0][:1000], mnist_test_set[1][:1000]
    x = np.asarray(features.resolve("mnist")(images))
    centres = np.stack([x[labels == k].mean(axis=0) for k in range(10)])
    nearest = np.linalg.norm(x[:, None] - centres, axis=-1).argmin(axis=1)
    assert np.mean(nearest == labels) > 0.95
    assert np.all(x.std(axis=0) > 0)


def test_no_two_kinds_of_rubbish_are_alike():
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, (300, 28, 28, 1))
    grey = rng.normal(0, 0.01, (300, 28, 28, 1))
    metric = FrechetDistance("mnist")
    metric.update_state(noise, grey)
    assert float(metric.result()) > 10


def test_the_distance_sees_noise_and_missing_digits(mnist_test_set):
    images, labels = mnist_test_set[0][:2000], mnist_test_set[1][:2000]
    rng = np.random.default_rng(0)
    real, other = images[:1000], images[1000:]

    def distance(fake):
        metric = FrechetDistance("mnist")
        metric.update_state(real, fake)
        return float(metric.result())

    def noisy(scale):
        return np.clip(other + scale * rng.normal(size=other.shape), -1, 1)

    honest = distance(other)
    assert honest < 3
    assert honest < distance(noisy(0.1)) < distance(noisy(0.3)) < distance(noisy(1.0))
    missing = distance(other[labels[1000:] != 7])
    collapsed = distance(other[labels[1000:] == 7])
    assert honest < missing < collapsed


def test_the_shipped_file_is_small_and_says_how_it_was_made():
    assert mnist.WEIGHTS.stat().st_size < 1_000_000
    _, record = mnist.load()
    assert record["test_accuracy"] >= 0.99
    assert {"seed", "epochs", "minutes", "date"} <= set(record)


def test_padded_digits_are_cropped_back():
    digits = np.random.default_rng(0).uniform(-1, 1, (3, 28, 28, 1)).astype("float32")
    padded = np.pad(digits, ((0, 0), (2, 2), (2, 2), (0, 0)), constant_values=-1)
    mnist = features.resolve("mnist")
    np.testing.assert_array_equal(mnist(padded), mnist(digits))
    assert mnist(digits).shape == (3, mnist.dim) == (3, 64)


def test_other_sizes_are_resized_and_colour_reduced():
    mnist = features.resolve("mnist")
    flat = np.full((2, 56, 40, 3), 0.25, "float32")
    np.testing.assert_allclose(mnist.prepare(flat), 0.25, rtol=1e-5)
    assert mnist.prepare(flat).shape == (2, 28, 28, 1)


def test_an_unknown_size_is_refused():
    images = keras.KerasTensor((2, None, None, 1))
    with pytest.raises(ValueError, match="static height and width"):
        features.resolve("mnist").prepare(images)


def test_loading_disturbs_nobody():
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    states = random.getstate(), np.random.get_state()[1].tolist()
    mnist = features.resolve("mnist")
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    assert keras.layers.Conv2D(1, 1).name == "conv2d"
    assert mnist(np.zeros((1, 28, 28, 1), "float32")).dtype == "float32"
    assert mnist.network.get_layer("mnist_conv0").compute_dtype == "float32"


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, record="{}", other=np.zeros(3))
    with pytest.raises(ValueError, match=r"Expected the weights .*'other'"):
        mnist.load(path)
