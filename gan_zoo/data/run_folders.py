"""Recognises the folders that recipes write, which are not folders of images."""

import os
import pathlib

from gan_zoo.data.files_below import escaped, sub_folders
from gan_zoo.files import shown

# Files and folders of a run besides its settings.json.
_OUTPUTS = (
    "checkpoints",
    "samples",
    "export",
    "model.keras",
    "report.html",
    "table.csv",
)


def is_run(path):
    """Whether a folder is a run folder: whether it has settings and outputs of a run.

    Args:
        path: pathlib.Path.
    """
    return os.path.isfile(path / "settings.json") and any(
        os.path.exists(path / name) for name in _OUTPUTS
    )


def raise_for_run_folder(path):
    """Raises ValueError for folders of a run, which hold no single images.

    These are run folders, their `samples`, whose pictures show many samples each, their
    checkpoints, and folders of runs.

    Args:
        path: pathlib.Path of a folder.
    """
    real = pathlib.Path(os.path.realpath(path))
    pictures = ": its pictures show many samples each"
    if is_run(real):
        what, run, why = "the folder of a run", path, pictures
    elif is_run(real.parent) and real.name == "samples":
        what, run, why = "the sample pictures of a run", path.parent, pictures
    elif run := _run_of_checkpoints(real):
        what, run, why = "checkpoints of a run", shown(run), ", which hold no images"
    else:
        runs = [name for name in sub_folders(path) if is_run(path / name)]
        if not runs:
            return
        what, run, why = "a folder of runs", path / runs[0], pictures
    raise ValueError(
        f"Expected a folder of images, got {what}, {escaped(path)}{why}. To evaluate "
        "the model of the run, use python -m "
        f"gan_zoo.metrics REAL {escaped(run)} --count=N. To train on its samples, save "
        "gan.generate(n) as image files in a folder of their own."
    )


def _run_of_checkpoints(real):
    """The run whose checkpoints, or one of them, are in this folder; or None."""
    for run in real.parents:
        if is_run(run) and "checkpoints" in real.relative_to(run).parts:
            return run
    return None
