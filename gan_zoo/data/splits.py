"""Which sub-folders of a folder of images are its training and test split."""

import dataclasses
import pathlib

from gan_zoo.data.files_below import Found, find, names_in, shown, sub_folders

TRAIN = ("train", "training")
TEST = ("test", "testing")
VALIDATION = ("val", "valid", "validation")
_NAMED = 4  # a message names at most so many folders


@dataclasses.dataclass
class Division:
    """The files of a folder by split.

    Attributes:
        train: `Found` of the training split.
        test: `Found` of the test split, or None where no folder is one.
        unused: what belongs to neither: name of a folder, or "." for all that is in no
            split's folder, to its `Found`.
        names: names of the sub-folders that are splits, in the spelling that they have.
        deeper: folders further down that have the names of splits, sorted.
    """

    train: Found
    test: Found | None = None
    unused: dict = dataclasses.field(default_factory=dict)
    names: tuple = ()
    deeper: tuple = ()


def divide(root, splits=None):
    """Finds the splits of a folder by the names of its sub-folders.

    `train` or `training` is the training split; `test` or `testing` the test split;
    `val`, `valid` or `validation` the test split where there is none of these. Upper
    and lower case are alike. Without a training folder, the training split is whatever
    lies outside the test folder.

    Args:
        root: pathlib.Path of the folder.
        splits: True if sub-folders of these names are splits, False if they are folders
            like any other. None decides: they are splits if a training and a test
            folder are there, if a training folder holds all images, or if beside a test
            folder there are images but no other folders with images.

    Returns:
        `Division`.

    Raises:
        ValueError: where splits=None cannot decide; where splits=True finds none.
    """
    if splits not in (None, True, False):
        raise ValueError(f"Expected splits None, True or False, got {splits!r}.")
    if splits is False:
        return Division(find(root))
    train, test, validation = (
        [name for name in sub_folders(root) if name.lower() in words]
        for words in (TRAIN, TEST, VALIDATION)
    )
    names = (*train, *test, *validation)
    rest = find(root, names)
    if not names:
        if splits:
            raise ValueError(
                f"Expected a folder {' or '.join(TRAIN + TEST + VALIDATION)} in "
                f"{shown(root)} for splits=True, got {names_in(root)[:10] or 'nothing'}"
                ". Rename its folders, or leave splits out."
            )
        return Division(rest, deeper=_named_like_splits(root, rest))
    parts = {name: find(root / name) for name in names}
    held_out = test or validation
    if splits is None:
        _refuse_unclear(root, train, held_out, parts, rest)
    unused = {name: parts[name] for name in validation} if test else {}
    if train:
        unused["."] = rest
    return Division(
        _joined(parts, train) if train else rest,
        _joined(parts, held_out) if held_out else None,
        unused,
        names,
    )


def _joined(parts, names):
    return sum((parts[name] for name in names), Found())


def _refuse_unclear(root, train, held_out, parts, rest):
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
    if clear or not named.images:  # what has no images is refused for that
        return
    raise ValueError(
        f"Expected sub-folders of {shown(root)} that are clearly splits or clearly "
        f"not, got {_quoted(train or held_out)} beside "
        f"{_quoted(elsewhere) if elsewhere else 'nothing'}. As a split: {read}; pass "
        "splits=True. As folders like any other, which are the classes where there are "
        f"labels: all {len(named.images) + len(rest.images)} images are used, and some "
        "are held out by test_fraction; pass splits=False. (For a recipe: "
        "--splits=true, --splits=false.)"
    )


def _quoted(names):
    told = ", ".join(repr(shown(name)) for name in names[:_NAMED])
    return f"{told} and {len(names) - _NAMED} more" if len(names) > _NAMED else told


def _named_like_splits(root, found):
    """Folders below the first level that hold images and have the names of splits."""
    words = (*TRAIN, *TEST, *VALIDATION)
    holders = {path.parent for path in found.images}
    folders = {
        folder.relative_to(root)
        for holder in holders
        for folder in (holder, *holder.parents)
        if folder.is_relative_to(root) and folder.name.lower() in words
    } - {pathlib.Path()}
    return tuple(sorted(folder.as_posix() for folder in folders))
