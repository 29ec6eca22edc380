import numpy as np
import pytest

import gan_zoo
from gan_zoo.metrics import (
    attribute_change,
    attribute_classifier,
    attribute_transfer,
    turned_over,
)

# Images of two pixels: each shows an attribute, -0.5 or 0.5.
ATTRIBUTES = np.array([[0, 1], [1, 1], [1, 0], [0, 0]])


def drawn(attributes):
    return (np.asarray(attributes, "float32") - 0.5)[:, None, :, None]


class Translator:
    """Draws what it is asked for, the second attribute with an error."""

    def __init__(self, wrong=0.0, flips=False):
        self.wrong, self.flips = wrong, flips

    def translate(self, images, attributes):
        made = drawn(attributes)
        if self.flips:
            made[..., 1, :] *= -1
        return made + np.array([0.0, self.wrong])[:, None]


def reading(images):
    return images[:, 0, :, 0]


def truths(place, value):
    """The right drawing, and another one that is right and far away."""
    wanted = np.array(ATTRIBUTES)
    wanted[:, place] = value
    return np.stack([drawn(wanted), drawn(wanted) + 0.9], 1)


def test_a_right_translation_has_no_error():
    results = attribute_transfer(
        Translator(), drawn(ATTRIBUTES), ATTRIBUTES, reading, truths
    )
    for each in results:
        assert (each.accuracy, each.kept, each.error) == (1, 1, 0)
        # One of two pixels changes, by 1: half. The other drawing is 0.1 away there
        # and 0.9 beside it where the attribute is to be taken, which is as far.
        assert each.unchanged == pytest.approx(0.5)
        assert (each.inside, each.outside) == (0, 0)
        assert each.unchanged_inside == pytest.approx(1)


def test_errors_are_counted_where_they_are():
    results = attribute_transfer(
        Translator(wrong=0.2), drawn(ATTRIBUTES), ATTRIBUTES, reading, truths
    )
    assert results[0].error == pytest.approx(0.1)
    assert (results[0].inside, results[0].outside) == pytest.approx((0, 0.2))
    assert (results[1].inside, results[1].outside) == pytest.approx((0.2, 0))


def test_other_attributes_that_change_are_not_kept():
    first, second = attribute_transfer(
        Translator(flips=True), drawn(ATTRIBUTES), ATTRIBUTES, reading
    )
    assert (first.accuracy, first.kept) == (1, 0)
    assert (second.accuracy, second.kept) == (0, 1)
    assert first.error is None
    assert first.outside is None


def test_one_attribute_is_turned_over():
    np.testing.assert_array_equal(
        turned_over(ATTRIBUTES, 1), [[0, 0], [1, 0], [1, 1], [0, 1]]
    )
    assert ATTRIBUTES[0, 1] == 1  # as it was


def test_attributes_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape \(4, K\), got \(4,\)"):
        attribute_transfer(Translator(), drawn(ATTRIBUTES), ATTRIBUTES[:, 0], reading)


def test_a_classifier_learns_attributes_that_can_be_seen():
    train, test = gan_zoo.data.load("avatar_sample", 250, labels=["eyeglasses"])
    classifier = attribute_classifier(*next(iter(train)), epochs=12)
    images, attributes = next(iter(test))
    right = (classifier(images.numpy()) > 0) == attributes.numpy()
    assert right.mean() > 0.8
    again = attribute_classifier(*next(iter(train)), epochs=1)(images.numpy())
    assert again.shape == (250, 1)


def test_one_attribute_of_translations_that_are_there():
    images = drawn(ATTRIBUTES)
    wanted = turned_over(ATTRIBUTES, 1)
    answers = [truths(1, value) for value in (0, 1)]
    made = Translator(wrong=0.2).translate(images, wanted)
    found = attribute_change(images, made, wanted, 1, reading, answers)
    (_, same) = attribute_transfer(
        Translator(wrong=0.2), images, ATTRIBUTES, reading, truths
    )
    assert found == same
    assert attribute_change(images, made, wanted, 1, reading).error is None
