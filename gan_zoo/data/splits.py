"""Finds the training and the test split among the sub-folders of a folder."""

import dataclasses
import pathlib
import re

from gan_zoo.data.files_below import (
    FolderListing,
    escaped,
    list_files,
    list_names,
    sub_folders,
)

TRAIN = ("train", "training")
TEST = ("test", "testing")
VALIDATION = ("val", "valid", "validation")
# In names that are splits only if a user says so, such as `trainset`, `TestImages`.
_MORE_TEST = ("eval", "evaluation")
_SUFFIXES = ("set", "data", "images")
_MAX_LISTED = 4  # largest number of folders in a message


@dataclasses.dataclass
class FolderSplits:
    """The files of a folder by split.

    Attributes:
        train: `FolderListing` of the training split.
        test: `FolderListing` of the test split, or None where no folder is one.
        unused: files of neither split: dict from the name of a folder, or "." for files
            outside these folders, to its `FolderListing`.
        train_names: names of the folders of the training split, as they are spelled.
        test_names: the same of the test split.
        ambiguous: folders at deeper levels that are not read as splits but may be meant
            as such, by their names, sorted.
    """

    train: FolderListing
    test: FolderListing | None = None
    unused: dict = dataclasses.field(default_factory=dict)
    train_names: tuple = ()
    test_names: tuple = ()
    ambiguous: tuple = ()


class UnclearSplits(ValueError):
    """Sub-folders that are neither clearly splits nor clearly not.

    Args:
        found: what was expected, and which folders there are.
        fix: what to pass to `gan_zoo.data.load`.
    """

    def __init__(self, found, fix):
        super().__init__(found, fix)
        self.found = found

    def __str__(self):
        """The whole message."""
        return " ".join(self.args)


def find_splits(root, splits=None, classes=False):
    """Finds the splits of a folder by the names of its sub-folders.

    `train` or `training` is the training split; `test` or `testing` the test split;
    `val`, `valid` or `validation` is the test split if there is no other. Upper and
    lower case are equal. Without a training folder, the training split is all images
    outside the test folder.

    Args:
        root: pathlib.Path of the folder.
        splits: True if sub-folders of these names are splits, False if they are
            ordinary folders. With None they are splits in these cases: there is a
            training and a test folder; a training folder holds all images; or all
            images outside the test folder are directly in `root`. With True, folders
            such as `trainset` and `test_images` are splits too, where there are both
            kinds and none of the other names.
        classes: whether the images of a split must be in sub-folders of it, which are
            their classes.

    Returns:
        `FolderSplits`.

    Raises:
        UnclearSplits: if splits=None cannot decide.
        ValueError: if splits=True finds no split.
    """
    if not (splits is None or isinstance(splits, bool)):
        raise ValueError(f"Expected splits None, True or False, got {splits!r}.")
    if splits is False:
        return FolderSplits(list_files(root))
    train, test, validation = (
        [name for name in sub_folders(root) if name.lower() in words]
        for words in (TRAIN, TEST, VALIDATION)
    )
    held_out, unused = (test, validation) if test else (validation, [])
    if not (train or held_out):
        nearly = _named_nearly(root)
        if splits and all(nearly):
            train, held_out = nearly
    names = (*train, *held_out, *unused)
    rest = list_files(root, names)
    if not names:
        if splits is None and all(nearly):
            _raise_if_nearly(root, *nearly, rest, classes)
        if splits:
            raise ValueError(
                f"Expected a folder {' or '.join(TRAIN + TEST + VALIDATION)} in "
                f"{escaped(root)} for splits=True, got "
                f"{list_names(root)[:10] or 'nothing'}. Rename its folders, or leave "
                "splits out."
            )
        return FolderSplits(rest, ambiguous=_ambiguous_folders(root, rest))
    parts = {name: list_files(root / name) for name in names}
    if splits is None:
        _raise_if_unclear(root, train, held_out, parts, rest, classes)
    unused = {name: parts[name] for name in unused}
    if train:
        unused["."] = rest
    return FolderSplits(
        _joined(parts, train) if train else rest,
        _joined(parts, held_out) if held_out else None,
        unused,
        tuple(train),
        tuple(held_out),
    )


