"""Checks before training that each image file can be decoded."""

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import stat

from gan_zoo.data import images
from gan_zoo.data.files_below import error_text, escaped
from gan_zoo.files import cache_dir, write_whole

MAX_LISTED = 10  # largest number of files in a message
_KINDS = {
    stat.S_IFIFO: "a named pipe, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
    stat.S_IFDIR: "a folder, not a file",
}


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """An image file that can be decoded.

    Attributes:
        path: path of the file.
        name: path relative to the folder of the data set, with forward slashes.
        shape: (height, width), upright.
        grey: whether it has no colour channels.
        stamp: values that change with the file: (size, time of modification, time of
            change of contents or permissions), times in nanoseconds.
    """

    path: pathlib.Path
    name: str
    shape: tuple[int, int]
    grey: bool
    stamp: tuple[int, int, int]


def examine(root, paths):
    """Decodes every file once, in parallel, and stores which files can be decoded.

    Successes are stored in `cache_dir()` by path, size and times of modification and
    change, so an unchanged folder is not decoded again. Failures are not stored. A file
    that could not be read (permissions, a network drive, too many open files) is tried
    again. A progress bar is shown after three seconds.

    Args:
        root: folder of the data set. Names are relative to it.
        paths: files in it.

    Returns:
        (list of `ImageFile` in the order of `paths`, dict of the names of the other
        files to the reason).
    """
    key = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]
    memory = cache_dir() / "checked_images" / f"{key}.json"
    known = _read_cache(memory)

    def check_file(path):
        name = path.relative_to(root).as_posix()
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                kind = stat.S_IFMT(status.st_mode)
                return name, _KINDS.get(kind, "not a regular file")
            stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
            before = known.get(name)
            if isinstance(before, list) and before[:3] == stamp and len(before) == 6:
                return name, before
            image = images.read(path)
        except FileNotFoundError as error:
            dangling = os.path.islink(path)
            return name, "a link that leads nowhere" if dangling else error_text(error)
        except Exception as error:  # Pillow's plug-ins raise whatever a bad file causes
            return name, error_text(error)
        return name, [*stamp, image.height, image.width, image.mode == "L"]

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = dict(_bar(pool.map(check_file, paths), paths))
    good = {name: seen for name, seen in verdicts.items() if isinstance(seen, list)}
    if any(known.get(name) != seen for name, seen in good.items()):
        _write_cache(memory, known | good)
    files = [
        ImageFile(path, name, tuple(seen[3:5]), seen[5], tuple(seen[:3]))
        for path, (name, seen) in zip(paths, verdicts.items(), strict=True)
        if name in good
    ]
    return files, {n: seen for n, seen in verdicts.items() if n not in good}


def check(root, paths, on_bad_file="error"):
    """As `examine`, but raises for files that cannot be decoded.

    Args:
        root: folder of the data set. Names are relative to it.
        paths: files in it.
        on_bad_file: "error", or "skip" to leave files out that cannot be decoded.

    Returns:
        list of `ImageFile`, in the order of `paths`.

    Raises:
        ValueError: for files that cannot be decoded, with on_bad_file="error", or if no
            file can be decoded. The message lists up to ten of them.
    """
    files, bad = examine(root, paths)
    raise_for_bad_files(root, len(paths), bad, on_bad_file)
    return files


def raise_for_bad_files(root, count, bad, on_bad_file):
    """Raises the ValueError of `check` for bad files, name to reason, among `count`."""
    if bad and (on_bad_file == "error" or len(bad) == count):
        raise ValueError(
            f"Expected {count} readable images below {escaped(root)}, got {len(bad)} "
            f"that cannot be decoded:\n{format_reasons(bad)}\nRepair or remove them, "
            "or pass "
            'on_bad_file="skip" (--on_bad_file=skip) to train without them.'
        )


def format_reasons(bad):
    """Files and reasons, one per line; at most ten."""
    return format_lines([f"{escaped(name)}: {why}" for name, why in bad.items()])


def format_lines(items):
    """The first ten lines, and the number of the others."""
    lines = [f"  {line}" for line in items[:MAX_LISTED]]
    more = len(items) - MAX_LISTED
    return "\n".join(lines + ([f"  ... and {more} more"] if more > 0 else []))


def _bar(verdicts, paths):
    from tqdm import tqdm

    return tqdm(verdicts, "Checking images", len(paths), delay=3, leave=False)


def _read_cache(memory):
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # no such file, or a damaged one
        return {}
    return known if isinstance(known, dict) else {}


def _write_cache(memory, verdicts):
    with contextlib.suppress(OSError):  # a read-only folder: the next run checks again
        write_whole(memory, json.dumps(verdicts))
