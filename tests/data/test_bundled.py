import pathlib

import numpy as np
import pytest

from gan_zoo.data import bundled
from gan_zoo.data.bundled import STYLES


def test_mnist_sample_is_balanced_and_its_splits_are_apart():
    train, test, classes = bundled.open_mnist_sample(labels=True)
    assert classes == list("0123456789")
    assert train.sides[0].array.shape == (10_000, 28, 28, 1)
    assert test.sides[0].array.shape == (2_000, 28, 28, 1)
    np.testing.assert_array_equal(np.bincount(train.labels), 1000)
    np.testing.assert_array_equal(np.bincount(test.labels), 200)
    seen = {image.tobytes() for image in train.sides[0].array}
    assert not any(image.tobytes() in seen for image in test.sides[0].array)
    # MNIST's mean is 33.3 of 255 (the familiar 0.1307).
    assert train.sides[0].array.mean() == pytest.approx(33.3, abs=0.5)


def test_styles_are_those_of_one_style_after_the_other():
    for sample, styles in STYLES.items():
        train, test, names = bundled.open_drawings(f"{sample}/styles", labels=True)
        assert names == list(styles)
        for number, split in enumerate((train, test)):
            (images,) = split.sides
            for place, style in enumerate(styles):
                alone = bundled.open_drawings(f"{sample}/{style}")[number]
                found = images.array[split.labels == place]
                wanted = np.broadcast_to(alone.sides[0].array, found.shape)
                np.testing.assert_array_equal(found, wanted)
    captions = bundled.open_drawings("fluent_sample/styles", labels="name")[0].labels
    flat = bundled.open_drawings("fluent_sample/flat", labels="name")[0].labels
    np.testing.assert_array_equal(captions, np.tile(flat, 3))
    category, _, names = bundled.open_drawings("fluent_sample/styles", "category")
    assert len(category.labels) == len(captions)
    assert category.labels.max() < len(names)


def test_mnist_digits_look_like_their_labels():
    """The nearest of ten class means tells four digits in five, as it does on MNIST."""
    train, test, _ = bundled.open_mnist_sample(labels=True)
    x = train.sides[0].array.reshape(10_000, -1).astype(float)
    means = np.stack([x[train.labels == digit].mean(0) for digit in range(10)])
    y = test.sides[0].array.reshape(2_000, -1).astype(float)
    distances = (means**2).sum(1) - 2 * y @ means.T
    assert (distances.argmin(1) == test.labels).mean() > 0.78


def test_emoji_sample_lists_the_same_emoji_by_two_vendors():
    train, test, _ = bundled.open_drawings("emoji_sample/paired")
    assert train.aligned
    noto, twemoji = (side.array for side in train.sides)
    assert noto.shape == twemoji.shape == (len(noto), 32, 32, 3)
    assert 1600 < len(noto) < 1800
    assert 170 < len(test.sides[0]) < 200
    # Drawings of the same emoji resemble one another more than those of another.
    flat = [side.reshape(len(side), -1).astype(float) for side in (noto, twemoji)]
    same = ((flat[0] - flat[1]) ** 2).mean(1)
    other = ((flat[0] - np.roll(flat[1], 100, 0)) ** 2).mean(1)
    assert (same < other).mean() > 0.9


def test_fluent_sample_lists_the_same_emoji_in_three_styles():
    train, test, _ = bundled.open_drawings("fluent_sample/paired")
    assert train.aligned
    flat, modern = (side.array for side in train.sides)
    assert flat.shape == modern.shape == (1245, 32, 32, 3)
    assert len(test.sides[0]) == 138
    # Shading changes a drawing less than another emoji would.
    flat, modern = (x.reshape(len(x), -1).astype(float) for x in (flat, modern))
    same = np.abs(flat - modern).mean(1)
    other = np.abs(flat - np.roll(modern, 100, 0)).mean(1)
    assert (same < other).mean() > 0.99
    black, _, _ = bundled.open_drawings("fluent_sample/high_contrast")
    assert black.sides[0].array.shape == (1245, 32, 32, 1)
    named, _, _ = bundled.open_drawings("fluent_sample/flat", labels="name")
    assert "1st place medal" in named.labels


@pytest.mark.parametrize(
    "name",
    [f"{sample}/{style}" for sample, styles in STYLES.items() for style in styles],
)
def test_no_drawing_is_on_both_sides_of_the_split(name):
    train, test, _ = bundled.open_drawings(name)
    seen = {image.tobytes() for image in train.sides[0].array}
    assert len(seen) > 0.99 * len(train.sides[0])
    assert not any(image.tobytes() in seen for image in test.sides[0].array)


def test_emoji_labels_are_categories_or_names():
    train, test, categories = bundled.open_drawings("emoji_sample/noto", labels=True)
    assert len(categories) == 9
    assert set(train.labels) == set(test.labels) == set(range(9))
    named, _, classes = bundled.open_drawings("emoji_sample/noto", labels="name")
    assert classes is None
    place = list(named.labels).index("grinning face")
    assert categories[train.labels[place]] == "Smileys & Emotion"
    assert train.sides[0].array[place, 0, 0].tolist() == [255, 255, 255]
    assert len(set(named.labels)) > 0.99 * len(named.labels)
    with pytest.raises(ValueError, match="got 'colour'"):
        bundled.open_drawings("emoji_sample/noto", labels="colour")


def test_the_unpaired_sample_is_the_paired_one_in_another_order():
    paired, _, _ = bundled.open_drawings("emoji_sample/paired")
    unpaired, _, _ = bundled.open_drawings("emoji_sample/unpaired")
    assert not unpaired.aligned
    for a, b in zip(paired.sides, unpaired.sides, strict=True):
        np.testing.assert_array_equal(a.array, b.array)


def test_the_samples_are_small_and_credited():
    folder = pathlib.Path(bundled.__file__).parent / "samples"
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert sum(files.values()) < 11.5e6
    assert files["fluent_sample.npz"] + files["avatar_sample.npz"] < 6e6
    credits = (folder / "README.md").read_text(encoding="utf-8")
    for needed in ("LeCun", "ShareAlike 3.0", "Noto", "Twemoji", "Attribution 4.0"):
        assert needed in credits
    for needed in ("Microsoft Corporation", "Mohammad Abu Mattar"):
        assert needed in credits
        assert needed in (folder / "LICENSE-MIT-fluent.txt").read_text("utf-8")
    assert "LICENSE-APACHE-2.0.txt" in files
    assert "Draftbit" in credits
    assert "Draftbit" in (folder / "LICENSE-CC-BY-personas.txt").read_text("utf-8")
