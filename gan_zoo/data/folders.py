"""Data sets that are folders of image files."""

import difflib
import hashlib
import os
import pathlib

import numpy as np

from gan_zoo.data import image_files, left_out, run_folders
from gan_zoo.data.files_below import Found, find, names_in, shown, sub_folders
from gan_zoo.data.image_sets import EncodedImages, Split
from gan_zoo.data.splits import TEST, TRAIN, VALIDATION, divide


def open_folder(
    path, labels=False, test_fraction=0.1, on_bad_file="error", splits=None
):
    """A folder of images, with or without sub-folders.

    A sub-folder `train` or `training` is the training split, `test` or `testing` the
    test split, in upper or lower case; `val`, `valid` or `validation` is the test split
    where there is no `test`, and left out otherwise. Where no folder is the training
    split, everything outside the test folder is. Where no folder is the test split,
    `test_fraction` of the files are held out, chosen by a hash of their names: the same
    files for every seed and on every machine. `divide` says when `splits=None` reads
    folders of these names as splits; where they could as well be classes, it asks.

    Images are files with a suffix of a format that the installed Pillow decodes,
    sub-folders included; see `files_below.find` for links and hidden files. One message
    in the log counts and names what is left out: other kinds of files, files that
    cannot be read, folders outside the splits.

    Args:
        path: folder.
        labels: whether to label each image by the sub-folder (of its split) it lies in.
        test_fraction: share of the files to hold out, in [0, 1).
        on_bad_file: "error", or "skip" to leave out files that cannot be decoded and
            folders that cannot be listed.
        splits: True if sub-folders with the names above are splits, False if they are
            folders like any other; None decides where it is clear.

    Returns:
        (train `Split`, test `Split` or None, class names or None).

    Raises:
        FileNotFoundError: no such folder.
        ValueError: no images, unreadable images, no classes, folders that may be splits
            or classes, or the folder of a run.
    """
    root = _folder(path)
    train, test, split_names = _splits(root, test_fraction, on_bad_file, splits)
    classes = label_of = None
    if labels:

        def label_of(file):
            return _class(root, file, split_names)

        classes = sorted({label_of(file) for file in (*train, *test)})
    options = {"classes": classes, "label_of": label_of, "on_bad_file": on_bad_file}
    return (
        _split([train], train + test, **options),
        _split([test], train + test, **options) if test else None,
        classes,
    )


def open_unpaired(path, test_fraction=0.1, on_bad_file="error"):
    """Two unaligned folders, in the layout of CycleGAN's data sets.

    Args:
        path: folder with `trainA` and `trainB`, and `testA` and `testB`, without which
            `test_fraction` of each side is held out as in `open_folder`. The names that
            `open_folder` knows stand for `train` and `test` (`validA`, `training_a`),
            in upper or lower case.
        test_fraction: share of the files to hold out, in [0, 1).
        on_bad_file: "error" or "skip"; see `open_folder`.

    Returns:
        (train `Split`, test `Split` or None, None).

    Raises:
        FileNotFoundError: no such folder, or no `trainA` or `trainB` in it.
        ValueError: no images, or unreadable images.
    """
    root = _folder(path)
    reading = _Reading(root, on_bad_file)
    sides, used = [], []
    for side in "AB":
        train_names = _of_side(root, TRAIN, side)
        if not train_names:
            _folder(root / f"train{side}")  # raises
        train = reading.images(train_names)
        test_names = _of_side(root, TEST, side) or _of_side(root, VALIDATION, side)
        if test_names:
            test = reading.images(test_names)
        else:
            train, test = _hold_out(train, test_fraction)
        sides.append((train, test))
        used += train_names + test_names
    reading.finish({".": find(root, used)})
    (train_a, test_a), (train_b, test_b) = sides
    everything = train_a + test_a + train_b + test_b
    options = {"aligned": False, "on_bad_file": on_bad_file}
    train = _split([train_a, train_b], everything, **options)
    if not test_a or not test_b:
        return train, None, None
    test = _split([test_a, test_b], everything, **options)
    return train, test, None


def open_paired(
    path, input_side="left", test_fraction=0.1, on_bad_file="error", splits=None
):
    """Side-by-side pairs, in the layout of pix2pix's data sets.

    Args:
        path: folder with `train` and `test` (or `val`); see `open_folder`.
        input_side: the half that is the input, "left" or "right"; the other half is the
            target.
        test_fraction: share of the files to hold out, in [0, 1).
        on_bad_file: "error" or "skip"; see `open_folder`.
        splits: True, False or None; see `open_folder`.

    Returns:
        (train `Split`, test `Split` or None, None); sides are (input, target).

    Raises:
        FileNotFoundError: no such folder.
        ValueError: no images, unreadable images, or images of odd width.
    """
    if input_side not in ("left", "right"):
        raise ValueError(f'Expected input_side "left" or "right", got {input_side!r}.')
    root = _folder(path)
    train, test, _ = _splits(root, test_fraction, on_bad_file, splits)
    for file in (*train, *test):
        if file.shape[1] % 2:
            raise ValueError(
                f"Expected two images of equal width side by side, got an odd width of "
                f"{file.shape[1]} pixels in {shown(root / file.name)}."
            )
    halves = ("left", "right") if input_side == "left" else ("right", "left")
    options = {"halves": halves, "on_bad_file": on_bad_file}
    return (
        _split([train, train], train + test, **options),
        _split([test, test], train + test, **options) if test else None,
        None,
    )


