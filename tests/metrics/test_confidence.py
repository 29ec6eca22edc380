import keras
import numpy as np
import pytest

from gan_zoo import features
from gan_zoo.metrics import ConfidentShare


def images(n=12, seed=0):
    rng = np.random.default_rng(seed)
    blobs = rng.normal(size=(n, 28, 28, 1)).cumsum(axis=1).cumsum(axis=2)
    return np.tanh(blobs / 4 - 1).astype("float32")


def test_the_report_counts_all_images_seen():
    fake = images()
    probabilities = np.asarray(features.resolve("mnist").classify(fake))
    threshold = float(np.median(probabilities.max(axis=1)))
    confident = probabilities.max(axis=1) >= threshold
    counts = np.bincount(probabilities[confident].argmax(axis=1), minlength=10)
    expected = {
        "confident_share": confident.mean(),
        "class_counts": counts.tolist(),
    }
    assert 0 < expected["confident_share"] < 1
    metric = ConfidentShare(threshold)
    for i in range(0, len(fake), 5):
        metric.update_state(None, fake[i : i + 5])
    assert metric.report() == expected
    assert float(metric.result()) == expected["confident_share"]
    metric.reset_state()
    with pytest.raises(ValueError, match="at least 1 generated image"):
        metric.result()


def test_real_images_are_ignored():
    one, two = ConfidentShare(0.2), ConfidentShare(0.2)
    one.update_state(images(seed=1), images())
    two.update_state(images(seed=2), images())
    assert one.report() == two.report()


def test_noise_grey_and_diverged_images_are_no_digits():
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, (50, 28, 28, 1))
    flat = np.linspace(-1, 1, 50)[:, None, None, None] * np.ones((1, 28, 28, 1))
    for fake in (noise, flat, np.full((2, 28, 28, 1), np.nan)):
        metric = ConfidentShare()
        metric.update_state(fake, fake)
        assert float(metric.result()) == 0


def test_name_protocol_and_config():
    metric = ConfidentShare(threshold=0.8)
    metric.update_state(images(2), images(3))
    assert metric.name == "confident_mnist"
    assert metric.protocol().startswith("confident_mnist: mnist network (64-d), input")
    assert metric.protocol().endswith("; 3 fake, confident: p >= 0.8")
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(metric)
    )
    assert again.get_config() == {"threshold": 0.8, "name": "confident_mnist"}
    with pytest.raises(ValueError, match="got 90"):
        ConfidentShare(threshold=90)
