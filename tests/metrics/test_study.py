import csv

import numpy as np
import pytest

from gan_zoo import data
from gan_zoo.metrics import study


@pytest.fixture(scope="module")
def digits():
    train, _ = data.load("mnist_sample", 60, labels=True)
    (images, labels), (training, _) = train.take(2).as_numpy_iterator()
    return images, labels, training


@pytest.mark.parametrize("kind", study.LEVELS)
def test_the_first_level_changes_nothing(digits, kind):
    images, _, _ = digits
    level = study.LEVELS[kind][0]
    np.testing.assert_allclose(study.degraded(*digits, kind, level), images, atol=1e-6)


def test_degradations_do_what_they_say(digits):
    images, labels, training = digits
    one = study.degraded(*digits, "classes left", 1)
    kinds = np.unique(one, axis=0)
    assert len(kinds) == (labels == 0).sum()
    five = study.degraded(*digits, "images left", 5)
    assert len(five) == 60
    assert len(np.unique(five, axis=0)) == 5
    noisy = study.degraded(*digits, "noise", 0.1)
    assert np.abs(noisy).max() <= 1
    grey = np.abs(images) < 0.5
    assert (noisy - images)[grey].std() == pytest.approx(0.1, rel=0.1)
    half = study.degraded(*digits, "copied", 0.5)
    copies = [any(np.array_equal(x, t) for t in training) for x in half]
    assert sum(copies) == 30
    blurred = study.degraded(*digits, "blur", 1.0)
    assert blurred.sum() == pytest.approx(images.sum(), rel=0.01)
    assert blurred.std() < images.std()
    with pytest.raises(ValueError, match="'rotation'"):
        study.degraded(*digits, "rotation", 1)


@pytest.fixture(scope="module")
def rows():
    levels = {"noise": (0.0, 0.8), "classes left": (10, 1), "copied": (0.0, 1.0)}
    return study.measure(levels, count=400)


def test_each_metric_sees_what_it_is_meant_to_see(rows):
    of = {(row.kind, row.level): row.values for row in rows}
    good, noise = of["noise", 0.0], of["noise", 0.8]
    one, copied = of["classes left", 1], of["copied", 1.0]
    for name in ("frechet", "kernel"):
        assert noise[name] > 10 * good[name]
        assert one[name] > 10 * good[name]
    for name in ("score", "precision", "recall", "density", "coverage"):
        assert noise[name] < 0.3 * good[name]
    # A collapse: what is drawn is good, and most is missing.
    assert one["precision"] > 0.9 * good["precision"]
    assert one["recall"] < 0.1
    assert one["coverage"] < 0.2
    # Copies of the training set are better than good, for all but one.
    assert copied["frechet"] < 1.2 * good["frechet"]
    assert copied["precision"] > 0.9 * good["precision"]
    assert good["nearer"] == pytest.approx(0.5, abs=0.1)
    assert copied["nearer"] == 1.0


def test_the_picture_and_the_table(rows, tmp_path):
    study.write(tmp_path / "deep", rows)
    assert (tmp_path / "deep" / "study.png").stat().st_size > 10_000
    with open(tmp_path / "deep" / "study.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(rows)
    assert float(table[0]["frechet"]) == rows[0].values["frechet"]
