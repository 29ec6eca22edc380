"""Images to judge, from a folder, an array file, a data set or an exported model."""

import dataclasses
import difflib
import itertools
import json
import pathlib
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from gan_zoo import data, serving
from gan_zoo.data import image_files, images

BATCH = 64
_SPLITS = ("train", "test")


@dataclasses.dataclass(frozen=True)
class Source:
    """A set of images.

    Attributes:
        name: as it was asked for.
        count: number of images, or None where it is not known before they are read.
        key: text that changes whenever the images do, for caches.
        batches: function that gives uint8 or float arrays (n, h, w, c) one by one;
            uint8 in [0, 255], float in [-1, 1].
        skipped: files that cannot be decoded, "name: reason" each.
    """

    name: str
    count: int | None
    key: str
    batches: Callable[[], Iterator[np.ndarray]]
    skipped: tuple = ()


def open_source(name, count=None, seed=0):
    """The images that a name stands for.

    | name | images |
    |---|---|
    | a folder of image files | all of them, sub-folders included, at their own sizes |
    | a `.npz` or `.npy` file | its only array, or the one called `images` |
    | a folder with `saved_model.pb` | `count` samples of a model exported by gan_zoo |
    | a name of `gan_zoo.data.load` | its training split; `mnist@test` the other |

    Args:
        name: see the table.
        count: how many images to take; all by default. Of a folder, an array or a test
            split they are drawn at random; a training split comes shuffled, and its
            first are taken. A model must be told; its classes, if any, take turns.
        seed: seed of what is drawn, and of a model's samples.

    Returns:
        `Source`.

    Raises:
        FileNotFoundError: for a name of none of these.
        ValueError: for files without images or that cannot be read, arrays of another
            shape or range, or a model without `count`.
    """
    if count is not None and count < 1:
        raise ValueError(f"Expected a count of at least 1, got {count}.")
    path = pathlib.Path(name).expanduser()
    if path.suffix in (".npz", ".npy") and path.is_file():
        return _array_file(name, path, count, seed)
    if (path / "saved_model.pb").is_file():
        return _model(name, path, count, seed)
    if path.is_dir():
        return _folder(name, path, count, seed)
    return _data_set(name, count, seed)


def _drawn(size, count, seed):
    """Which of `size` images to take, in their order: all, or some at random."""
    if count is None or count >= size:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, count, replace=False))


def _stamps(root, paths):
    """What changes with a file, for each of these below root."""
    return [
        (path.relative_to(root).as_posix(), (s := path.stat()).st_size, s.st_mtime_ns)
        for path in paths
    ]


def _folder(name, path, count, seed):
    paths = image_files.find(path)
    if not paths:
        raise ValueError(
            f"Expected images ({', '.join(sorted(images.SUFFIXES))}) below {path}, "
            "got none."
        )
    readable = image_files.check(path, paths, on_bad_file="skip")
    good = {file.path for file in readable}
    skipped = [file.relative_to(path).as_posix() for file in paths if file not in good]
    grey = all(file.grey for file in readable)
    chosen = [readable[i] for i in _drawn(len(readable), count, seed)]

    def batches():
        # Neighbours of one size go together; none is resized before the network's own
        # resize, which a protocol names.
        start = 0
        while start < len(chosen):
            end = start + 1
            shape = chosen[start].shape
            while end < min(len(chosen), start + BATCH) and chosen[end].shape == shape:
                end += 1
            yield np.stack(
                [
                    images.pixels(images.read(file.path), 1 if grey else 3)
                    for file in chosen[start:end]
                ]
            )
            start = end

    stamps = _stamps(path, [file.path for file in chosen])
    key = json.dumps([str(path.resolve()), stamps])
    return Source(name, len(chosen), key, batches, tuple(skipped))


def _array_file(name, path, count, seed):
    array = _checked(_loaded(path), path)
    chosen = _drawn(len(array), count, seed)

    def batches():
        for start in range(0, len(chosen), BATCH):
            yield np.asarray(array[chosen[start : start + BATCH]])

    stat, taken = path.stat(), [len(chosen)]
    if len(chosen) < len(array):
        taken.append(seed)
    key = json.dumps([str(path.resolve()), stat.st_size, stat.st_mtime_ns, *taken])
    return Source(name, len(chosen), key, batches)


