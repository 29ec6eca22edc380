import numpy as np
import pytest
import tensorflow as tf
from metrics.feature_doubles import Flat, as_images

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


def ordered(rows):
    """The same rows by their bytes, the order that the metric gives them."""
    return np.array(sorted(rows, key=lambda row: row.tobytes()))


def feed(metric, real, fake, batch):
    update = tf.function(metric.update_state)
    for i in range(0, len(real), batch):
        update(as_images(real[i : i + batch]), as_images(fake[i : i + batch]))


@pytest.mark.parametrize("batch", [1, 7, 20])
def test_every_image_is_kept_once_whatever_the_batch(batch):
    metric, real, fake = Kept(), features(0), features(1)
    feed(metric, real, fake, batch)
    np.testing.assert_array_equal(rows_of(metric)[0], ordered(real))
    np.testing.assert_array_equal(rows_of(metric)[1], ordered(fake))


def test_zeros_are_images_too():
    metric = Kept()
    feed(metric, np.zeros((4, 3), "float32"), features(1, 4), 2)
    assert len(rows_of(metric)[0]) == 4


def test_what_is_too_much_is_counted_and_left_out():
    metric, real, fake = Kept(max_images=10), features(0), features(1)
    feed(metric, real, fake, 4)
    np.testing.assert_array_equal(rows_of(metric)[0], ordered(real[:10]))
    assert metric.protocol().endswith("20 real, 20 fake, of which 10 kept")


def test_a_new_evaluation_forgets_the_fakes_and_keeps_known_reals():
    metric, reference = Kept(), object()
    for turn in range(2):
        metric.begin(reference)
        feed(metric, features(5 * turn), features(1 + turn, 20 - 4 * turn), 4)
        metric.complete()
    np.testing.assert_array_equal(rows_of(metric)[0], ordered(features(0)))
    np.testing.assert_array_equal(rows_of(metric)[1], ordered(features(2, 16)))
    metric.begin()
    assert not len(rows_of(metric)[0])


def test_one_image_is_no_sample():
    with pytest.raises(ValueError, match=r"at least 2\. Received 1"):
        Kept(max_images=1)


def test_features_of_both_sides_are_kept():
    metric = FeatureSampleMetric(Flat(3))
    feed(metric, features(0), features(1), 8)
    np.testing.assert_array_equal(rows_of(metric)[0], ordered(features(0)))
    np.testing.assert_array_equal(rows_of(metric)[1], ordered(features(1)))


def test_two_sets_of_features_fit_together_or_are_named():
    x, y = feature_pair([[1.0, 2.0]], features(0)[:, :2])
    assert (x.shape, y.shape) == ((1, 2), (20, 2))
    with pytest.raises(ValueError, match=r"\(20, 3\) and \(20, 2\)"):
        feature_pair(features(0), y)
    with pytest.raises(ValueError, match=r"both sides\. Received 20 and 0"):
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
    np.testing.assert_array_equal(found[0], ordered(images))
