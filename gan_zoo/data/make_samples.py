"""Makes the sample data sets of the package from the original data.

    python -m gan_zoo.data.make_samples --mnist=DIR --noto=FILE --twemoji=FILE \
        --fluent=FILE --avatars=DIR

`DIR` holds the four MNIST files (train-images-idx3-ubyte.gz, ...). The files of `noto`
and `twemoji` are .npz, both in the same order, of `images` (uint8 [N, 64, 64, 4],
RGBA), `name`, `category` and `skin` (empty where no skin tone is chosen). That of
`fluent` is an .npz of `name`, `group`, and for each style the PNG files of 64 x 64 on
white, one after the other, and where they begin (`flat_png`, `flat_offset`, ...).
`DIR` of `avatars` holds avatars64_train.npz, avatars64_test.npz (`png` and `offset` as
above, and an array for each attribute) and avatars64_test_counterfactual.npz. The
result depends on these files only; samples/README.md gives their origins and licences.
"""

import gzip
import hashlib
import io
import itertools
import pathlib

import numpy as np
from absl import app, flags
from PIL import Image

_MNIST = flags.DEFINE_string("mnist", None, "Folder of the four MNIST files.")
_NOTO = flags.DEFINE_string("noto", None, "The Noto drawings (.npz).")
_TWEMOJI = flags.DEFINE_string("twemoji", None, "The Twemoji drawings (.npz).")
_FLUENT = flags.DEFINE_string("fluent", None, "The Fluent drawings (.npz).")
_AVATARS = flags.DEFINE_string("avatars", None, "Folder of the drawn faces.")
_OUTPUT = flags.DEFINE_string(
    "output",
    str(pathlib.Path(__file__).parent / "samples"),
    "Folder to write the samples to.",
)


# Columns of the drawn faces, and the names of their hair colours 0 to 4.
ATTRIBUTES = ("eyeglasses", "facial_hair", "wearing_hat", "smiling", "long_hair")
HAIR_COLOURS = ("black_hair", "brown_hair", "blond_hair", "red_hair", "grey_hair")


