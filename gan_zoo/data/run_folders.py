"""Recognises the folders that recipes write, which are not folders of images."""

import os
import pathlib

from gan_zoo.data.files_below import escaped, sub_folders

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
    """Raises ValueError for folders whose images show many samples each.

    These are run folders, their `samples`, and folders of runs.

    Args:
        path: pathlib.Path of a folder.
    """
    real = pathlib.Path(os.path.realpath(path))
    if is_run(real):
        what, run = "the folder of a run", path
    elif is_run(real.parent) and real.name == "samples":
        what, run = "the sample pictures of a run", path.parent
    else:
        runs = [name for name in sub_folders(path) if is_run(path / name)]
        if not runs:
            return
        what, run = "a folder of runs", path / runs[0]
    raise ValueError(
        f"Expected a folder of images, got {what}, {escaped(path)}: its pictures show "
        "many samples each. To evaluate the model of the run, use python -m "
        f"gan_zoo.metrics REAL {escaped(run)} --count=N. To train on its samples, save "
        "gan.generate(n) as image files in a folder of their own."
    )
