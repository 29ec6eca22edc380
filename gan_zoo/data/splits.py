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
# In names that are not read as splits, such as `trainset`, `TestImages`, `train_data`.
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
        names: names of the sub-folders that are splits, as they are spelled.
        ambiguous: folders that are not read as splits but may be meant as such, sorted:
            those with these names at deeper levels, and names such as `train_images`
            beside `test_images`, or `trainset` beside `testset`.
    """

    train: FolderListing
    test: FolderListing | None = None
    unused: dict = dataclasses.field(default_factory=dict)
    names: tuple = ()
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


def find_splits(root, splits=None):
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
            images outside the test folder are directly in `root`.

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
    names = (*train, *test, *validation)
    rest = list_files(root, names)
    if not names:
        if splits:
            raise ValueError(
                f"Expected a folder {' or '.join(TRAIN + TEST + VALIDATION)} in "
                f"{escaped(root)} for splits=True, got "
                f"{list_names(root)[:10] or 'nothing'}. Rename its folders, or leave "
                "splits out."
            )
        return FolderSplits(rest, ambiguous=_ambiguous_folders(root, rest))
    parts = {name: list_files(root / name) for name in names}
    held_out = test or validation
    if splits is None:
        _raise_if_unclear(root, train, held_out, parts, rest)
    unused = {name: parts[name] for name in validation} if test else {}
    if train:
        unused["."] = rest
    return FolderSplits(
        _joined(parts, train) if train else rest,
        _joined(parts, held_out) if held_out else None,
        unused,
        names,
    )


def _joined(parts, names):
    return sum((parts[name] for name in names), FolderListing())


def _raise_if_unclear(root, train, held_out, parts, rest):
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
    raise UnclearSplits(
        f"Expected sub-folders of {escaped(root)} that are clearly splits or clearly "
        f"not, got {_quoted(train or held_out)} beside "
        f"{_quoted(elsewhere) if elsewhere else 'nothing'}.",
        f"As a split: {read}; pass splits=True. As folders like any other, which are "
        "the classes where there are labels: all "
        f"{len(named.images) + len(rest.images)} images are used, and some are held "
        "out by test_fraction; pass splits=False. (For a recipe: --splits=true, "
        "--splits=false.)",
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
    parts = {name: _words_in(name) for name in sub_folders(root)}
    train, held_out = (
        {pathlib.Path(name) for name, part in parts.items() if part & {*some}}
        for some in (TRAIN, TEST + _MORE_TEST + VALIDATION)
    )
    if train and held_out:  # one alone may well be a class
        folders |= train | held_out
    return tuple(sorted(folder.as_posix() for folder in folders))


def _words_in(name):
    """The words of a folder's name in lower case, also without a usual suffix."""
    words = {word.lower() for word in re.findall("[A-Z]?[a-z]+|[A-Z]+", name)}
    return words | {word.removesuffix(end) for word in words for end in _SUFFIXES}
