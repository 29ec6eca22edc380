import json

import numpy as np
import pytest
import scipy.special
from features.feature_doubles import Flat, as_images
from keras import ops
from testing import golden

from gan_zoo.metrics import ClassifierScore, classifier_scores


class Reader(Flat):
    """Features that read the pixels as logits."""

    classes = 3

    def classify(self, images):
        return ops.softmax(self(images))


def logits(seed, n=40):
    return 3 * np.random.default_rng(seed).normal(size=(n, 3)).astype("float32")


@pytest.mark.parametrize(
    ("case", "result", "splits", "seed"),
    [
        ("isc", "splits1_no_shuffle", 1, None),
        ("isc", "splits1_shuffle_rng2020", 1, 2020),
        ("isc", "splits10_no_shuffle", 10, None),
        ("isc", "splits10_shuffle_rng2020", 10, 2020),
        ("isc_odd", "splits10_no_shuffle", 10, None),  # 97 images
    ],
)
def test_equals_torch_fidelity(case, result, splits, seed):
    arrays = np.load(golden("metrics_features_extract.npz"))
    expected = json.loads(str(arrays["results"]))[case][result]
    read = arrays[f"{case}/logits"]
    from_logits = classifier_scores(read, splits, seed, from_logits=True)
    probabilities = scipy.special.softmax(read.astype("float64"), axis=1)
    for scores in (from_logits, classifier_scores(probabilities, splits, seed)):
        mean, std = expected["inception_score_mean"], expected["inception_score_std"]
        assert scores.mean() == pytest.approx(mean, rel=1e-8)
        assert scores.std() == pytest.approx(std, rel=1e-8, abs=1e-12)


def test_by_hand():
    sure = np.repeat(np.eye(4), 5, axis=0)
    assert classifier_scores(sure, 1)[0] == pytest.approx(4)  # all classes, surely
    assert classifier_scores(sure[:5], 1)[0] == pytest.approx(1)  # one class only
    assert classifier_scores(np.full((5, 4), 0.25), 1)[0] == pytest.approx(1)
    # p(y) = (3/4, 1/4); KL of (1, 0) is log 4/3, of (1/2, 1/2) is log 2 - log 3 / 2.
    mixed = [[1.0, 0.0], [0.5, 0.5]]
    expected = np.exp((np.log(4 / 3) + np.log(2) - np.log(3) / 2) / 2)
    assert classifier_scores(mixed, 1)[0] == pytest.approx(expected)


def test_large_logits_are_no_trouble():
    scores = classifier_scores([[1e4, 0.0], [0.0, 1e4]], 1, from_logits=True)
    assert scores[0] == pytest.approx(2)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"\(3, 4\) and splits=10"):
        classifier_scores(np.full((3, 4), 0.25))
    with pytest.raises(ValueError, match="from_logits=True"):
        classifier_scores(logits(0), 2)
    with pytest.raises(TypeError, match="got 'flat', which has none"):
        ClassifierScore(Flat(3))
    assert np.isnan(classifier_scores([[np.nan, 1.0]], 1)).all()


def test_the_metric_does_not_depend_on_order_or_batches():
    read, values = logits(0), []
    mixed = np.random.default_rng(1).permutation(40)
    for order, batch in ((np.arange(40), 40), (mixed, 7)):
        metric = ClassifierScore(Reader(3), splits=4)
        for i in range(0, 40, batch):
            images = as_images(read[order][i : i + batch])
            metric.update_state(images, images)
        values.append(metric.result())
    assert values[0] == pytest.approx(values[1], rel=1e-6)
    assert tuple(values[0]) == ("classifier_score_flat", "classifier_score_flat_std")
    assert metric.protocol().endswith("40 fake; 4 splits")
    whole = ClassifierScore(Reader(3), splits=1)
    whole.update_state(images, as_images(read))
    expected = classifier_scores(read, 1, from_logits=True)[0]
    assert whole.result()["classifier_score_flat"] == pytest.approx(expected, rel=1e-6)


def test_reads_digits():
    metric = ClassifierScore(splits=2, max_images=10)
    images = np.random.default_rng(0).uniform(-1, 1, (4, 28, 28, 1)).astype("float32")
    metric.update_state(images, images)
    expected = classifier_scores(metric.features.classify(images), 1)[0]
    assert 1 <= metric.result()["classifier_score_mnist"] <= 10
    metric.splits = 1
    assert metric.result()["classifier_score_mnist"] == pytest.approx(expected)
    assert ClassifierScore.from_config(metric.get_config()).max_images == 10


def test_inceptions_names_are_inceptions_alone():
    for name in ("inception_score", "is", "val_IS"):
        with pytest.raises(ValueError, match="2015 Inception"):
            ClassifierScore(Reader(3), name=name)
