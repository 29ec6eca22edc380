"""Lists the files in a folder and its sub-folders."""

import collections
import dataclasses
import heapq
import os
import pathlib

from gan_zoo.data import images

# Files and folders that operating systems create, besides hidden ones.
_CLUTTER = frozenset(("thumbs.db", "desktop.ini", "__macosx"))


@dataclasses.dataclass
class FolderListing:
    """The files in a folder and its sub-folders.

    Attributes:
        images: paths of image files, sorted. They are identified by their suffix and
            not opened.
        others: paths of files of other kinds, sorted.
        unlisted: folders that could not be listed: path to reason.
        repeated: links to folders whose files were found under another path: path of
            the link to that path.
    """

    images: list = dataclasses.field(default_factory=list)
    others: list = dataclasses.field(default_factory=list)
    unlisted: dict = dataclasses.field(default_factory=dict)
    repeated: dict = dataclasses.field(default_factory=dict)

    def __add__(self, other):
        return FolderListing(
            self.images + other.images,
            self.others + other.others,
            self.unlisted | other.unlisted,
            self.repeated | other.repeated,
        )


def list_files(folder, left_out=()):
    """Lists all files in a folder and its sub-folders.

    Images are identified by suffix, in upper or lower case. Hidden files and folders
    (`.DS_Store`, `._photo.jpg`), `__MACOSX`, `Thumbs.db` and `desktop.ini` are ignored.
    Links to folders are followed. A folder with several paths is read once: under its
    own path if it is in `folder`, else under its first link in the order of names. A
    link to a folder that contains the link is ignored.

    Args:
        folder: pathlib.Path.
        left_out: names of its direct sub-folders to leave out.

    Returns:
        `FolderListing`.
    """
    found, read = FolderListing(), {}
    # Folders are read before links, so that a folder keeps its own path.
    folders, links = collections.deque([folder]), []
    suffixes = images.suffixes()
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
            found.unlisted[place] = error_text(error)
            continue
        for entry in entries:
            path = place / entry.name
            if entry.name.startswith(".") or entry.name.lower() in _CLUTTER:
                continue
            if not _is_folder(entry):
                known = path.suffix.lower() in suffixes
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
    """Sorted names of the visible sub-folders and links to folders."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _is_folder(entry)]
    except OSError:
        return []
    return sorted(n for n in names if n[0] != "." and n.lower() not in _CLUTTER)


def list_names(folder):
    """Sorted names of all files and folders in a folder; [] if it cannot be listed."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def escaped(name):
    """Escapes the characters of a name that cannot be printed on one line."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name)
    )


def error_text(error):
    """The text of an error, without the path, on one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return escaped(text)


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to a folder without permission
        return False


def _above(real, place):
    """Whether a real path is a folder or one of its parents."""
    own = pathlib.Path(os.path.realpath(place))
    return pathlib.Path(real) in (own, *own.parents)
