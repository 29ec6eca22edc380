"""Makes the two sample data sets of the package from the original data.

    python -m gan_zoo.data.make_samples --mnist=DIR --noto=FILE --twemoji=FILE

`DIR` holds the four MNIST files (train-images-idx3-ubyte.gz, ...). Each emoji `FILE` is
an .npz, both in the same order, of `images` (uint8 [N, 64, 64, 4], RGBA), `name`,
`category` and `skin` (empty where no skin tone is chosen). The result depends on these
files only; samples/README.md gives their origins and licences.
"""

import gzip
import hashlib
import pathlib

import numpy as np
from absl import app, flags

_MNIST = flags.DEFINE_string("mnist", None, "Folder of the four MNIST files.")
_NOTO = flags.DEFINE_string("noto", None, "The Noto drawings (.npz).")
_TWEMOJI = flags.DEFINE_string("twemoji", None, "The Twemoji drawings (.npz).")
_OUTPUT = flags.DEFINE_string(
    "output",
    str(pathlib.Path(__file__).parent / "samples"),
    "Folder to write mnist_sample.npz and emoji_sample.npz to.",
)


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
    names = np.char.lower(noto["name"][chosen])
    categories, category = np.unique(noto["category"][chosen], return_inverse=True)
    hashes = [hashlib.sha256(name.encode()).hexdigest() for name in names]
    tested = set(sorted(hashes)[: len(hashes) // 10])
    return {
        **{vendor: _on_white(images[chosen]) for vendor, images in drawings.items()},
        "name": names,
        "category": category.astype(np.uint8),
        "categories": categories,
        "test": np.array([h in tested for h in hashes]),
    }


def _idx(folder, name, header):
    data = gzip.decompress(pathlib.Path(folder, name).read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def _on_white(images):
    alpha = images[..., 3:] / 255.0
    opaque = images[..., :3] * alpha + 255.0 * (1.0 - alpha)
    n, height, width, _ = images.shape
    blocks = opaque.reshape(n, height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8)  # box filter: no aliasing


def main(_):
    """Writes both files."""
    output = pathlib.Path(_OUTPUT.value)
    np.savez_compressed(output / "mnist_sample.npz", **mnist_sample(_MNIST.value))
    with np.load(_NOTO.value) as noto, np.load(_TWEMOJI.value) as twemoji:
        sample = emoji_sample(dict(noto), dict(twemoji))
    np.savez_compressed(output / "emoji_sample.npz", **sample)


if __name__ == "__main__":
    flags.mark_flags_as_required(["mnist", "noto", "twemoji"])
    app.run(main)
