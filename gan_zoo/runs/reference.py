"""Curves of published runs, which a report draws behind those of a run.

A file of `recipes/reference/` holds the numbers of one run, epoch by epoch. Its first
line is a comment with the settings of that run, as JSON.
"""

import csv
import io
import json
import pathlib
import sys

from gan_zoo.callbacks.run_log import read_log
from gan_zoo.files import write_whole

# Settings that move the curves. A run may be longer or shorter, or have another seed.
DECISIVE = ("model", "preset", "dataset", "image_size", "batch_size", "load")
# What is kept of a run's settings: not where it was or how it was distributed.
_KEPT = (*DECISIVE, "epochs", "steps_per_epoch", "seed", "mixed_precision", "features")
# Data that nobody else has.
_OWN_DATA = ("folder:", "paired:", "unpaired:")
_LEAST = ("settings.json", "results.json", "metrics.csv")


def keep_curves(run_dir, folder):
    """Writes the curves of a finished run to a folder, under the run folder's name.

    Args:
        run_dir: folder of the run, such as `runs/dcgan_mnist`.
        folder: where the file goes, `recipes/reference`.

    Returns:
        `pathlib.Path` of the file.

    Raises:
        ValueError: when the folder holds no finished run of the default preset, or the
            run's data are in a folder that nobody else has.
    """
    run_dir = pathlib.Path(run_dir).resolve()
    missing = [name for name in _LEAST if not (run_dir / name).exists()]
    if missing:
        raise ValueError(
            f"Expected the folder of a finished run, but {run_dir} has no "
            f"{' and no '.join(missing)}. Run its recipe to the end first."
        )
    settings = json.loads((run_dir / "settings.json").read_text())
    own = settings["dataset"].startswith(_OWN_DATA)
    if settings["preset"] != "default" or own:
        raise ValueError(
            "Expected a run of the default preset on data that everybody can load, got "
            f"--preset={settings['preset']} --dataset={settings['dataset']} in "
            f"{run_dir}."
        )
    kept = {name: settings[name] for name in _KEPT if name in settings}
    rows = [_short(row) for row in read_log(run_dir / "metrics.csv")]
    text = io.StringIO()
    text.write(f"# {json.dumps(kept)}\n")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = pathlib.Path(folder) / f"{run_dir.name}.csv"
    write_whole(path, text.getvalue())
    return path


def _short(row):
    """A row without its time, which is the machine's, in four digits."""
    return {
        name: value if name in ("epoch", "step") or not value else f"{float(value):.4g}"
        for name, value in row.items()
        if name != "seconds"
    }


def read_curves(path):
    """Settings and rows of a file that `keep_curves` wrote."""
    with open(path, newline="") as file:
        settings = json.loads(file.readline().removeprefix("# "))
        return settings, list(csv.DictReader(file))


def published_curves(name, settings):
    """Rows of the published run of a recipe; none where none was like this run.

    They are looked for in the folder `reference` beside the script that runs.

    Args:
        name: the recipe's name, or None.
        settings: dict of the present run's settings, its model and preset included.
    """
    path = pathlib.Path(sys.argv[0]).resolve().parent / "reference" / f"{name}.csv"
    if not path.exists():
        return []
    published, rows = read_curves(path)
    alike = all(published.get(key) == settings.get(key) for key in DECISIVE)
    return rows if alike else []
