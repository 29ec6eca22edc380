import hashlib
import pathlib
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
from metrics import small_inception
from PIL import Image

from gan_zoo.metrics import (
    ClassifierScore,
    FrechetDistance,
    KernelDistance,
    features,
)
from gan_zoo.metrics.inception_network import InceptionFeatures, inception, layout


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return small_inception.write(tmp_path_factory.mktemp("graph") / "graph.pb")


@pytest.fixture(scope="module")
def graph(path):
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


def test_names_in_the_logs(graph):
    first = InceptionFeatures(graph, "inception")
    clean = InceptionFeatures(graph, "inception_clean", "clean")
    assert FrechetDistance(first).name == "fid"
    assert FrechetDistance(clean).name == "fid_clean"
    assert KernelDistance(clean, max_images=2).name == "kid_clean"
    assert FrechetDistance(InceptionFeatures(graph, "small")).name == "frechet_small"
    assert features.serialize(clean) == "inception_clean"
    entry = features.serialize(InceptionFeatures(graph, "small"))
    with pytest.raises(ValueError, match="'small' was not saved"):
        features.resolve(entry)(None)


def test_the_description_is_the_protocol(graph):
    text = InceptionFeatures(graph, "inception", weights="weights of 2015").description
    for part in ("pool_3", "299x299", "8 bits", "TensorFlow 1's bilinear", "2015"):
        assert part in text
    clean = InceptionFeatures(graph, "inception_clean", "clean").description
    assert "antialiased bicubic" in clean
    with pytest.raises(ValueError, match=r"\['legacy', 'clean'\]. Received 'bicubic'"):
        InceptionFeatures(graph, "inception", "bicubic")


def test_only_the_published_file_is_called_inception(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ValueError, match=rf"expected SHA-256 009d6814.*got {digest}"):
        inception(path)
    with pytest.raises(ValueError, match="resize is one of"):
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
    script = pathlib.Path(__file__).with_name("inception_on_two_replicas.py")
    done = subprocess.run(
        [sys.executable, script, path], capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("agree\n"), done.stdout + done.stderr[-2000:]


def test_the_scores_of_its_classes_have_the_papers_name(graph):
    metric = ClassifierScore(InceptionFeatures(graph, "inception"), splits=2)
    assert metric.result_names == ("inception_score", "inception_score_std")
    assert metric.features.classes == graph.classes