def _loaded(path):
    try:
        if path.suffix == ".npy":
            return np.lib.format.open_memmap(path, mode="r")
        with open(path, "rb") as file:  # NumPy leaves a broken one open
            held = np.lib.npyio.NpzFile(file)
            names = held.files
            if "images" not in names and len(names) != 1:
                raise ValueError(
                    f"expected one array or one called 'images', got {names}."
                )
            return held["images" if "images" in names else names[0]]
    except (EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} holds no images: {error}") from error


def _checked(array, path):
    if array.ndim == 3 and array.shape[-1] in (1, 3):
        raise ValueError(
            f"Expected images (n, h, w, {array.shape[-1]}) in {path}, got shape "
            f"{array.shape}: of one image (h, w, c), save image[None]."
        )
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or not len(array):
        raise ValueError(
            f"Expected images (n, h, w), (n, h, w, 1) or (n, h, w, 3) in {path}, got "
            f"shape {array.shape}."
        )
    if array.dtype == np.uint8:
        return array
    low, high = float(array.min()), float(array.max())
    got = (
        f"Expected uint8 in [0, 255] or floats in [-1, 1] in {path}, got {array.dtype} "
        f"from {low:g} to {high:g}"
    )
    # Written so that it also refuses NaN, which is neither above nor below.
    if not (np.issubdtype(array.dtype, np.floating) and low >= -1.01 and high <= 1.01):
        raise ValueError(f"{got}.")
    if low >= 0:  # no set of images in [-1, 1] is nowhere darker than mid-grey
        raise ValueError(f"{got}: save 2 * images - 1 of images in [0, 1].")
    return array


def _model(name, path, count, seed):
    if count is None:
        raise ValueError(
            f"Expected the number of samples to generate (count, or --count) for the "
            f"model {path}, got none."
        )
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    stamps = _stamps(path, files)

    def batches():
        model = serving.load(path)
        if model.card is None:
            raise ValueError(
                f"Expected a model exported by gan_zoo, got {path} without model card."
            )
        inputs = model.card["endpoints"]["generate"]["inputs"]
        draw = np.random.default_rng(seed)
        for start in range(0, count, BATCH):
            places = np.arange(start, min(start + BATCH, count))
            asked = {}
            if "labels" in inputs:
                asked["labels"] = places % model.card["config"]["num_classes"]
            if "codes" in inputs:
                size = inputs["codes"]["shape"][1]
                asked["codes"] = draw.uniform(-1, 1, (len(places), size))
            # A seed of its own for each batch: one seed always gives the same images.
            own = int(np.random.default_rng([seed, start]).integers(2**31))
            yield model.generate(len(places), seed=own, **asked)

    key = json.dumps([str(path.resolve()), stamps, count, seed])
    return Source(name, count, key, batches)


def _data_set(name, count, seed):
    known, _, split = name.partition("@")
    split = split or "train"
    if split not in _SPLITS:
        raise ValueError(f"Expected {known}@train or {known}@test, got {name!r}.")
    try:
        both = data.load(known, batch_size=1)
    except ValueError as error:
        if not any(known.split(":")[0] == n.split(":")[0] for n in data.NAMES):
            close = difflib.get_close_matches(known, data.NAMES, 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise FileNotFoundError(
                f"Expected a folder of images, a .npz or .npy file, an exported model "
                f"or a data set, got {name!r}, which is none of them.{hint}"
            ) from error
        raise
    chosen = both[_SPLITS.index(split)]
    if chosen is None:
        raise ValueError(f"{known} has no test split.")
    if isinstance(chosen.element_spec, tuple) or len(chosen.element_spec.shape) != 4:
        raise ValueError(f"Expected a data set of single images, got {name!r}.")
    size = int(chosen.cardinality().numpy())
    shuffled = split == "train"  # so that its first images are drawn already
    taken = np.arange(size)[:count] if shuffled else _drawn(size, count, seed)
    key = [known, split, len(taken)]
    if len(taken) < size and not shuffled:
        key.append(seed)
    scheme, _, folder = known.partition(":")
    if scheme == "folder":
        root = pathlib.Path(folder).expanduser()
        key += [str(root.resolve()), _stamps(root, image_files.find(root))]

    def batches():
        rows = chosen.take(taken[-1] + 1).unbatch().as_numpy_iterator()
        rows = itertools.compress(rows, np.isin(np.arange(size), taken))
        while batch := list(itertools.islice(rows, BATCH)):
            yield np.stack(batch)

    return Source(name, len(taken), json.dumps(key), batches)