def _folder(path):
    if not str(path):
        raise ValueError("Expected the path of a folder of images, got nothing.")
    path = pathlib.Path(os.path.expanduser(path))
    if os.path.isdir(path):
        run_folders.refuse(path)
        return path
    beside = sub_folders(path.parent)
    closest = difflib.get_close_matches(path.name, beside, 1)
    hint = f" Did you mean {shown(path.parent / closest[0])}?" if closest else ""
    got = "a file" if os.path.exists(path) else "nothing"
    if got == "nothing" and os.path.islink(path):
        got = "a link that leads nowhere"
    raise FileNotFoundError(
        f"Expected a folder of images at {shown(path)}, got {got}. "
        f"{shown(path.parent)} holds the folders {beside[:10] or 'none'}.{hint}"
    )


class _Reading:
    """Checks the images of a folder part by part, and tells what was left out."""

    def __init__(self, root, on_bad_file):
        if on_bad_file not in ("error", "skip"):
            raise ValueError(
                f'Expected on_bad_file "error" or "skip", got {on_bad_file!r}.'
            )
        self.root = root
        self.on_bad_file = on_bad_file
        self.found = Found()
        self.bad = {}

    def images(self, names):
        """`ImageFile`s of some of the folder's own sub-folders."""
        folders = [self.root / name for name in names]
        return self.checked(sum(map(find, folders), Found()), folders)

    def checked(self, found, folders):
        """`ImageFile`s of what was found below some folders."""
        if found.unlisted and (self.on_bad_file == "error" or not found.images):
            unlisted = {
                path.relative_to(self.root).as_posix(): why
                for path, why in found.unlisted.items()
            }
            raise ValueError(
                f"Expected folders that can be listed below {shown(self.root)}, got "
                f"{len(unlisted)} that cannot:\n{image_files.listed(unlisted)}\n"
                'Change their permissions, or pass on_bad_file="skip" '
                "(--on_bad_file=skip) to train without them."
            )
        if not found.images:
            held = sorted(name for folder in folders for name in names_in(folder))
            raise ValueError(
                "Expected images (.jpg, .png or another suffix that Pillow decodes) "
                f"below {', '.join(map(shown, folders))}, got none; it holds "
                f"{held[:10] or 'nothing'}."
            )
        files, bad = image_files.examine(self.root, found.images)
        image_files.refuse(self.root, len(found.images), bad, self.on_bad_file)
        self.found += found
        self.bad |= bad
        return files

    def finish(self, unused, deeper=()):
        left_out.tell(self.root, self.found, self.bad, unused, deeper)


def _splits(root, test_fraction, on_bad_file, splits):
    reading = _Reading(root, on_bad_file)
    division = divide(root, splits)
    held_out = [n for n in division.names if n.lower() not in TRAIN]
    inner = [root / n for n in division.names if n.lower() in TRAIN] or [root]
    train = reading.checked(division.train, inner)
    if division.test is None:
        train, test = _hold_out(train, test_fraction)
    else:
        test = reading.checked(division.test, [root / name for name in held_out])
    reading.finish(division.unused, division.deeper)
    return train, test, division.names


def _of_side(root, words, side):
    side = side.lower()
    wanted = {f"{word}{mark}{side}" for word in words for mark in ("", "_", "-")}
    return [name for name in sub_folders(root) if name.lower() in wanted]


def _hold_out(files, fraction):
    if not 0 <= fraction < 1:
        raise ValueError(f"Expected test_fraction in [0, 1), got {fraction}.")
    count = min(max(round(fraction * len(files)), 1), len(files) - 1) if fraction else 0

    def number(file):  # names may hold bytes that are no UTF-8
        return hashlib.sha256(file.name.encode(errors="surrogatepass")).digest()

    test = {file.name for file in sorted(files, key=number)[:count]}
    return (
        [file for file in files if file.name not in test],
        [file for file in files if file.name in test],
    )


def _class(root, file, split_names):
    folders = file.name.split("/")[:-1]
    split = ""
    if folders and folders[0] in split_names:
        split = f", or splits=False if {shown(folders[0])} is a class"
        folders = folders[1:]
    if not folders:
        raise ValueError(
            f"Expected each image in a sub-folder named after its class, got "
            f"{shown(file.name)} outside of any below {shown(root)}; move it, or pass "
            f"labels=False{split}."
        )
    return folders[0]


def _split(
    sides,
    everything,
    classes=None,
    label_of=None,
    aligned=True,
    halves=None,
    on_bad_file="error",
):
    grey = all(file.grey for file in everything)
    labels = None
    if classes:
        number = {name: i for i, name in enumerate(classes)}
        labels = np.array([number[label_of(file)] for file in sides[0]], np.int32)
    sets = tuple(
        EncodedImages(
            items=[file.path for file in files],
            names=[shown(file.path) for file in files],
            shapes=[file.shape for file in files],
            grey=grey,
            half=halves[i] if halves else None,
            on_bad_file=on_bad_file,
            classes=labels,
        )
        for i, files in enumerate(sides)
    )
    return Split(sets, aligned, labels)
