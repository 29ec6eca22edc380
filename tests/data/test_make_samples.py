import numpy as np
import pytest
import tensorflow as tf
from testing import reference_data

from gan_zoo.data import bundled, make_samples


def _shipped(name):
    return np.load(bundled.SAMPLES / name)


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


def test_the_shipped_fluent_emoji_are_made_from_the_original_files():
    with np.load(reference_data("fluent64") / "fluent64_train.npz") as fluent:
        made = make_samples.fluent_sample(dict(fluent))
    with _shipped("fluent_sample.npz") as shipped:
        assert set(made) == set(shipped.files)
        for key, array in made.items():
            np.testing.assert_array_equal(array, shipped[key])


def test_the_shipped_faces_are_made_from_the_original_files():
    folder = reference_data("avatars64")
    files = [
        np.load(folder / f"avatars64_{name}.npz")
        for name in ("train", "test", "test_counterfactual")
    ]
    made = make_samples.avatar_sample(*files)
    with _shipped("avatar_sample.npz") as shipped:
        assert set(made) == set(shipped.files)
        for key, array in made.items():
            np.testing.assert_array_equal(array, shipped[key])


def _packed(images):
    files = [tf.io.encode_png(image).numpy() for image in images]
    return {
        "png": np.frombuffer(b"".join(files), np.uint8),
        "offset": np.cumsum([0, *map(len, files)]),
    }


def test_faces_are_reduced_and_their_edits_kept_as_differences():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 64, 64, 3), np.uint8)
    edited = rng.integers(0, 256, (5, 2, 64, 64, 3), np.uint8)
    attributes = {name: np.arange(5) % 2 for name in make_samples.ATTRIBUTES}
    faces = _packed(images) | attributes | {"hair_color": np.arange(5)}
    # The two edits of a pixel stand beside each other.
    strips = edited.transpose(0, 2, 3, 1, 4).reshape(5, 64, 128, 3)
    edits = {"option": np.array(["hat", "hat"]), "value": np.array(["none", "cap"])}
    made = make_samples.avatar_sample(faces, faces, _packed(strips) | edits, (4, 3))
    assert made["train_images"].shape == (4, 32, 32, 3)
    np.testing.assert_array_equal(made["test_attributes"][:, 0], [0, 1, 0])
    np.testing.assert_array_equal(made["test_attributes"][:, 5:], np.eye(5)[:3])
    again = made["test_images"][:, None] + made["test_differences"]
    corner = edited[2, 1, :2, :2].astype(float).mean((0, 1))
    np.testing.assert_allclose(again[2, 1, 0, 0], corner, atol=0.5)


def test_fluent_emoji_are_opened_and_drawn_once():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 64, 64, 3), np.uint8)
    images[5] = images[4]  # drawn like an earlier emoji
    packed = _packed(images)
    styles = ("flat", "modern", "high_contrast")
    made = make_samples.fluent_sample(
        {f"{style}_{key}": value for style in styles for key, value in packed.items()}
        | {"name": np.array([f"Name-{i}" for i in range(12)])}
        | {"group": np.array(["A"] * 12)}
    )
    left = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    np.testing.assert_array_equal(made["name"], [f"name {i}" for i in left])
    assert made["test"].sum() == 1
    corner = images[6, :2, :2].astype(float).mean((0, 1))
    np.testing.assert_allclose(made["flat"][5, 0, 0], corner, atol=0.5)
    assert made["high_contrast"].shape == (11, 32, 32, 1)


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
