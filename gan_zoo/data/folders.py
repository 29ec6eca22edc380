"""Data sets that are folders of image files."""

import difflib
import hashlib
import os
import pathlib

import numpy as np

from gan_zoo.checks import is_number
from gan_zoo.data import attributes, image_files, left_out, run_folders
from gan_zoo.data.files_below import (
    FolderListing,
    escaped,
    list_files,
    list_names,
    sub_folders,
)
from gan_zoo.data.image_sets import EncodedImages, Split
from gan_zoo.data.splits import TEST, TRAIN, VALIDATION, find_splits


def open_folder(
    path,
    labels=False,
    test_fraction=0.1,
    on_bad_file="error",
    splits=None,
    attribute_file=None,
):
    """Opens a folder of images, with or without sub-folders.

    A sub-folder `train` or `training` is the training split, `test` or `testing` the
    test split, in upper or lower case. `val`, `valid` or `validation` is the test split
    if there is no `test`, and is left out otherwise. Without a training folder, all
    images outside the test folder are the training split. Without a test folder,
    `test_fraction` of the files are held out. They are chosen by a hash of their names,
    so they are the same for every seed and on every machine. `find_splits` describes
    when `splits=None` treats such folders as splits. It raises an error if they could
    also be classes.

    Images are files with a suffix of a format that the installed Pillow decodes, in all
    sub-folders. See `files_below.list_files` for links and hidden files. One message in
    the log counts all that is left out, with the first names: other kinds of files,
    files that cannot be read, and folders outside the splits.

    Args:
        path: folder.
        labels: whether the sub-folder (of its split) is the label of an image. With
            `attribute_file`: True for all attributes, a list of names, or one name.
        test_fraction: share of the files to hold out, in [0, 1).
        on_bad_file: "error", or "skip" to leave out files that cannot be decoded,
            folders that cannot be listed, and images without a row of attributes.
        splits: True if sub-folders with these names are splits, False if they are
            ordinary folders. None decides if the names are clear.
        attribute_file: file that lists the attributes of each image; see
            `attributes.read_attribute_file`.

    Returns:
        (train `Split`, test `Split` or None, names of classes or attributes, or None).

    Raises:
        FileNotFoundError: if the folder or the file does not exist.
        ValueError: for no images, unreadable images, no classes, folders that may be
            splits or classes, a run folder, or images without attributes.
    """
    root = _folder(path)
    train, test, split_names = _splits(
        root,
        test_fraction,
        on_bad_file,
        splits,
        classes=bool(labels) and attribute_file is None,
        read_too=attribute_file,
    )
    names, parts = None, [(train, None), (test, None)]
    if labels and attribute_file is not None:
        parts, names = _attributes(parts, attribute_file, labels, on_bad_file)
    elif labels:
        parts, names = _classes(root, parts, split_names)
    everything = [file for files, _ in parts for file in files]
    opened = [
        _split([files], everything, labels=values, on_bad_file=on_bad_file)
        for files, values in parts
        if files
    ]
    return opened[0], opened[1] if len(opened) > 1 else None, names


