"""The small data sets of the package. samples/README.md gives their sources."""

import pathlib

import numpy as np

from gan_zoo.data.image_sets import ArrayImages, Split

SAMPLES = pathlib.Path(__file__).parent / "samples"
# Styles in which the same emoji are drawn.
STYLES = {
    "emoji_sample": ("noto", "twemoji"),
    "fluent_sample": ("flat", "modern", "high_contrast"),
}
# Two styles of the same emoji, by the end of a name.
PAIRS = {
    "emoji_sample": dict.fromkeys(("paired", "unpaired"), ("noto", "twemoji")),
    "fluent_sample": {
        **dict.fromkeys(("paired", "unpaired"), ("flat", "modern")),
        "paired_lines": ("high_contrast", "modern"),
    },
}
DRAWN_NAMES = tuple(
    f"{sample}/{kind}"
    for sample, styles in STYLES.items()
    for kind in (*styles, "styles", *PAIRS[sample])
)


def open_mnist_sample(labels=False):
    """10,000 of MNIST's training images and 2,000 of its test images.

    1,000 and 200 of each digit; 28 x 28, grey, white on black.

    Args:
        labels: whether to return the digits.

    Returns:
        (train `Split`, test `Split`, class names or None).
    """
    with np.load(SAMPLES / "mnist_sample.npz") as held:
        splits = [
            Split(
                (ArrayImages(held[f"{split}_images"][..., None], (32, 32)),),
                labels=held[f"{split}_labels"].astype(np.int32) if labels else None,
            )
            for split in ("train", "test")
        ]
    return *splits, [str(digit) for digit in range(10)] if labels else None


def open_drawings(name, labels=False):
    """Emoji in several styles, 32 x 32, on white. Nine in ten are for training.

    Args:
        name: one of `DRAWN_NAMES`: a style; "styles" for all of them, one style after
            the other in the same order; "paired" for two styles of the same emoji;
            "paired_lines" for line art and shaded emoji; "unpaired" for two sets of
            emoji. In training, each side of these has its own order. In the test split,
            both sides have the same order, so the true translation is known.
        labels: True for the index of the category, or with "styles" of the style;
            "category" for that of the category; "name" for the name as a caption
            (tf.string). Not for two sides.

    Returns:
        (train `Split`, test `Split`, class names or None).

    Raises:
        ValueError: for other labels, or labels of two sides.
    """
    sample, _, kind = name.partition("/")
    if labels not in (False, None, True, "category", "name"):
        raise ValueError(
            f'Expected labels=False, True, "category" or "name" for {sample}, got '
            f"{labels!r}."
        )
    with np.load(SAMPLES / f"{sample}.npz") as held:
        held = dict(held)
    names = held["categories"].tolist() if labels and labels != "name" else None
    column = held["name"] if labels == "name" else held["category"].astype(np.int32)
    if kind == "styles":
        names = list(STYLES[sample]) if labels is True else names
        splits = [_all_styles(held, sample, column, labels, x) for x in (False, True)]
        return *splits, names

    def split(chosen):
        sides = PAIRS[sample].get(kind, (kind,))
        return Split(
            tuple(ArrayImages(held[side][chosen]) for side in sides),
            aligned=kind != "unpaired",
            labels=column[chosen] if labels else None,
        )

    return split(~held["test"]), split(held["test"]), names


def _all_styles(held, sample, column, labels, test):
    """The images of all styles, one style after the other; for `open_drawings`."""
    chosen, styles = held["test"] == test, STYLES[sample]
    sides = [held[style][chosen] for style in styles]
    channels = max(side.shape[-1] for side in sides)
    # Line art is grey.
    sides = [np.repeat(side, channels // side.shape[-1], -1) for side in sides]
    values = np.tile(column[chosen], len(styles))
    if labels is True:
        values = np.repeat(np.arange(len(styles), dtype=np.int32), chosen.sum())
    images = ArrayImages(np.concatenate(sides))
    return Split((images,), labels=values if labels else None)
