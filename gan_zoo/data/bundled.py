"""The two small data sets of the package. samples/README.md gives their sources."""

import pathlib

import numpy as np

from gan_zoo.data.image_sets import ArrayImages, Split

_SAMPLES = pathlib.Path(__file__).parent / "samples"
EMOJI_NAMES = tuple(
    f"emoji_sample/{kind}" for kind in ("noto", "twemoji", "paired", "unpaired")
)


def open_mnist_sample(labels=False):
    """10,000 of MNIST's training images and 2,000 of its test images.

    1,000 and 200 of each digit; 28 x 28, grey, white on black.

    Args:
        labels: whether to return the digits.

    Returns:
        (train `Split`, test `Split`, class names or None).
    """
    with np.load(_SAMPLES / "mnist_sample.npz") as held:
        splits = [
            Split(
                (ArrayImages(held[f"{split}_images"][..., None], (32, 32)),),
                labels=held[f"{split}_labels"].astype(np.int32) if labels else None,
            )
            for split in ("train", "test")
        ]
    return *splits, [str(digit) for digit in range(10)] if labels else None


def open_emoji_sample(kind, labels=False):
    """Emoji of two vendors, 32 x 32, in colour on white. Nine in ten are for training.

    Args:
        kind: "noto" or "twemoji" for one vendor; "paired" for (noto, twemoji) of the
            same emoji; "unpaired" for the same two sets of emoji. In training, each
            side has its own order. In the test split, both sides have the same order,
            so the true translation is known.
        labels: True or "category" for the index of the category, "name" for the name as
            a caption (tf.string). Only for one vendor.

    Returns:
        (train `Split`, test `Split`, class names or None).

    Raises:
        ValueError: for other labels, or labels of two sides.
    """
    if labels not in (False, None, True, "category", "name"):
        raise ValueError(
            'Expected labels=False, True, "category" or "name" for emoji_sample, got '
            f"{labels!r}."
        )
    with np.load(_SAMPLES / "emoji_sample.npz") as held:
        sample = dict(held)
    sides = (kind,) if kind in ("noto", "twemoji") else ("noto", "twemoji")
    column = "name" if labels == "name" else "category"
    values = sample[column] if labels == "name" else sample[column].astype(np.int32)

    def split(chosen):
        return Split(
            tuple(ArrayImages(sample[side][chosen]) for side in sides),
            aligned=kind != "unpaired",
            labels=values[chosen] if labels else None,
        )

    named = labels and labels != "name"
    return (
        split(~sample["test"]),
        split(sample["test"]),
        sample["categories"].tolist() if named else None,
    )
