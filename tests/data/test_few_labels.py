import numpy as np
import pytest

from gan_zoo import data
from gan_zoo.data import bundled, few_labels


def test_chooses_equally_many_of_each_class():
    labels = np.random.default_rng(0).integers(0, 4, 200)
    chosen = few_labels.choose_per_class(labels, 7, seed=3)
    assert len(set(chosen)) == 28
    np.testing.assert_array_equal(np.bincount(labels[chosen]), [7] * 4)
    np.testing.assert_array_equal(
        chosen, few_labels.choose_per_class(labels, 7, seed=3)
    )
    other = few_labels.choose_per_class(labels, 7, seed=4)
    assert len(set(chosen) & set(other)) < 10
    # More of the same seed are the same and some.
    assert set(chosen) < set(few_labels.choose_per_class(labels, 9, seed=3))


def test_refuses_rare_classes_and_other_labels():
    with pytest.raises(ValueError, match="got 1 of class 5"):
        few_labels.choose_per_class(np.array([2, 2, 5]), 2)
    with pytest.raises(ValueError, match="one class per image"):
        few_labels.choose_per_class(np.zeros((4, 2), int), 1)
    with pytest.raises(ValueError, match="one class per image"):
        few_labels.choose_per_class(np.array(["a", "b"]), 1)
    for labels in (False, None):
        with pytest.raises(ValueError, match="labels=True"):
            data.load("mnist_sample", labels=labels, labels_per_class=3)
    with pytest.raises(ValueError, match="labels_per_class an int >= 1"):
        data.load("mnist_sample", labels=True, labels_per_class=0)


def digits():
    """Every image of the sample by its bytes, with its digit."""
    split, _, _ = bundled.open_mnist_sample(labels=True)
    images = split.sides[0].array.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return {i.tobytes(): int(y) for i, y in zip(images, split.labels, strict=True)}


def test_the_same_few_images_come_with_their_labels_beside_all_images():
    train, test = data.load("mnist_sample", 20, labels=True, labels_per_class=4)
    known, few, everyone = digits(), {}, []
    for (images, labels), unlabelled in train.as_numpy_iterator():
        assert len(images) == len(labels) == len(unlabelled) == 20
        assert all(known[i.tobytes()] == y for i, y in zip(images, labels, strict=True))
        few |= {i.tobytes(): y for i, y in zip(images, labels, strict=True)}
        everyone += [i.tobytes() for i in unlabelled]
    np.testing.assert_array_equal(np.bincount(list(few.values())), [4] * 10)
    assert len(everyone) == len(set(everyone)) == 10_000
    # Two batches of 20 go once through the 40, which start over in another order.
    batches = [labelled for labelled, _ in train.take(4).as_numpy_iterator()]
    for first, second in (batches[:2], batches[2:]):
        assert {i.tobytes() for i in (*first[0], *second[0])} == few.keys()
    assert (batches[0][0] != batches[2][0]).any()
    images, labels = next(test.as_numpy_iterator())
    assert (images.shape, labels.shape) == ((20, 28, 28, 1), (20,))
    assert train.class_names == list("0123456789")


def test_other_batch_sizes_keep_the_same_images():
    def few(batch_size):
        options = {"labels": True, "labels_per_class": 2, "seed": 5}
        train, _ = data.load("mnist_sample", batch_size, **options)
        batches = [labelled for (labelled, _), _ in train.take(5).as_numpy_iterator()]
        return {image.tobytes() for images in batches for image in images}

    assert len(few(20)) == 20
    assert few(20) == few(100)


def test_resumes_bit_for_bit():
    options = {"batch_size": 8, "labels": True, "labels_per_class": 2, "seed": 7}
    options |= {"image_size": 14, "crop_from": 16, "flip": True}
    whole, _ = data.load("mnist_sample", start=1247, **options)
    late, _ = data.load("mnist_sample", start=1251, **options)  # the next epoch
    whole = list(whole.take(7).as_numpy_iterator())[4:]
    for one, other in zip(whole, late.take(3).as_numpy_iterator(), strict=True):
        for a, b in zip((*one[0], one[1]), (*other[0], other[1]), strict=True):
            np.testing.assert_array_equal(a, b)
