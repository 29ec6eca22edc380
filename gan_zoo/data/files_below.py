"""Listing the files below a folder, whatever the file system holds."""

import collections
import dataclasses
import heapq
import os
import pathlib

from gan_zoo.data import images

# What systems leave in folders of images by themselves, beside hidden files.
_CLUTTER = frozenset(("thumbs.db", "desktop.ini", "__macosx"))


@dataclasses.dataclass
class Found:
    """What lies below a folder.

    Attributes:
        images: paths of image files, sorted; known by their suffix, none is opened yet.
        others: paths of files of other kinds, sorted.
        unlisted: folders that could not be listed: path to reason.
        repeated: links to folders whose files were found under another name: path of
            the link to that name.
    """

    images: list = dataclasses.field(default_factory=list)
    others: list = dataclasses.field(default_factory=list)
    unlisted: dict = dataclasses.field(default_factory=dict)
    repeated: dict = dataclasses.field(default_factory=dict)

    def __add__(self, other):
        return Found(
            self.images + other.images,
            self.others + other.others,
            self.unlisted | other.unlisted,
            self.repeated | other.repeated,
        )


def find(folder, left_out=()):
    """All files below a folder.

    Images are known by suffix, in upper or lower case. Hidden files and folders
    (`.DS_Store`, `._photo.jpg`), `__MACOSX`, `Thumbs.db` and `desktop.ini` are passed
    over. Links to folders are followed. A folder that several names lead to is read
    once: under its own name if that lies below `folder`, else under its first link in
    the order of names. A link to a folder above itself adds nothing.

    Args:
        folder: pathlib.Path.
        left_out: names of its own sub-folders to leave out.

    Returns:
        `Found`.
    """
    found, read = Found(), {}
    # All folders come before all links, so that a folder has its own name.
    folders, links = collections.deque([folder]), []
    while folders or links:
        place = folders.popleft() if folders else heapq.heappop(links)
        real = os.path.realpath(place)
        if real in read:
            if not _above(real, place.parent):
                found.repeated[place] = read[real]
            continue
        read[real] = place
        try:
            with os.scandir(place) as entries:
                entries = list(entries)
        except OSError as error:
            found.unlisted[place] = reason(error)
            continue
        for entry in entries:
            path = place / entry.name
            if entry.name.startswith(".") or entry.name.lower() in _CLUTTER:
                continue
            if not _is_folder(entry):
                known = path.suffix.lower() in images.suffixes()
                (found.images if known else found.others).append(path)
            elif place != folder or entry.name not in left_out:
                if entry.is_symlink():
                    heapq.heappush(links, path)
                else:
                    folders.append(path)

    def name(path):
        return path.relative_to(folder).as_posix()

    found.images.sort(key=name)
    found.others.sort(key=name)
    return found


def sub_folders(folder):
    """Names of a folder's sub-folders and of links to folders, sorted, not hidden."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _is_folder(entry)]
    except OSError:
        return []
    return sorted(n for n in names if n[0] != "." and n.lower() not in _CLUTTER)


def names_in(folder):
    """Names of whatever a folder holds, sorted; empty where it cannot be listed."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def shown(name):
    """A name on one line that can be printed: other characters are escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name)
    )


def reason(error):
    """Why something could not be read, without the path, on one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return shown(text)


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to a folder that may not be entered
        return False


def _above(real, place):
    """Whether a real path is that of a folder or of one above it."""
    own = pathlib.Path(os.path.realpath(place))
    return pathlib.Path(real) in (own, *own.parents)