def open_unpaired(path, test_fraction=0.1, on_bad_file="error"):
    """Opens two unaligned folders, in the layout of CycleGAN's data sets.

    Args:
        path: folder with `trainA`, `trainB`, `testA` and `testB`. Without the test
            folders, `test_fraction` of each side is held out as in `open_folder`. The
            other names of `open_folder` are possible too (`validA`, `training_a`), in
            upper or lower case.
        test_fraction: share of the files to hold out, in [0, 1).
        on_bad_file: "error" or "skip"; see `open_folder`.

    Returns:
        (train `Split`, test `Split` or None, None).

    Raises:
        FileNotFoundError: if the folder, `trainA` or `trainB` does not exist.
        ValueError: for no images, or unreadable images.
    """
    root = _folder(path)
    reading = _Reading(root, on_bad_file)
    sides, used = [], []
    for side in "AB":
        train_names = _of_side(root, TRAIN, side)
        if not train_names:
            raise FileNotFoundError(
                f"Expected folders trainA and trainB in {escaped(root)}, got "
                f"{sub_folders(root)[:10] or 'no folders'}. A folder of images of one "
                f"kind is 'folder:{escaped(root)}'."
            )
        train = reading.images(train_names)
        test_names = _of_side(root, TEST, side) or _of_side(root, VALIDATION, side)
        if test_names:
            test = reading.images(test_names)
        else:
            train, test = _hold_out(train, test_fraction)
        sides.append((train, test))
        used += train_names + test_names
    reading.finish({".": list_files(root, used)})
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
    """Opens side-by-side pairs, in the layout of pix2pix's data sets.

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
        FileNotFoundError: if the folder does not exist.
        ValueError: for no images, unreadable images, or images of odd width.
    """
    if input_side not in ("left", "right"):
        raise ValueError(f'Expected input_side "left" or "right", got {input_side!r}.')
    root = _folder(path)
    train, test, _ = _splits(root, test_fraction, on_bad_file, splits)
    for file in (*train, *test):
        if file.shape[1] % 2:
            raise ValueError(
                f"Expected two images of equal width side by side, got an odd width of "
                f"{file.shape[1]} pixels in {escaped(root / file.name)}."
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
        run_folders.raise_for_run_folder(path)
        return path
    beside = sub_folders(path.parent)
    closest = difflib.get_close_matches(path.name, beside, 1)
    hint = f" Did you mean {escaped(path.parent / closest[0])}?" if closest else ""
    got = "a file" if os.path.exists(path) else "nothing"
    if got == "nothing" and os.path.islink(path):
        got = "a link that leads nowhere"
    raise FileNotFoundError(
        f"Expected a folder of images at {escaped(path)}, got {got}. "
        f"{escaped(path.parent)} holds the folders {beside[:10] or 'none'}.{hint}"
    )


class _Reading:
    """Checks the images of a folder part by part, and logs what was left out."""

    def __init__(self, root, on_bad_file):
        if on_bad_file not in ("error", "skip"):
            raise ValueError(
                f'Expected on_bad_file "error" or "skip", got {on_bad_file!r}.'
            )
        self.root = root
        self.on_bad_file = on_bad_file
        self.found = FolderListing()
        self.bad = {}

    def images(self, names):
        """The `ImageFile`s of some direct sub-folders."""
        folders = [self.root / name for name in names]
        return self.checked(sum(map(list_files, folders), FolderListing()), folders)

    def checked(self, found, folders):
        """The `ImageFile`s of the files found in some folders."""
        if found.unlisted and (self.on_bad_file == "error" or not found.images):
            unlisted = {
                path.relative_to(self.root).as_posix(): why
                for path, why in found.unlisted.items()
            }
            raise ValueError(
                f"Expected folders that can be listed below {escaped(self.root)}, got "
                f"{len(unlisted)} that "
                f"cannot:\n{image_files.format_reasons(unlisted)}\n"
                'Change their permissions, or pass on_bad_file="skip" '
                "(--on_bad_file=skip) to train without them."
            )
        if not found.images:
            held = sorted(name for folder in folders for name in list_names(folder))
            raise ValueError(
                "Expected images (.jpg, .png or another suffix that Pillow decodes) "
                f"below {', '.join(map(escaped, folders))}, got none; it holds "
                f"{held[:10] or 'nothing'}."
            )
        files, bad = image_files.examine(self.root, found.images)
        image_files.raise_for_bad_files(
            self.root, len(found.images), bad, self.on_bad_file
        )
        self.found += found
        self.bad |= bad
        return files

    def finish(self, unused, ambiguous=(), read_too=None):
        if read_too is not None:
            own = os.path.realpath(os.path.expanduser(read_too))
            others = self.found.others
            self.found.others = [x for x in others if os.path.realpath(x) != own]
        left_out.log_left_out(self.root, self.found, self.bad, unused, ambiguous)


def _splits(root, test_fraction, on_bad_file, splits, classes=False, read_too=None):
    reading = _Reading(root, on_bad_file)
    division = find_splits(root, splits, classes)
    inner = [root / name for name in division.train_names] or [root]
    train = reading.checked(division.train, inner)
    if division.test is None:
        train, test = _hold_out(train, test_fraction)
    else:
        held_out = [root / name for name in division.test_names]
        test = reading.checked(division.test, held_out)
    reading.finish(division.unused, division.ambiguous, read_too)
    return train, test, (*division.train_names, *division.test_names)


def _of_side(root, words, side):
    side = side.lower()
    wanted = {f"{word}{mark}{side}" for word in words for mark in ("", "_", "-")}
    return [name for name in sub_folders(root) if name.lower() in wanted]


def _hold_out(files, fraction):
    if not is_number(fraction) or not 0 <= fraction < 1:
        raise ValueError(f"Expected test_fraction in [0, 1), got {fraction!r}.")
    count = min(max(round(fraction * len(files)), 1), len(files) - 1) if fraction else 0

    def number(file):  # names may contain bytes that are not UTF-8
        return hashlib.sha256(file.name.encode(errors="surrogatepass")).digest()

    test = {file.name for file in sorted(files, key=number)[:count]}
    return (
        [file for file in files if file.name not in test],
        [file for file in files if file.name in test],
    )


def _attributes(parts, attribute_file, labels, on_bad_file):
    """The files of each split that have attributes, with these, and their names."""
    found = [
        attributes.attributes_of_files(files, attribute_file, labels, on_bad_file)
        for files, _ in parts
        if files
    ]
    return [(files, values) for files, values, _ in found], found[0][2]


def _classes(root, parts, split_names):
    """The files of each split with the numbers of their classes, and the names."""
    each = [[_class(root, file, split_names) for file in files] for files, _ in parts]
    classes = sorted({name for names in each for name in names})
    number = {name: i for i, name in enumerate(classes)}
    labels = [np.array([number[name] for name in names], np.int32) for names in each]
    return [(files, x) for (files, _), x in zip(parts, labels, strict=True)], classes


def _class(root, file, split_names):
    folders = file.name.split("/")[:-1]
    split = ""
    if folders and folders[0] in split_names:
        split = f", or splits=False if {escaped(folders[0])} is a class"
        folders = folders[1:]
    if not folders:
        raise ValueError(
            f"Expected each image in a sub-folder named after its class, got "
            f"{escaped(file.name)} outside of any below {escaped(root)}; move it, or "
            f"pass labels=False{split}."
        )
    return folders[0]


def _split(
    sides, everything, labels=None, aligned=True, halves=None, on_bad_file="error"
):
    grey = all(file.grey for file in everything)
    # An image that can no longer be read gives way to one with the same labels.
    kinds = labels
    if labels is not None and labels.ndim > 1:
        kinds = np.unique(labels, axis=0, return_inverse=True)[1].ravel()
    sets = tuple(
        EncodedImages(
            items=[file.path for file in files],
            names=[escaped(file.path) for file in files],
            shapes=[file.shape for file in files],
            grey=grey,
            half=halves[i] if halves else None,
            on_bad_file=on_bad_file,
            classes=kinds,
        )
        for i, files in enumerate(sides)
    )
    return Split(sets, aligned, labels)
