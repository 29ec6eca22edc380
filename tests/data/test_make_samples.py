import numpy as np
import pytest
from testing import reference_data

from gan_zoo.data import bundled, make_samples


def _shipped(name):
    return np.load(bundled._SAMPLES / name)


def test_the_shipped_digits_are_made_from_the_original_files():
    made = make_samples.mnist_sample(reference_data("mnist"))
    with _shipped("mnist_sample.npz") as shipped:
        assert set(made) == set(shipped.files)
        for key, array in made.items():
            np.testing.assert_array_equal(array, shipped[key])


def test_the_shipped_emoji_are_made_from_the_original_files():
    folder = reference_data("emoji64")
    with (
        np.load(folder / "emoji64_google.npz") as noto,
        np.load(folder / "emoji64_twitter.npz") as twemoji,
    ):
        made = make_samples.emoji_sample(dict(noto), dict(twemoji))
    with _shipped("emoji_sample.npz") as shipped:
        assert set(made) == set(shipped.files)
        for key, array in made.items():
            np.testing.assert_array_equal(array, shipped[key])


def _drawings(n):
    rng = np.random.default_rng(n)
    images = rng.integers(0, 256, (8, 64, 64, 4), np.uint8)
    images[5] = images[4]  # drawn like an earlier emoji
    return {
        "images": images,
        "name": np.array([f"NAME {i}" for i in range(8)]),
        "category": np.array(["B", "A", "Component", "A", "B", "B", "A", "A"]),
        "skin": np.array(["", "", "", "1F3FB", "", "", "", ""]),
    }


def test_emoji_are_chosen_laid_on_white_and_reduced_by_a_box():
    noto, twemoji = _drawings(0), _drawings(1)
    made = make_samples.emoji_sample(noto, twemoji)
    np.testing.assert_array_equal(made["name"], [f"name {i}" for i in (0, 1, 4, 6, 7)])
    np.testing.assert_array_equal(made["categories"], ["A", "B"])
    np.testing.assert_array_equal(made["category"], [1, 0, 1, 0, 0])
    corner = twemoji["images"][1, :2, :2].astype(float).reshape(4, 4)
    alpha = corner[:, 3:] / 255
    expected = (corner[:, :3] * alpha + 255 * (1 - alpha)).mean(0)
    np.testing.assert_allclose(made["twemoji"][1, 0, 0], expected, atol=0.5)


def test_files_that_list_different_emoji_are_refused():
    other = _drawings(1) | {"name": np.array([f"{i}" for i in range(8)])}
    with pytest.raises(ValueError, match="same names in the same order"):
        make_samples.emoji_sample(_drawings(0), other)
