"""Finding image files and making sure, before training, that each can be decoded."""

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib

from gan_zoo.data import images
from gan_zoo.files import cache_dir

_NAMED = 10  # a message names at most so many files


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """An image file that decodes.

    Attributes:
        path: where it lies.
        name: path relative to the data set's folder, with forward slashes.
        shape: (height, width), upright.
        grey: whether it has no colour channels.
    """

    path: pathlib.Path
    name: str
    shape: tuple[int, int]
    grey: bool


def find(folder, left_out=()):
    """All image files below a folder, sorted by name.

    Known by suffix, in upper or lower case. Other files, hidden files and folders
    (`.DS_Store`, `._photo.jpg`) and `__MACOSX` are passed over.

    Args:
        folder: pathlib.Path.
        left_out: names of its own sub-folders to leave out.

    Returns:
        list of pathlib.Path; empty where there are none.
    """
    found, seen = [], set()
    for place, folders, files in os.walk(folder, followlinks=True):
        if os.path.realpath(place) in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add(os.path.realpath(place))
        skipped = left_out if pathlib.Path(place) == folder else ()
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "__MACOSX")) and name not in skipped
        ]
        found += [
            pathlib.Path(place, name)
            for name in files
            if not name.startswith(".")
            and pathlib.Path(name).suffix.lower() in images.SUFFIXES
        ]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def check(root, paths, on_bad_file="error"):
    """Decodes every file once, in parallel, and remembers the outcome.

    The outcome is kept in `cache_dir()` by path, size and time of modification, so that
    an unchanged folder is not decoded again. A bar shows the progress where it takes
    more than three seconds.

    Args:
        root: folder of the data set; names are given relative to it.
        paths: files below it.
        on_bad_file: "error", or "skip" to leave files out that cannot be decoded.

    Returns:
        list of `ImageFile`, in the order of `paths`.

    Raises:
        ValueError: files that cannot be decoded, up to ten of them by name, with
            on_bad_file="error"; or all of them, in any case.
    """
    key = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:32]
    memory = cache_dir() / "checked_images" / f"{key}.json"
    known = _remembered(memory)

    def verdict(path):
        stat = path.stat()
        stamp = [stat.st_size, stat.st_mtime_ns]
        before = known.get(path.relative_to(root).as_posix())
        return before if before and before[:2] == stamp else [*stamp, *_decode(path)]

    names = [path.relative_to(root).as_posix() for path in paths]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = dict(zip(names, _bar(pool.map(verdict, paths), paths), strict=True))
    if any(known.get(name) != seen for name, seen in verdicts.items()):
        _remember(memory, known | verdicts)

    bad = [f"{name}: {seen[2]}" for name, seen in verdicts.items() if seen[2]]
    if bad and (on_bad_file == "error" or len(bad) == len(paths)):
        more = f"\n  ... and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        raise ValueError(
            f"Expected {len(paths)} readable images below {root}, got {len(bad)} that "
            "cannot be decoded:\n  " + "\n  ".join(bad[:_NAMED]) + more + "\nRepair or "
            'remove them, or pass on_bad_file="skip" to train without them.'
        )
    return [
        ImageFile(path, name, (seen[3], seen[4]), seen[5])
        for path, (name, seen) in zip(paths, verdicts.items(), strict=True)
        if not seen[2]
    ]


def _decode(path):
    try:
        image = images.read(path)
    except Exception as error:  # Pillow's plug-ins raise whatever a bad file provokes
        return [str(error) or type(error).__name__, 0, 0, False]
    return ["", image.height, image.width, image.mode == "L"]


def _bar(verdicts, paths):
    from tqdm import tqdm

    return tqdm(verdicts, "Checking images", len(paths), delay=3, leave=False)


def _remembered(memory):
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or cut short
        return {}


def _remember(memory, verdicts):
    scratch = memory.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):  # a read-only home: the next run checks again
        memory.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(verdicts), encoding="utf-8")
        scratch.replace(memory)
