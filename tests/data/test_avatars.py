import numpy as np
import pytest

import gan_zoo
from gan_zoo.data import avatars


def test_the_sample_has_attributes_by_name():
    train, test, names = avatars.open_avatars(labels=True)
    assert train.sides[0].array.shape == (2500, 32, 32, 3)
    assert test.sides[0].array.shape == (250, 32, 32, 3)
    assert names[:2] == ["eyeglasses", "facial_hair"]
    assert train.labels.shape == (2500, 10)
    # Each face has one colour of hair.
    np.testing.assert_array_equal(train.labels[:, 5:].sum(1), 1)
    assert (
        (train.labels[:, :5].mean(0) > 0.35) & (train.labels[:, :5].mean(0) < 0.65)
    ).all()
    one, _, name = avatars.open_avatars(labels="smiling")
    np.testing.assert_array_equal(one.labels, train.labels[:, 3])
    assert name == ["smiling"]
    assert avatars.open_avatars()[0].labels is None
    with pytest.raises(ValueError, match=r"attributes of avatar_sample .*got 'hat'"):
        avatars.open_avatars(labels=["hat"])
    images, attributes = next(
        iter(gan_zoo.data.load("avatar_sample", 8, labels=True)[0])
    )
    assert images.shape == (8, 32, 32, 3)
    assert attributes.shape == (8, 10)


def test_no_face_is_on_both_sides_of_the_split():
    train, test, _ = avatars.open_avatars()
    seen = {image.tobytes() for image in train.sides[0].array}
    assert len(seen) == 2500
    assert not any(image.tobytes() in seen for image in test.sides[0].array)


def test_the_attributes_can_be_seen():
    """A linear model of the pixels tells glasses and black hair of test images."""
    train, test, names = avatars.open_avatars(labels=True)

    def pixels(split):
        x = split.sides[0].array.reshape(len(split.sides[0]), -1) / 127.5 - 1
        return np.concatenate([x, np.ones((len(x), 1))], 1)

    x, y = pixels(train), 2.0 * train.labels - 1
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ y)
    right = ((pixels(test) @ weights > 0) == test.labels).mean(0)
    for name in ("eyeglasses", "wearing_hat", "smiling", "black_hair"):
        assert right[names.index(name)] > 0.95, name


def test_a_counterfactual_differs_where_it_was_edited():
    faces = gan_zoo.data.avatar_counterfactuals()
    assert faces.images.shape == (250, 32, 32, 3)
    assert faces.edited.shape == (250, 19, 32, 32, 3)
    _, test, names = avatars.open_avatars(labels=True)
    np.testing.assert_array_equal(faces.attributes, test.labels)
    assert faces.names == tuple(names)
    scaled = test.sides[0].array.astype("float32") / 127.5 - 1
    np.testing.assert_array_equal(faces.images, scaled)
    changed = (faces.edited != faces.images[:, None]).any(-1)
    # Of each option one edit leaves the image as it is, or none is as it was.
    for option, kinds in (("glasses", 3), ("mouth", 5), ("hair_color", 5)):
        edits = [i for i, name in enumerate(faces.options) if name == option]
        assert len(edits) == kinds
        same = ~changed[:, edits].any((2, 3))
        np.testing.assert_array_equal(same.sum(1), 1)
    # A mouth is small, hair is not.
    size = {
        name: changed[:, faces.options.index(name)].mean() for name in faces.options
    }
    assert size["mouth"] < 0.02 < size["hat"] < 0.3


def test_truths_are_the_drawings_with_and_without_an_attribute():
    faces = gan_zoo.data.avatar_counterfactuals()
    for attribute, having, lacking in (
        ("eyeglasses", 2, 1),
        ("facial_hair", 2, 1),
        ("smiling", 2, 3),
        ("blond_hair", 1, 4),
    ):
        on, off = faces.truths(attribute, 1), faces.truths(attribute, 0)
        assert (on.shape[1], off.shape[1]) == (having, lacking)
        has = faces.attributes[:, faces.names.index(attribute)] == 1
        same = (off == faces.images[:, None]).all((2, 3, 4)).any(1)
        np.testing.assert_array_equal(same, ~has)
    with pytest.raises(ValueError, match="got 'long_hair'"):
        faces.truths("long_hair", 1)


def test_faces_without_an_attribute_and_with_it_are_two_sides():
    train, test, _ = avatars.open_avatars(labels="eyeglasses")
    both = train.domains()
    having = train.labels == 1
    for side, chosen in zip(both.sides, (~having, having), strict=True):
        np.testing.assert_array_equal(side.array, train.sides[0].array[chosen])
    assert not both.aligned
    streams = gan_zoo.data.load("avatar_sample", 8, domains="eyeglasses")
    a, b = next(iter(streams[0]))
    assert a.shape == b.shape == (8, 32, 32, 3)
    shown = sum(len(a) for a, _ in streams[1])
    assert shown == min(np.bincount(test.labels))
