import numpy as np
import pytest

from gan_zoo import data
from gan_zoo.data import bundled, stacked
from gan_zoo.data.image_sets import ArrayImages, Split


@pytest.fixture(scope="module")
def opened():
    train, test, _ = bundled.open_mnist_sample(labels=True)
    return stacked.stacked(train, test, labels=True)


def test_an_image_is_its_three_digits():
    """Digits that are flat images of their own number can be read off the channels."""
    grey = np.repeat(np.arange(10, dtype=np.uint8), 16).reshape(10, 4, 4, 1)
    split = Split((ArrayImages(grey),), labels=np.arange(10, dtype=np.int32))
    train, _, classes = stacked.stacked(split, split, labels=True)
    images, modes = train.source((4, 4), 3).fetch(np.array([5, 0, 5]))
    assert images.shape == (3, 4, 4, 3)
    channels = images.numpy()[:, 0, 0]
    np.testing.assert_array_equal(images, np.tile(channels[:, None, None], (4, 4, 1)))
    np.testing.assert_array_equal(modes, channels @ np.array([100, 10, 1]))
    assert modes[0] == modes[2] == train.labels[5]
    assert classes[7] == "007"
    assert len(classes) == 1000


def test_all_modes_are_equally_likely_and_independent(opened):
    train, test, _ = opened
    assert (len(train.labels), len(test.labels)) == (128_000, 26_000)
    for split in (train, test):
        counts = np.bincount(split.labels, minlength=1000)
        expected = len(split.labels) / 1000
        # χ² of 999 degrees of freedom: mean 999, deviation 45.
        chi2 = ((counts - expected) ** 2 / expected).sum()
        assert 999 - 4 * 45 < chi2 < 999 + 4 * 45
    # The modes of consecutive images have nothing to do with each other.
    assert abs(np.corrcoef(train.labels[1:], train.labels[:-1])[0, 1]) < 0.02


def test_test_images_are_made_of_test_digits(opened):
    _, held_out, _ = bundled.open_mnist_sample()
    known = {digit.tobytes() for digit in held_out.sides[0].array}
    images, _ = opened[1].source((28, 28), 3).fetch(np.arange(20))
    for image in images.numpy():
        assert all(image[..., c : c + 1].tobytes() in known for c in range(3))


def test_load_gives_them_like_any_other_set():
    first, again = (
        data.load("stacked_mnist_sample", 32, 32, labels=True)[0] for _ in range(2)
    )
    images, modes = next(first.as_numpy_iterator())
    assert images.shape == (32, 32, 32, 3)
    assert (images[:, :2] == -1).all()  # the black margin of MNIST at 32 x 32
    assert len(first) == 4000
    np.testing.assert_array_equal(modes, next(again.as_numpy_iterator())[1])
    assert first.class_names[123] == "123"
    with pytest.raises(ValueError, match=r"channels=3.*got 1"):
        data.load("stacked_mnist_sample", channels=1)
