import numpy as np
import pytest
import tensorflow as tf
from features.feature_doubles import Flat, as_images

from gan_zoo.metrics.sample_metric import (
    FeatureSampleMetric,
    SampleMetric,
    feature_pair,
)


class Kept(SampleMetric):
    """What came in, for the tests to look at."""

    def __init__(self, max_images=100, width=3):
        super().__init__(Flat(width), max_images)
        self.real_rows = self.add_real_rows(width)
        self.fake_rows = self.add_fake_rows(width)

    def update_real(self, images):
        self.real_rows.add(self.features(images))

    def update_fake(self, images):
        self.fake_rows.add(self.features(images))


def features(seed, n=20):
    return np.random.default_rng(seed).normal(seed, size=(n, 3)).astype("float32")


def rows_of(metric):
    return metric.real_rows.read(), metric.fake_rows.read()


def assert_same_rows(found, expected):
    """In whatever order."""
    found, expected = (
        np.array(sorted(rows.tolist())) for rows in (found, np.asarray(expected))
    )
    np.testing.assert_array_equal(found, expected)


def feed(metric, real, fake, batch, **options):
    update = tf.function(metric.update_state, **options)
    for i in range(0, len(real), batch):
        update(as_images(real[i : i + batch]), as_images(fake[i : i + batch]))


def numbered(n):
    """Images that are told by their first pixel, in the order of arrival."""
    return np.arange(3 * n, dtype="float32").reshape(n, 3)


@pytest.mark.parametrize("batch", [1, 7, 20])
def test_every_image_is_kept_once_whatever_the_batch(batch):
    metric, real, fake = Kept(), features(0), features(1)
    feed(metric, real, fake, batch)
    assert_same_rows(rows_of(metric)[0], real)
    assert_same_rows(rows_of(metric)[1], fake)


def test_zeros_are_images_too():
    metric = Kept()
    feed(metric, np.zeros((4, 3), "float32"), features(1, 4), 2)
    assert len(rows_of(metric)[0]) == 4


def test_of_too_many_some_are_drawn_whatever_the_batch():
    found = []
    for batch in (1, 7, 64, 200):
        metric = Kept(max_images=10)
        feed(metric, numbered(200), numbered(200), batch)
        real, fake = rows_of(metric)
        np.testing.assert_array_equal(real, fake)  # as they came in one order
        found.append(real)
    assert len(np.unique(found[0][:, 0])) == 10
    assert found[0][:, 0].max() > 3 * 100  # not the first ones
    for rows in found[1:]:
        np.testing.assert_array_equal(rows, found[0])
    assert metric.protocol().endswith("200 real, 200 fake, of which 10 drawn")


@pytest.mark.parametrize("jit_compile", [False, True])
def test_each_part_of_sorted_data_has_its_share(jit_compile):
    n, kept = 8000, 1000
    metric = Kept(max_images=kept)
    feed(metric, numbered(n), numbered(n), 500, jit_compile=jit_compile)
    places = rows_of(metric)[0][:, 0] / 3
    assert len(np.unique(places)) == kept
    shares = np.histogram(places, bins=8, range=(0, n))[0]
    # Without replacement: the variance is n p (1 - p) times the share left out.
    deviation = np.sqrt(kept * 1 / 8 * 7 / 8 * 7 / 8)
    assert np.abs(shares - kept / 8).max() < 4 * deviation
    assert shares.std() > 1  # drawn, not dealt out


def test_a_new_evaluation_forgets_the_fakes_and_keeps_known_reals():
    metric, reference = Kept(), "these images"
    for turn in range(2):
        metric.begin(reference)
        feed(metric, features(5 * turn), features(1 + turn, 20 - 4 * turn), 4)
        metric.complete()
    assert_same_rows(rows_of(metric)[0], features(0))
    assert_same_rows(rows_of(metric)[1], features(2, 16))
    metric.begin()
    assert not len(rows_of(metric)[0])


def test_one_image_is_no_sample():
    with pytest.raises(ValueError, match=r"at least 2, got 1"):
        Kept(max_images=1)


def test_features_of_both_sides_are_kept():
    metric = FeatureSampleMetric(Flat(3))
    feed(metric, features(0), features(1), 8)
    assert_same_rows(rows_of(metric)[0], features(0))
    assert_same_rows(rows_of(metric)[1], features(1))


def test_two_sets_of_features_fit_together_or_are_named():
    x, y = feature_pair([[1.0, 2.0]], features(0)[:, :2])
    assert (x.shape, y.shape) == ((1, 2), (20, 2))
    with pytest.raises(ValueError, match=r"\(20, 3\) and \(20, 2\)"):
        feature_pair(features(0), y)
    with pytest.raises(ValueError, match=r"both sides, got 20 and 0"):
        feature_pair(features(0), features(0)[:0])


def test_images_that_begin_alike_have_a_fixed_order_too():
    """Digits begin with background: what tells two apart comes late."""
    images = np.zeros((20, 40), "float32")
    images[:, 30:] = np.random.default_rng(0).uniform(-1, 1, (20, 10))
    found = []
    for arrival in (np.arange(20), np.random.default_rng(1).permutation(20)):
        metric = Kept(width=40)
        feed(metric, images[arrival], images[arrival], 8)
        found.append(rows_of(metric)[0])
    np.testing.assert_array_equal(found[0], found[1])
    assert_same_rows(found[0], images)


def test_the_last_bits_do_not_change_the_order():
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(400, 64)).astype("float32")
    noise = draw.normal(0, 1e-6, rows.shape).astype("float32")
    exact, noisy = Kept(400, 64), Kept(400, 64)
    feed(exact, rows, rows, 400)
    feed(noisy, rows + noise, rows + noise, 400)
    moved = np.abs(rows_of(exact)[0] - rows_of(noisy)[0]).max(axis=1) > 1e-4
    assert moved.mean() < 0.02


def test_a_diverged_generators_rows_are_kept():
    metric, infinite = Kept(), np.full((4, 3), np.inf, "float32")
    infinite[:, 1] = -np.inf
    feed(metric, np.full((4, 3), np.nan, "float32"), infinite, 4)
    assert [len(rows) for rows in rows_of(metric)] == [4, 4]
