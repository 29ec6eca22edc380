"""Translators without pairs at an equal budget: their errors over seeds.

    python benchmarks/unpaired.py
    python benchmarks/unpaired.py --only=DiscoGAN,DualGAN --seeds=0,1,2

Runs each model of `recipes/unpaired_emoji.py` as committed, and pix2pix, which sees the
pairs, as the bound. All get batches of 8 drawings and 20 passes through the data; a
model of several critic steps takes fewer steps, so that it sees as many drawings. Each
run is a process of its own, one after the other. `table.md` in the folder of the runs
has the mean absolute differences to the true drawings, mean ± standard deviation over
the seeds, beside that of leaving the drawing as it is. What is done is not done again.
"""

import json
import pathlib
import subprocess
import sys

import numpy as np
from absl import app, flags

from gan_zoo.files import write_whole

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRIPTS = {
    "Pix2Pix": "pix2pix.py",
    **dict.fromkeys(
        ("CycleGAN", "DiscoGAN", "DualGAN", "UNIT", "CUT"), "unpaired_emoji.py"
    ),
}
COLUMNS = {
    "error_a_to_b": "error flat → shaded",
    "error_b_to_a": "error shaded → flat",
    "error_identity": "unchanged",
}

OUT = flags.DEFINE_string("out", "runs/unpaired", "Folder of the runs.")
SEEDS = flags.DEFINE_list("seeds", ["0", "1", "2"], "Seeds of each model's runs.")
ONLY = flags.DEFINE_list("only", list(SCRIPTS), "Names of models.")
EPOCHS = flags.DEFINE_integer("epochs", 20, "Passes through the data.")


def measured(model, seed, folder):
    """Trains a model; returns the numbers of its report, and its training steps."""
    command = [
        sys.executable,
        str(ROOT / "recipes" / SCRIPTS[model]),
        f"--model={model}",
        f"--seed={seed}",
        "--batch_size=8",
        f"--epochs={EPOCHS.value}",
        f"--run_dir={folder}",
        "--export=false",
    ]
    with open(folder.with_suffix(".log"), "w") as log:
        subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True)
    report = json.loads((folder / "results.json").read_text())
    numbers = {name: value for name, value, _ in report["results"]}
    return numbers | {"steps": report["about"]["training steps"]}


def table(rows):
    """Markdown of the mean ± standard deviation over the seeds.

    Args:
        rows: dict of model to a list of the numbers of its runs.
    """
    lines = [
        f"| model | steps | seeds | {' | '.join(COLUMNS.values())} |",
        f"|---|---|---|{'---|' * len(COLUMNS)}",
    ]
    for model, runs in rows.items():
        cells = []
        for name in COLUMNS:
            values = np.array([run[name] for run in runs if name in run])
            if not len(values):  # a model of one direction
                cells.append("")
                continue
            fixed = name == "error_identity" or len(values) < 2
            spread = "" if fixed else f" ± {values.std(ddof=1):.3f}"
            cells.append(f"{values.mean():.3f}{spread}")
        steps = f"{runs[0]['steps']:,} × 8"
        lines.append(f"| `{model}` | {steps} | {len(runs)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(_):
    """Trains and measures what is not done yet; writes the table after each run."""
    out = pathlib.Path(OUT.value).resolve()
    out.mkdir(parents=True, exist_ok=True)
    rows = {}
    for model in ONLY.value:
        for seed in SEEDS.value:
            folder = out / f"{model}-{seed}"
            numbers = folder / "measured.json"
            if not numbers.exists():
                print(f"{model}, seed {seed}", flush=True)
                write_whole(numbers, json.dumps(measured(model, seed, folder)))
            rows.setdefault(model, []).append(json.loads(numbers.read_text()))
            write_whole(out / "table.md", table(rows))
    print(table(rows))


if __name__ == "__main__":
    app.run(main)
