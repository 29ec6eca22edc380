import dataclasses
import hashlib
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
from features import small_inception
from PIL import Image
from replicas import two_replicas

from gan_zoo import features
from gan_zoo.features.inception import InceptionFeatures, inception, layout
from gan_zoo.features.names import INCEPTION
from gan_zoo.features.weights import FILES
from gan_zoo.metrics import ClassifierScore, FrechetDistance, KernelDistance


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return small_inception.write(tmp_path_factory.mktemp("graph") / "graph.pb")


@pytest.fixture(scope="module")
def graph(path):
    return layout(path)


@pytest.fixture
def published(path, monkeypatch):
    """The small graph, in the place of the published file."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file = dataclasses.replace(FILES["inception"], digest=digest)
    monkeypatch.setitem(FILES, "inception", file)
    return layout(path)


def bytes_and_floats(n, height, width, channels=3):
    levels = np.random.default_rng(2).integers(0, 256, (n, height, width, channels))
    return levels.astype("float32"), (levels / 127.5 - 1).astype("float32")


def test_legacy_is_the_graphs_own_resize(graph):
    levels, images = bytes_and_floats(3, 23, 40)
    found = InceptionFeatures(graph, "small")
    wanted, logits = small_inception.run_in_a_session(
        small_inception.graph_def(), levels
    )
    np.testing.assert_allclose(found(images), wanted, rtol=1e-5, atol=1e-6)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.classify(images), probabilities, rtol=1e-4)


def test_clean_is_pillow_before_the_graph(graph):
    levels, images = bytes_and_floats(2, 330, 310)
    resized = np.empty((2, 299, 299, 3), "float32")
    for image, out in zip(levels, resized, strict=True):
        for c in range(3):
            channel = Image.fromarray(np.ascontiguousarray(image[..., c]))
            out[..., c] = channel.resize((299, 299), Image.Resampling.BICUBIC)
    resized = np.clip(resized, 0, 255)
    found = InceptionFeatures(graph, "small", "clean")
    np.testing.assert_allclose(found.prepare(images), resized, rtol=0, atol=255e-5)
    wanted, _ = small_inception.run_in_a_session(small_inception.graph_def(), resized)
    np.testing.assert_allclose(found(images), wanted, rtol=1e-4, atol=1e-5)


def test_images_are_rounded_to_8_bits_and_grey_is_repeated(graph):
    found = InceptionFeatures(graph, "small")
    _, images = bytes_and_floats(2, 299, 299, 1)
    off = images + np.float32(0.3 / 127.5)
    np.testing.assert_array_equal(found.prepare(off), found.prepare(images))
    assert found.prepare(images).shape == (2, 299, 299, 3)
    beyond = found.prepare(np.full((1, 4, 4, 3), 1.5, "float32"))
    np.testing.assert_array_equal(beyond, 255)
    with pytest.raises(ValueError, match=r"uint8 images: images / 127\.5"):
        found(np.zeros((1, 8, 8, 3), "uint8"))


def test_works_in_a_function(graph):
    _, images = bytes_and_floats(2, 12, 12)
    for resize in ("legacy", "clean"):
        found = InceptionFeatures(graph, "small", resize)
        np.testing.assert_allclose(
            tf.function(found)(images), found(images), rtol=1e-5, atol=1e-6
        )


def test_names_in_the_logs(published, path):
    first, clean = inception(path), inception(path, "clean")
    assert FrechetDistance(first).name == "fid"
    assert FrechetDistance(clean).name == "fid_clean"
    assert KernelDistance(clean, max_images=2).name == "kid_clean"
    small = InceptionFeatures(published, "small")
    assert FrechetDistance(small).name == "frechet_small"
    assert features.serialize(clean) == "inception_clean"
    entry = features.serialize(small)
    with pytest.raises(ValueError, match="'small' was not saved"):
        features.resolve(entry)(None)


def test_the_description_is_the_protocol(published):
    first = InceptionFeatures(published, "inception", weights="weights of 2015")
    for part in ("pool_3", "299x299", "8 bits", "TensorFlow 1's bilinear", "2015"):
        assert part in first.description
    clean = InceptionFeatures(published, "inception_clean", "clean").description
    assert "antialiased bicubic" in clean
    with pytest.raises(ValueError, match=r"\['legacy', 'clean'\], got 'bicubic'"):
        InceptionFeatures(published, "inception", "bicubic")


@pytest.mark.parametrize("name", INCEPTION)
def test_no_other_file_and_no_other_resize_bears_the_name(graph, name):
    for resize in ("legacy", "clean"):
        with pytest.raises(ValueError, match=rf"SHA-256 009d6814.*{graph.digest}"):
            InceptionFeatures(graph, name, resize)


def test_the_published_file_behind_the_other_resize_bears_another_name(published):
    with pytest.raises(ValueError, match=r"'inception' is reserved.*resize 'clean'"):
        InceptionFeatures(published, "inception", "clean")
    InceptionFeatures(published, "mine", "clean")


def test_only_the_published_file_is_called_inception(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ValueError, match=rf"expected SHA-256 009d6814.*got {digest}"):
        inception(path)
    with pytest.raises(ValueError, match="Expected a resize out of"):
        inception(path, "bicubic")


def test_without_file_and_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # may know of no proxies
    with pytest.raises(FileNotFoundError, match=r"could not be downloaded.*weights <"):
        features.resolve("inception")
    with pytest.raises(FileNotFoundError, match=r"not at .*there\.pb"):
        inception(tmp_path / "there.pb")


def test_two_replicas_agree_with_one_device(path):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (2, 12, 16, 16, 3)).astype("float32")
    images[1] /= 2
    data = tf.data.Dataset.from_tensor_slices(tuple(images)).batch(4)
    found = []
    for strategy in (tf.distribute.OneDeviceStrategy("CPU:0"), two_replicas()):
        with strategy.scope():
            metric = FrechetDistance(InceptionFeatures(layout(path), "small"))
        step = tf.function(
            lambda batch, strategy=strategy, metric=metric: strategy.run(
                metric.update_state, args=batch
            )
        )
        for batch in strategy.experimental_distribute_dataset(data):
            step(batch)
        found.append((float(metric.result()), metric.protocol()))
    (one, protocol), (two, their_protocol) = found
    assert one == pytest.approx(two, rel=1e-5)
    assert protocol == their_protocol
    assert one > 1e-3


def test_the_scores_of_its_classes_have_the_papers_name(published):
    metric = ClassifierScore(InceptionFeatures(published, "inception"), splits=2)
    assert metric.result_names == ("inception_score", "inception_score_std")
    assert metric.features.classes == published.classes


def test_the_score_of_ones_own_file_loads_and_refuses_to_measure(graph):
    metric = ClassifierScore(InceptionFeatures(graph, "small"), splits=2)
    again = ClassifierScore.from_config(metric.get_config())
    assert again.result_names == metric.result_names
    _, images = bytes_and_floats(2, 8, 8)
    with pytest.raises(ValueError, match="'small' was not saved"):
        again.update_state(images, images)