def mnist_sample(folder, train=10_000, test=2_000):
    """Chooses training and test images, the same number of each class.

    Within each class the images are evenly spaced over the original file, which is
    sorted by writer. The original order is kept.

    Args:
        folder: folder of the four original files.
        train: number of training images, a multiple of 10.
        test: number of test images, a multiple of 10.

    Returns:
        dict of uint8 arrays: {train,test}_images [N, 28, 28], {train,test}_labels [N].
    """
    sample = {}
    for split, stem, count in (("train", "train", train), ("test", "t10k", test)):
        images = _idx(folder, f"{stem}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
        labels = _idx(folder, f"{stem}-labels-idx1-ubyte.gz", 8)
        chosen = []
        for digit in range(10):
            (places,) = np.nonzero(labels == digit)
            chosen.append(places[np.arange(count // 10) * len(places) // (count // 10)])
        chosen = np.sort(np.concatenate(chosen))
        sample |= {f"{split}_images": images[chosen], f"{split}_labels": labels[chosen]}
    return sample


def emoji_sample(noto, twemoji):
    """The emoji of two vendors at 32 x 32, without repetitions.

    Variants of skin tone and the five swatches of skin tone are left out. Emoji that
    one vendor draws exactly like an earlier one (flags of dependent territories,
    families) are left out too, since the same drawing could be in both splits. Every
    tenth emoji by a hash of its name is a test emoji.

    Args:
        noto: mapping with the arrays listed in the module's docstring.
        twemoji: the same arrays of the other vendor.

    Returns:
        dict: noto, twemoji (uint8 [N, 32, 32, 3], on white), name (str [N], lower
        case), category (uint8 [N]), categories (str [K]), test (bool [N]).

    Raises:
        ValueError: if the two files do not list the same emoji.
    """
    if not np.array_equal(noto["name"], twemoji["name"]):
        raise ValueError(
            "Expected both files to list the same names in the same order."
        )
    drawings = {"noto": noto["images"], "twemoji": twemoji["images"]}
    seen, chosen = set(), []
    for i in range(len(noto["name"])):
        if noto["skin"][i] or noto["category"][i] == "Component":
            continue
        marks = {(vendor, images[i].tobytes()) for vendor, images in drawings.items()}
        if not marks & seen:
            chosen.append(i)
        seen |= marks
    named = _named(noto["name"][chosen], noto["category"][chosen])
    styles = {v: _on_white(images[chosen]) for v, images in drawings.items()}
    return styles | named


def fluent_sample(fluent):
    """The emoji of one vendor in three styles at 32 x 32, without repetitions.

    Emoji that are drawn exactly like an earlier one in a style are left out. Every
    tenth emoji by a hash of its name is a test emoji.

    Args:
        fluent: mapping with the arrays listed in the module's docstring.

    Returns:
        dict: flat, modern (uint8 [N, 32, 32, 3], on white), high_contrast (uint8
        [N, 32, 32, 1]), and the other arrays of `emoji_sample`.
    """
    styles = {
        style: _halved(_decoded(fluent[f"{style}_png"], fluent[f"{style}_offset"]))
        for style in ("flat", "modern", "high_contrast")
    }
    styles["high_contrast"] = styles["high_contrast"][..., :1]
    seen, chosen = set(), []
    for i in range(len(fluent["name"])):
        marks = {(style, images[i].tobytes()) for style, images in styles.items()}
        if not marks & seen:
            chosen.append(i)
        seen |= marks
    names = np.char.replace(fluent["name"][chosen], "-", " ")
    styles = {style: images[chosen] for style, images in styles.items()}
    return styles | _named(names, fluent["group"][chosen])


def avatar_sample(train, test, edits, counts=(2_500, 250)):
    """Drawn faces at 32 x 32, and the test images with one option changed.

    Args:
        train: mapping of `png`, `offset`, an int array for each attribute, and
            `hair_color`, from 0 to 4.
        test: the same of test images.
        edits: mapping of `png`, `offset`, for each test image one picture M times as
            wide, with the M edited images of a pixel beside each other, `option` [M]
            and `value` [M].
        counts: number of the first images of both to keep.

    Returns:
        dict: {train,test}_images (uint8 [N, 32, 32, 3]), {train,test}_attributes (uint8
        [N, K]), attributes (str [K]), test_differences (uint8 [N, M, 32, 32, 3], what
        an edit adds to the image, modulo 256), edited_options, edited_values (str [M]).
    """
    sample = {"attributes": np.array([*ATTRIBUTES, *HAIR_COLOURS])}
    for split, held, count in zip(
        ("train", "test"), (train, test), counts, strict=True
    ):
        images = _decoded(held["png"], held["offset"][: count + 1])
        hair = np.asarray(held["hair_color"])[:count, None] == np.arange(5)
        each = [np.asarray(held[name])[:count] for name in ATTRIBUTES]
        sample |= {
            f"{split}_images": _halved(images),
            f"{split}_attributes": np.stack([*each, *hair.T], 1).astype(np.uint8),
        }
    count, options = counts[1], np.asarray(edits["option"])
    strips = _decoded(edits["png"], edits["offset"][: count + 1])
    side = strips.shape[1]
    # (n, h, w * m, c) -> (n, h, w, m, c) -> (n, m, h, w, c)
    strips = strips.reshape(count, side, side, len(options), 3)
    strips = strips.transpose(0, 3, 1, 2, 4)
    edited = _halved(strips.reshape(-1, side, side, 3))
    edited = edited.reshape(count, len(options), *edited.shape[1:])
    return sample | {
        "test_differences": edited - sample["test_images"][:, None],
        "edited_options": options,
        "edited_values": np.asarray(edits["value"]),
    }


def _named(names, groups):
    """Names, categories and the split of the emoji of a sample."""
    names = np.char.lower(names)
    categories, category = np.unique(groups, return_inverse=True)
    hashes = [hashlib.sha256(name.encode()).hexdigest() for name in names]
    tested = set(sorted(hashes)[: len(hashes) // 10])
    return {
        "name": names,
        "category": category.astype(np.uint8),
        "categories": categories,
        "test": np.array([h in tested for h in hashes]),
    }


def _decoded(files, offsets):
    """RGB images of PNG files that stand one after the other."""
    data = files.tobytes()
    images = [
        Image.open(io.BytesIO(data[a:b])).convert("RGB")
        for a, b in itertools.pairwise(offsets)
    ]
    return np.stack([np.asarray(image) for image in images])


def _idx(folder, name, header):
    data = gzip.decompress(pathlib.Path(folder, name).read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def _on_white(images):
    alpha = images[..., 3:] / 255.0
    return _halved(images[..., :3] * alpha + 255.0 * (1.0 - alpha))


def _halved(images):
    n, height, width, _ = images.shape
    blocks = images.reshape(n, height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8)  # box filter: no aliasing


def main(_):
    """Writes the four files."""
    output = pathlib.Path(_OUTPUT.value)
    np.savez_compressed(output / "mnist_sample.npz", **mnist_sample(_MNIST.value))
    with np.load(_NOTO.value) as noto, np.load(_TWEMOJI.value) as twemoji:
        sample = emoji_sample(dict(noto), dict(twemoji))
    np.savez_compressed(output / "emoji_sample.npz", **sample)
    with np.load(_FLUENT.value) as fluent:
        sample = fluent_sample(dict(fluent))
    np.savez_compressed(output / "fluent_sample.npz", **sample)
    files = [
        np.load(pathlib.Path(_AVATARS.value, f"avatars64_{name}.npz"))
        for name in ("train", "test", "test_counterfactual")
    ]
    np.savez_compressed(output / "avatar_sample.npz", **avatar_sample(*files))


if __name__ == "__main__":
    flags.mark_flags_as_required(["mnist", "noto", "twemoji", "fluent", "avatars"])
    app.run(main)