def _joined(parts, names):
    return sum((parts[name] for name in names), FolderListing())


def _raise_if_unclear(root, train, held_out, parts, rest, classes):
    elsewhere = sorted({p.relative_to(root).parts[0] for p in rest.images})
    folders = [name for name in elsewhere if (root / name).is_dir()]
    named = _joined(parts, train or held_out)
    if train:
        clear = bool(held_out) or not rest.images
        read = (
            f"the training images are the {len(named.images)} in "
            f"{_quoted(train)}, and the other {len(rest.images)} are left out"
        )
    else:
        clear = bool(rest.images) and not folders
        read = (
            f"the test images are the {len(named.images)} in {_quoted(held_out)}, and "
            f"the training images are the other {len(rest.images)}"
        )
    if clear or not named.images:  # no images: another error says so
        return
    if classes and _have_no_class(root, named.images):
        read = None
    beside = _quoted(elsewhere) if elsewhere else "nothing"
    total = len(named.images) + len(rest.images)
    raise _unclear(root, f"{_quoted(train or held_out)} beside {beside}", read, total)


def _raise_if_nearly(root, train, held_out, rest, classes):
    """Raises UnclearSplits for folders such as `trainset` and `test_images`."""
    to_train, to_test = (
        sum((list_files(root / n) for n in names), FolderListing()).images
        for names in (train, held_out)
    )
    if not (to_train and to_test):
        return
    read = (
        f"the training images are the {len(to_train)} in {_quoted(train)}, and the "
        f"test images the {len(to_test)} in {_quoted(held_out)}"
    )
    if classes and _have_no_class(root, [*to_train, *to_test]):
        read = None
    total = len(rest.images)
    raise _unclear(root, f"{_quoted(train)} and {_quoted(held_out)}", read, total)


def _have_no_class(root, images):
    """Whether images lie directly in a split, so that no folder names their class."""
    return any(path.parent.parent == root for path in images)


def _unclear(root, got, as_split, total):
    """The `UnclearSplits` for some folders.

    Args:
        root: pathlib.Path of the folder.
        got: str, the folders.
        as_split: how they would be read as splits, or None where they cannot be.
        total: number of all images.
    """
    split, flags = "", "--splits=false"
    if as_split:
        split = f"As a split: {as_split}; pass splits=True. "
        flags = "--splits=true, --splits=false"
    return UnclearSplits(
        f"Expected sub-folders of {escaped(root)} that are clearly splits or clearly "
        f"not, got {got}.",
        f"{split}As folders like any other, which are the classes where there are "
        f"labels: all {total} images are used, and some are held out by test_fraction; "
        f"pass splits=False. (For a recipe: {flags}.)",
    )


def _quoted(names):
    quoted = ", ".join(repr(escaped(name)) for name in names[:_MAX_LISTED])
    more = len(names) - _MAX_LISTED
    return f"{quoted} and {more} more" if more > 0 else quoted


def _ambiguous_folders(root, found):
    """Folders with images that may be meant as splits; see `FolderSplits`."""
    words = (*TRAIN, *TEST, *VALIDATION)
    holders = {path.parent for path in found.images}
    folders = {
        folder.relative_to(root)
        for holder in holders
        for folder in (holder, *holder.parents)
        if folder.is_relative_to(root) and folder.name.lower() in words
    } - {pathlib.Path()}
    return tuple(sorted(folder.as_posix() for folder in folders))


def _named_nearly(root):
    """Folders whose names hold a word for a split: (for training, for testing)."""
    train, held_out = [], []
    for name in sub_folders(root):
        words = _words_in(name)
        trains, tests = words & {*TRAIN}, words & {*TEST, *_MORE_TEST, *VALIDATION}
        if trains and not tests:
            train.append(name)
        elif tests and not trains:
            held_out.append(name)
    return train, held_out


def _words_in(name):
    """The words of a folder's name in lower case, also without a usual suffix."""
    words = {word.lower() for word in re.findall("[A-Z]?[a-z]+|[A-Z]+", name)}
    return words | {word.removesuffix(end) for word in words for end in _SUFFIXES}
