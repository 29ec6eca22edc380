import keras
import numpy as np
import pytest

from gan_zoo import features
from gan_zoo.features.classifier_features import ClassifierFeatures
from gan_zoo.metrics import feature_store
from gan_zoo.metrics.feature_store import compute_features
from gan_zoo.metrics.sources import Source


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path))
    return tmp_path / "features"


def source(key="a", dtype="uint8", count=5, reads=None):
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28, 1), "uint8")

    def batches():
        if reads is not None:
            reads.append(1)
        for start in range(0, count, 3):
            batch = images[start : start + 3]
            yield batch if dtype == "uint8" else batch.astype("float32") / 127.5 - 1

    return Source("some", count, key, batches)


def test_features_are_the_networks(cache):
    mnist = features.resolve("mnist")
    found = compute_features(source(), mnist)
    images = np.concatenate(list(source(dtype="float").batches()))
    np.testing.assert_allclose(found.features, mnist(images), atol=1e-5)
    np.testing.assert_allclose(found.probabilities, mnist.classify(images), atol=1e-5)
    assert not found.cached


def test_they_are_computed_once(cache):
    mnist, reads = features.resolve("mnist"), []
    first = compute_features(source(reads=reads), mnist)
    again = compute_features(source(reads=reads), mnist)
    assert len(reads) == 1
    assert again.cached
    assert again.seconds == first.seconds
    np.testing.assert_array_equal(again.features, first.features)
    np.testing.assert_array_equal(again.probabilities, first.probabilities)
    compute_features(source(key="b", reads=reads), mnist)
    compute_features(source(reads=reads), mnist, cache=False)
    assert len(reads) == 3


def classifier(seed):
    """A published network that counts how often it is run."""
    runs = []

    class Counted(keras.layers.Layer):
        def call(self, x):
            runs.append(1)
            return x

    images = keras.Input((28, 28, 1))
    flat = Counted()(keras.layers.Flatten()(images))
    draw = keras.initializers.HeNormal(seed=seed)
    features = keras.layers.Dense(4, kernel_initializer=draw)(flat)
    model = keras.Model(images, [features, keras.layers.Dense(3)(features)])
    network = ClassifierFeatures(model, "counted", f"weights {seed}")
    runs.clear()
    return network, runs


def test_one_pass_gives_features_and_classes(cache):
    network, runs = classifier(0)
    found = compute_features(source(), network)
    assert found.features.shape == (5, 4)
    assert found.probabilities.shape == (5, 3)
    assert len(runs) == 2  # batches of 3 and 2


def test_another_network_is_another_entry(cache):
    first = compute_features(source(), classifier(0)[0])
    second = compute_features(source(), classifier(1)[0])
    assert not second.cached
    assert not np.array_equal(first.features, second.features)
    assert compute_features(source(), classifier(0)[0]).cached
    assert len(list(cache.iterdir())) == 2


def test_nothing_is_kept_of_networks_that_no_name_tells_apart(cache):
    class Mean:
        name, dim, description = "mean", 1, "mean of the pixels"

        def __call__(self, images):
            return np.mean(images, axis=(1, 2))

    def own(seed):
        draw = keras.initializers.HeNormal(seed=seed)
        images = keras.Input((28, 28, 1))
        x = keras.layers.Dense(3, kernel_initializer=draw)(images)
        return features.resolve(keras.Model(images, x, name="own"))

    found = [compute_features(source(), own(seed)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(found[0].features, found[1].features)
    assert not np.array_equal(found[0].features, found[2].features)
    mean = compute_features(source(), Mean())
    assert mean.features.shape == (5, 1)
    assert mean.probabilities is None
    assert not any(
        each.cached for each in (*found, mean, compute_features(source(), Mean()))
    )
    assert not cache.exists()


@pytest.mark.parametrize("left", [0, 100, 2000])
def test_a_broken_entry_is_computed_again(cache, left):
    mnist = features.resolve("mnist")
    first = compute_features(source(), mnist)
    (entry,) = cache.iterdir()
    entry.write_bytes(entry.read_bytes()[:left])
    again = compute_features(source(), mnist)
    assert not again.cached
    np.testing.assert_array_equal(again.features, first.features)


def test_a_cache_that_cannot_be_written_is_done_without(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path / "file"))
    assert not compute_features(source(), features.resolve("mnist")).cached


def test_no_images_is_an_error():
    with pytest.raises(ValueError, match="Expected images in some"):
        feature_store.compute_features(source(count=0), features.resolve("mnist"))
