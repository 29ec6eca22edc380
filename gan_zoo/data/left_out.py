"""Logs which files of a folder are not used, and why."""

import collections
import functools
import itertools

from absl import logging

from gan_zoo.data.files_below import escaped

_MAX_LISTED = 5  # largest number of files in a line


def log_left_out(root, found, bad, unused, ambiguous=()):
    """Logs one warning about all files of a folder that are left out, if there are any.

    The same warning is logged once in a process, since a recipe opens its data several
    times.

    Args:
        root: folder of the data set.
        found: `FolderListing` of the files that are used.
        bad: dict from the names of files in `found.images` that are left out to the
            reasons.
        unused: dict from the name of a folder, or "." for all other folders, to the
            `FolderListing` of its unused files.
        ambiguous: folders that may be meant as splits but are used as ordinary ones.
    """

    def name(path):
        return escaped(path.relative_to(root).as_posix())

    lines = []
    if found.others:
        kinds = collections.Counter(
            path.suffix.lower() or "no suffix" for path in found.others
        )
        counts = ", ".join(
            f"{count} {escaped(kind)}" for kind, count in kinds.most_common(_MAX_LISTED)
        )
        more = ", ..." if len(kinds) > _MAX_LISTED else ""
        lines.append(
            f"{len(found.others)} that Pillow does not know as images: {counts}"
            f"{more} ({_some(map(name, found.others), len(found.others))})"
        )
    if bad:
        each = (f"{escaped(file)}: {why}" for file, why in bad.items())
        lines.append(f"{len(bad)} that cannot be decoded ({_some(each, len(bad))})")
    for folder, rest in unused.items():
        if rest.images:
            where = "outside the splits" if folder == "." else f"in {escaped(folder)}"
            some = _some(map(name, rest.images), len(rest.images))
            lines.append(f"{_counted(rest.images, 'image')} {where} ({some})")
    every = [found, *unused.values()]
    unlisted = {p: why for part in every for p, why in part.unlisted.items()}
    if unlisted:
        each = (f"{name(path)}: {why}" for path, why in unlisted.items())
        some = _some(each, len(unlisted))
        lines.append(f"{_counted(unlisted, 'folder')} that cannot be listed ({some})")
    if found.repeated:
        each = (f"{name(a)}, read as {name(b)}" for a, b in found.repeated.items())
        some = _some(each, len(found.repeated))
        links = _counted(found.repeated, "link")
        lines.append(f"{links} to folders read already ({some})")
    text = ""
    if lines:
        used = len(found.images) - len(bad)
        total = sum(len(part.images) for part in every) + len(found.others)
        text = (
            f"{used} of {total} files below {escaped(root)} "
            f"{'is' if used == 1 else 'are'} used. Left out:\n  " + "\n  ".join(lines)
        )
    if ambiguous:
        some = _some(map(escaped, ambiguous), len(ambiguous))
        text += "\n" * bool(text) + (
            f"Folders in {escaped(root)} look like splits but are not read as such "
            f"({some}). So images of a test folder are used for training. A split is a "
            "sub-folder train, test or val of the folder that is loaded. If these are "
            "splits, rename them, or load the folder that contains them. If all images "
            "belong together, pass splits=False."
        )
    if text:
        warn_once(text)


def _counted(things, word):
    """How many things there are: "1 link", "2 links"."""
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def _some(names, count):
    first = "; ".join(itertools.islice(names, _MAX_LISTED))
    return f"{first}; ..." if count > _MAX_LISTED else first


@functools.cache
def warn_once(text):
    """Logs a warning once in a process."""
    logging.warning("%s", text)
