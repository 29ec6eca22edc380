"""Images to evaluate, from a folder, an array file, a data set or a model."""

import dataclasses
import difflib
import itertools
import json
import os
import pathlib
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from gan_zoo import data
from gan_zoo.data import image_files, images, run_folders
from gan_zoo.data.files_below import error_text, escaped, list_files
from gan_zoo.data.splits import UnclearSplits
from gan_zoo.metrics.model_sources import file_stamps, model_path, sample_batches

BATCH = 64
_SPLITS = ("train", "test")
_SCHEMES = ("folder", "unpaired", "paired", "toy")


@dataclasses.dataclass(frozen=True)
class Source:
    """A set of images.

    Attributes:
        name: the name as the user gave it.
        count: number of images, or None if it is not known before they are read.
        key: text for caches, which changes whenever the images change.
        batches: function that yields uint8 arrays (n, h, w, c) in [0, 255] or float
            arrays in [-1, 1].
        skipped: files and folders that are left out, each as "name: reason".
    """

    name: str
    count: int | None
    key: str
    batches: Callable[[], Iterator[np.ndarray]]
    skipped: tuple = ()


def open_source(name, count=None, seed=0):
    """Opens the images that a name stands for.

    | name | images |
    |---|---|
    | a folder of image files | all of them, sub-folders included, at their own sizes |
    | a `.npz` or `.npy` file | its only array, or the one called `images` |
    | a folder with `saved_model.pb` | `count` samples of a model exported by gan_zoo |
    | a `.keras` file | `count` samples of a model saved by gan_zoo |
    | the folder of a run | `count` samples of its `export/1`, or its `model.keras` |
    | a name of `gan_zoo.data.load` | training split; test split for `mnist@test` |

    Files of a folder that are not images or cannot be read are left out and listed in
    `skipped`.

    Args:
        name: see the table.
        count: number of images. The default is all. They are drawn at random from a
            folder, an array or a test split. A training split is shuffled, and its
            first images are used. A model needs `count`.
        seed: integer seed of the random choice, or of the samples of a model.

    Returns:
        `Source`.

    Raises:
        FileNotFoundError: for a name that is not in the table, or a run without a
            model.
        ValueError: for files without images or that cannot be read, arrays of another
            shape or range, a model without `count`, or the sample pictures of a run.
    """
    if count is not None and count < 1:
        raise ValueError(f"Expected a count of at least 1, got {count}.")
    if not name:
        raise ValueError("Expected the name of images or of a model, got nothing.")
    path = pathlib.Path(os.path.expanduser(name))
    if path.suffix in (".npz", ".npy") and os.path.isfile(path):
        return _array_file(name, path, count, seed)
    model = model_path(path)
    if model:
        return _model(name, model, count, seed)
    if os.path.isdir(path):
        return _folder(name, path, count, seed)
    if path.name.endswith(".weights.h5") and os.path.isfile(path):
        raise ValueError(
            f"Expected images or a model, got weights alone, {escaped(path)}. Pass the "
            "folder of the run, an exported model or a .keras file. To write one, "
            "build the model, then gan.load_weights(...) and gan.save('gan.keras')."
        )
    return _data_set(name, count, seed)


def _choose(size, count, seed):
    """Indices of the images to use, in order: all, or some at random."""
    if count is None or count >= size:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, count, replace=False))


def _examined(path):
    """Finds the images of a folder that can be read.

    Returns:
        (list of `ImageFile`, list of "name: reason" of all other files,
        `FolderListing`).
    """
    run_folders.raise_for_run_folder(path)
    found = list_files(path)

    def name(file):
        return escaped(file.relative_to(path).as_posix())

    readable, bad = image_files.examine(path, found.images)
    skipped = [
        *(f"{escaped(file)}: {why}" for file, why in bad.items()),
        *(f"{name(folder)}: {why}" for folder, why in found.unlisted.items()),
        *(f"{name(file)}: no kind of image known" for file in found.others),
    ]
    return readable, skipped, found


def _folder(name, path, count, seed):
    readable, skipped, found = _examined(path)
    if not found.images:
        lines = image_files.format_lines(skipped)
        raise ValueError(
            "Expected images (.jpg, .png or another suffix that Pillow decodes) below "
            f"{escaped(path)}, got none" + (f":\n{lines}" if lines else ".")
        )
    if not readable:
        raise ValueError(
            f"Expected images below {escaped(path)}, got {len(found.images)} that "
            f"cannot be decoded:\n{image_files.format_lines(skipped)}"
        )
    grey = all(file.grey for file in readable)
    chosen = [readable[i] for i in _choose(len(readable), count, seed)]

    def batches():
        # Consecutive images of one size form a batch. They are not resized here, only
        # by the feature network, whose resize is in the protocol.
        start = 0
        while start < len(chosen):
            end = start + 1
            shape = chosen[start].shape
            while end < min(len(chosen), start + BATCH) and chosen[end].shape == shape:
                end += 1
            yield np.stack([_pixels(file, grey) for file in chosen[start:end]])
            start = end

    key = json.dumps([str(path.resolve()), _stamps(chosen)])
    return Source(name, len(chosen), key, batches, tuple(skipped))


