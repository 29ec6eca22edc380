"""How messages name a file."""

import pathlib


def shown(path):
    """A path relative to the current folder where it is inside of it, else in full.

    Args:
        path: file or folder.

    Returns:
        str.
    """
    path, here = pathlib.Path(path).absolute(), pathlib.Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
