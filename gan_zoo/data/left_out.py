"""Telling which files of a folder are not used, and why."""

import collections
import functools
import itertools

from absl import logging

from gan_zoo.data.files_below import shown

_NAMED = 5  # a line names at most so many files


def tell(root, found, bad, unused, deeper=()):
    """Logs one warning of all that is left out below a folder; none if nothing is.

    The same warning is given once in a process: a recipe opens its data several times.

    Args:
        root: folder of the data set.
        found: `Found` of what is used.
        bad: names of files of `found.images` that are left out, to the reason.
        unused: dict of folder name, or "." for other places, to `Found` of all else.
        deeper: folders with the names of splits that are read as ordinary folders.
    """

    def name(path):
        return shown(path.relative_to(root).as_posix())

    lines = []
    if found.others:
        kinds = collections.Counter(
            path.suffix.lower() or "no suffix" for path in found.others
        )
        told = ", ".join(
            f"{count} {shown(kind)}" for kind, count in kinds.most_common(_NAMED)
        )
        more = ", ..." if len(kinds) > _NAMED else ""
        lines.append(
            f"{len(found.others)} of kinds that are no images known to Pillow: {told}"
            f"{more} ({_some(map(name, found.others), len(found.others))})"
        )
    if bad:
        each = (f"{shown(file)}: {why}" for file, why in bad.items())
        lines.append(f"{len(bad)} that cannot be decoded ({_some(each, len(bad))})")
    for folder, rest in unused.items():
        if rest.images:
            where = "outside the splits" if folder == "." else f"in {shown(folder)}"
            some = _some(map(name, rest.images), len(rest.images))
            lines.append(f"{len(rest.images)} images {where} ({some})")
    every = [found, *unused.values()]
    unlisted = {p: why for part in every for p, why in part.unlisted.items()}
    if unlisted:
        each = (f"{name(path)}: {why}" for path, why in unlisted.items())
        some = _some(each, len(unlisted))
        lines.append(f"{len(unlisted)} folders that cannot be listed ({some})")
    if found.repeated:
        each = (f"{name(a)}, read as {name(b)}" for a, b in found.repeated.items())
        some = _some(each, len(found.repeated))
        lines.append(f"{len(found.repeated)} links to folders read already ({some})")
    text = ""
    if lines:
        used = len(found.images) - len(bad)
        total = sum(len(part.images) for part in every) + len(found.others)
        text = (
            f"{used} of {total} files below {shown(root)} are used. Left out:\n  "
            + "\n  ".join(lines)
        )
    if deeper:
        some = _some(map(shown, deeper), len(deeper))
        text += "\n" * bool(text) + (
            f"Folders in {shown(root)} have the names of splits but lie too deep to be "
            f"read as such ({some}): images of a test folder are trained on. Load the "
            "folder that holds them, or pass splits=False if all belong together."
        )
    if text:
        once(text)


def _some(names, count):
    first = "; ".join(itertools.islice(names, _NAMED))
    return f"{first}; ..." if count > _NAMED else first


@functools.cache
def once(text):
    """Logs a warning once in a process."""
    logging.warning("%s", text)
