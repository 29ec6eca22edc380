"""Files and folders that appear whole or not at all."""

import contextlib
import itertools
import os
import pathlib
import shutil
import tempfile

# Tells the files apart that this process writes at once.
_NUMBER = itertools.count()


@contextlib.contextmanager
def whole(path):
    """Yields a hidden path beside `path` to write a file to, then renames it.

    A reader, or a process killed meanwhile, sees the old file or the new one.

    Args:
        path: `pathlib.Path` of the file; missing parents are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Short, since `path` may have a name as long as the system allows. With the number
    # of the process, since several may write one file of the cache. Savers look at the
    # suffix, and no saver's is long.
    suffix = path.suffix if len(os.fsencode(path.suffix)) < 32 else ""
    partial = path.with_name(f".{os.getpid()}-{next(_NUMBER)}{suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path, text):
    """Writes a text file whole or not at all."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def replacing(path, overwrite, failures=(), marker=None):
    """Yields a scratch path that becomes `path` when the block ends well.

    What stood there before stays until then. A block that fails leaves nothing behind.

    Args:
        path: `pathlib.Path` of the file or folder to write; missing parents are made.
        overwrite: whether something may stand there already.
        failures: exceptions besides `OSError` that mean that writing failed.
        marker: name of a file that every folder to replace must hold, so that no other
            folder is lost; None for folders that this package names itself.

    Raises:
        FileExistsError: when something stands there and `overwrite` is off, or a folder
            without the marker.
        OSError: when it cannot be written.
    """
    filled = path.is_dir() and any(path.iterdir())
    if marker and filled and not (path / marker).exists():
        raise FileExistsError(
            f"{path} is a folder with other files, which would be lost. Choose a new "
            "folder, such as serving/gan/1."
        )
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(
            f"{path} exists already. Choose another path (TF Serving loads the folder "
            "with the highest version number), or pass overwrite=True."
        )
    missing = [folder for folder in path.parents if not os.path.lexists(folder)]
    scratch = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A sibling, so that the last step is a rename. A folder inside it, because
        # mkdtemp's own may be read by this user only. Its name is short, since that of
        # `path` may be as long as the system allows.
        scratch = pathlib.Path(tempfile.mkdtemp(prefix=".partial-", dir=path.parent))
        yield scratch / path.name
        _rename(scratch / path.name, path, aside=scratch / "replaced")
    except BaseException as error:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        with contextlib.suppress(OSError):
            for folder in missing:
                folder.rmdir()
        if isinstance(error, (OSError, *failures)):
            raise OSError(
                f"Could not write {path}: {error}. Nothing was left there. Check that "
                "the folder can be written to and that the disk has room."
            ) from error
        raise
    shutil.rmtree(scratch, ignore_errors=True)


def _rename(source, target, aside):
    # A file is replaced at once; a folder can only be moved out of the way.
    moved = target.is_dir() and not target.is_symlink()
    if moved:
        os.rename(target, aside)
    try:
        os.replace(source, target)
    except OSError:
        if moved:
            os.rename(aside, target)
        raise
