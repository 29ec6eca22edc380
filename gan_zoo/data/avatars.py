"""The drawn faces of the package, and what they look like with one thing changed."""

import dataclasses

import numpy as np

from gan_zoo.data.attributes import attribute_columns
from gan_zoo.data.bundled import SAMPLES
from gan_zoo.data.image_sets import ArrayImages, Split

# Options of the drawings with which an image has an attribute. It does not have the
# attribute with the others.
_OPTIONS = {
    "eyeglasses": ("glasses", ("clear", "dark")),
    "facial_hair": ("beard", ("full", "handlebar")),
    "wearing_hat": ("hat", ("beanie", "cap")),
    "smiling": ("mouth", ("smile", "big_smile")),
    "black_hair": ("hair_color", ("black",)),
    "brown_hair": ("hair_color", ("brown",)),
    "blond_hair": ("hair_color", ("blond",)),
    "red_hair": ("hair_color", ("red",)),
    "grey_hair": ("hair_color", ("grey",)),
}


def open_avatars(labels=False):
    """Drawn faces, 32 x 32, in colour: 2,500 to train and 250 to test.

    Every option of the drawings was drawn independently of the others.

    Args:
        labels: True for all attributes (int32 [N, 10], 0 or 1), a list of names for
            some in that order, or one name (int32 [N]). The names are `eyeglasses`,
            `facial_hair`, `wearing_hat`, `smiling`, `long_hair`, and `black_hair`,
            `brown_hair`, `blond_hair`, `red_hair`, `grey_hair`.

    Returns:
        (train `Split`, test `Split`, names of the attributes or None).

    Raises:
        ValueError: for an unknown attribute.
    """
    splits = []
    with np.load(SAMPLES / "avatar_sample.npz") as held:
        known = held["attributes"].tolist()
        for split in ("train", "test"):
            values, chosen = attribute_columns(
                labels, known, held[f"{split}_attributes"], "avatar_sample"
            )
            images = ArrayImages(held[f"{split}_images"])
            splits.append(Split((images,), labels=values))
    return *splits, chosen


@dataclasses.dataclass(frozen=True, eq=False)
class Counterfactuals:
    """Test images of `avatar_sample`, drawn again with one option changed.

    Attributes:
        images: the test images, float32 [N, 32, 32, 3] in [-1, 1].
        attributes: int32 [N, 10], 0 or 1.
        names: names of the attributes.
        options: names of what was changed, one for each of M edits.
        values: to what it was changed, likewise.
        edited: float32 [N, M, 32, 32, 3]: the images with that edit. An edit that
            changes nothing leaves the image as it is.
    """

    images: np.ndarray
    attributes: np.ndarray
    names: tuple
    options: tuple
    values: tuple
    edited: np.ndarray

    def truths(self, attribute, value):
        """What the images look like with one attribute set, and nothing else changed.

        Several drawings may be right: glasses are clear or dark.

        Args:
            attribute: one of `names`, but `long_hair`, of which there are no edits.
            value: 1 or 0.

        Returns:
            float32 [N, K, 32, 32, 3]: the K drawings that are right.

        Raises:
            ValueError: for another attribute.
        """
        if attribute not in _OPTIONS:
            raise ValueError(
                f"Expected an attribute out of {', '.join(_OPTIONS)}, got "
                f"{attribute!r}."
            )
        option, having = _OPTIONS[attribute]
        edits = [
            place
            for place, edit in enumerate(zip(self.options, self.values, strict=True))
            if edit[0] == option and (edit[1] in having) == bool(value)
        ]
        return self.edited[:, edits]


def avatar_counterfactuals():
    """The test images of `avatar_sample` with one thing changed in each.

    With them, a translation of attributes is compared with the right answer.

    Returns:
        `Counterfactuals`.
    """
    with np.load(SAMPLES / "avatar_sample.npz") as held:
        images = held["test_images"]
        # Held as differences, modulo 256, which are mostly 0.
        edited = images[:, None] + held["test_differences"]
        return Counterfactuals(
            images=_scaled(images),
            attributes=held["test_attributes"].astype(np.int32),
            names=tuple(held["attributes"].tolist()),
            options=tuple(held["edited_options"].tolist()),
            values=tuple(held["edited_values"].tolist()),
            edited=_scaled(edited),
        )


def _scaled(pixels):
    return pixels.astype("float32") / 127.5 - 1.0