def _stamps(files):
    """Values that change when one of these files changes."""
    # The time of a change of permissions is left out, since the images are the same.
    return [(file.name, *file.stamp[:2]) for file in files]


def _pixels(file, grey):
    """Reads an image, which must have the size that it had when it was listed."""
    try:
        image = images.read(file.path)
        if (image.height, image.width) != file.shape:
            raise ValueError("it has another size")
    except Exception as error:  # Pillow's plug-ins raise whatever a bad file causes
        raise OSError(
            f"{escaped(file.path)} changed while its folder was being read: "
            f"{error_text(error)}. Run the command again when nothing writes there."
        ) from error
    return images.pixels(image, 1 if grey else 3)


def _array_file(name, path, count, seed):
    array = _checked(_loaded(path), path)
    chosen = _choose(len(array), count, seed)

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
        with open(path, "rb") as file:  # NumPy does not close a broken file
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
    if array.dtype == np.uint16:
        raise ValueError(f"{got}: save (images / 257).round().astype('uint8').")
    # In this form the condition also refuses NaN.
    if not (np.issubdtype(array.dtype, np.floating) and low >= -1.01 and high <= 1.01):
        raise ValueError(f"{got}.")
    if low >= 0:  # images in [-1, 1] have pixels darker than mid-grey
        raise ValueError(f"{got}: save 2 * images - 1 of images in [0, 1].")
    return array


def _model(name, path, count, seed):
    if count is None:
        raise ValueError(
            f"{escaped(path)} is a model, which needs the number of samples: pass "
            "count, or --count."
        )
    key = json.dumps([file_stamps(path), count, seed])
    return Source(name, count, key, sample_batches(path, count, seed, BATCH))


def _named(name):
    """Splits a name into the names of the data set and of the split."""
    known, mark, split = name.rpartition("@")
    folder = os.path.expanduser(name.partition(":")[2])
    if not mark or "/" in split or os.path.isdir(folder):  # an @ within a path
        return name, "train"
    if split not in _SPLITS:
        raise ValueError(f"Expected {known}@train or {known}@test, got {name!r}.")
    return known, split


def _data_set(name, count, seed):
    known, split = _named(name)
    scheme, _, folder = known.partition(":")
    root = pathlib.Path(os.path.expanduser(folder))
    readable, skipped, rule = [], [], "error"
    if scheme == "folder" and folder and os.path.isdir(root):
        readable, skipped, found = _examined(root)
        if len(readable) < len(found.images) or found.unlisted:
            rule = "skip"
    try:
        both = data.load(known, batch_size=1, on_bad_file=rule)
    except UnclearSplits as error:
        raise ValueError(
            f"{error.found} Name one of these folders itself, or pass "
            f"{escaped(root)} without {scheme}: for all images below it."
        ) from error
    except ValueError as error:
        if scheme not in _SCHEMES and known not in data.NAMES:
            close = difflib.get_close_matches(known, data.NAMES, 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise FileNotFoundError(
                "Expected a folder of images, a .npz or .npy file, an exported model, "
                "a .keras file, the folder of a run or the name of a data set, got "
                f"{name!r}, which is none of them.{hint}"
            ) from error
        raise
    chosen = both[_SPLITS.index(split)]
    if chosen is None:
        raise ValueError(f"{known} has no test split.")
    if isinstance(chosen.element_spec, tuple) or len(chosen.element_spec.shape) != 4:
        raise ValueError(f"Expected a data set of single images, got {name!r}.")
    size = int(chosen.cardinality().numpy())
    shuffled = split == "train"  # its first images are a random choice already
    taken = np.arange(size)[:count] if shuffled else _choose(size, count, seed)
    key = [known, split, len(taken)]
    if len(taken) < size and not shuffled:
        key.append(seed)
    if scheme == "folder":
        key += [str(root.resolve()), _stamps(readable)]

    def batches():
        rows = chosen.take(taken[-1] + 1).unbatch().as_numpy_iterator()
        rows = itertools.compress(rows, np.isin(np.arange(size), taken))
        while batch := list(itertools.islice(rows, BATCH)):
            yield np.stack(batch)

    return Source(name, len(taken), json.dumps(key), batches, tuple(skipped))
