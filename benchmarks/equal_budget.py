"""All recipes on MNIST at an equal budget: a table over seeds.

    python benchmarks/equal_budget.py --weights mnist_lenet.npz
    python benchmarks/equal_budget.py --weights mnist_lenet.npz --only vae_mnist

Runs each recipe as committed, but for the same number of generator steps, once per
seed, each in a process of its own and one after the other. Judges 2,000 samples of
each: the Fréchet distance, precision and recall over the package's MNIST network, the
share that a LeNet-5 reads with at least 0.9 confidence (see judge_mnist.py), and the
classes that get at least 1 % of the samples. A run whose loss is no longer finite
counts as diverged. Each recipe is then timed in a short run of its own, its first
quarter left out. What is done is kept in the folder and not done again; `table.md` has
the mean and the spread.

Two processes with `--notime`, `--seeds 1` and `--seeds 2`, a core each, take less time
than one after the other. Times want the machine for themselves.
"""

import csv
import json
import pathlib
import runpy
import subprocess
import sys

import numpy as np
from absl import app, flags
from judge_mnist import judge, samples_of

from gan_zoo import data, metrics, serving
from gan_zoo.files import write_whole

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = {"robustness_mnist"}  # scripts of many runs


def recipes_on_mnist():
    """The scripts and flags of recipes: name of a run folder to command line.

    They are the recipes whose images have the size of the digits, 28×28.
    """
    commands = {}
    for path in sorted((ROOT / "recipes").glob("*.py")):
        script = runpy.run_path(str(path))
        for recipe in script.get("RECIPES", [script.get("RECIPE")]):
            if recipe is None or path.stem in TABLES:
                continue
            settings = recipe.default
            if settings.dataset == "mnist_sample" and settings.image_size is None:
                model = [f"--model={recipe.model}"] if recipe.model else []
                commands[recipe.name or path.stem] = [path.name, *model]
    return commands


RECIPES = recipes_on_mnist()
# The discrepancy of small batches says little, and theirs is a batch of 1,000.
BATCH = {"gmmn_mnist": 1000, "gmmn_pixels_mnist": 1000}
QUARTERS = 4
SAMPLES = 2000
TIMED_STEPS = 400

FLAGS = flags.FLAGS
WEIGHTS = flags.DEFINE_string("weights", None, "LeNet-5 weights (npz).", required=True)
OUT = flags.DEFINE_string("out", "runs/equal_budget", "Folder of the runs.")
STEPS = flags.DEFINE_integer("steps", 3000, "Generator steps of each run.")
SEEDS = flags.DEFINE_list("seeds", ["0", "1", "2"], "Seeds of each recipe's runs.")
BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "Images per batch.")
TIME = flags.DEFINE_bool("time", True, "Whether to time each recipe as well.")
ONLY = flags.DEFINE_list("only", list(RECIPES), "Names of recipes.")


def train(recipe, seed, folder, steps):
    """Runs a recipe in a process of its own; False when its loss got out of hand."""
    script, *model = RECIPES[recipe]
    command = [
        sys.executable,
        str(ROOT / "recipes" / script),
        *model,
        f"--run_dir={folder}",
        f"--seed={seed}",
        f"--batch_size={BATCH.get(recipe, BATCH_SIZE.value)}",
        f"--epochs={QUARTERS}",
        f"--steps_per_epoch={steps // QUARTERS}",
        "--features=none",
    ]
    log = folder.with_suffix(".log")
    with open(log, "w") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT)
    if done.returncode and "FloatingPointError" not in log.read_text():
        raise RuntimeError(f"{recipe} failed: see {log}.")
    return done.returncode == 0


NUMBERS = ("frechet", "confident", "precision", "recall", "classes")
DIVERGED = dict.fromkeys(NUMBERS, float("nan"))


def measured(folder):
    """Numbers of a finished run, name to value."""
    model = serving.load(folder / "export" / "1")
    samples = samples_of(model, SAMPLES)
    confident, digits = judge(samples, np.load(WEIGHTS.value))
    _, test = data.load("mnist_sample", 500)
    judges = [metrics.FrechetDistance("mnist"), metrics.PrecisionRecall("mnist")]
    for real, fake in zip(test, np.split(samples, SAMPLES // 500), strict=True):
        for metric in judges:
            metric.update_state(real, fake)
    frechet, (precision, recall) = judges[0].result(), judges[1].result().values()
    return {
        "frechet": float(frechet),
        "confident": float(confident),
        "precision": precision,
        "recall": recall,
        "classes": int((digits >= 0.01).sum()),
    }


def timed(recipe, folder):
    """Seconds per 1,000 generator steps, after the first quarter of a short run."""
    if not train(recipe, 0, folder, TIMED_STEPS):
        return float("nan")
    with open(folder / "metrics.csv", newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    later = TIMED_STEPS * (QUARTERS - 1) / QUARTERS
    return (seconds[-1] - seconds[0]) / later * 1000


def table(rows, times):
    """Markdown of the mean ± standard deviation over seeds that did not diverge."""
    lines = [
        "| recipe | `frechet_mnist` | confidence ≥ 0.9 | precision | recall | classes "
        "| s / 1,000 steps |",
        "|---|---|---|---|---|---|---|",
    ]
    for recipe, runs in rows.items():
        name = " ".join(RECIPES[recipe])
        good = [run for run in runs if np.isfinite(run["frechet"])]
        classes = " ".join(
            str(run["classes"]) if run in good else "diverged" for run in runs
        )
        time = f"{times[recipe]:.0f}" if recipe in times else ""
        if not good:
            lines.append(f"| `{name}` | | | | | {classes} | {time} |")
            continue
        columns = {name: np.array([run[name] for run in good]) for name in DIVERGED}
        mean = {name: values.mean() for name, values in columns.items()}
        spread = {
            name: values.std(ddof=1) if len(values) > 1 else 0.0
            for name, values in columns.items()
        }
        lines.append(
            f"| `{name}` "
            f"| {mean['frechet']:.1f} ± {spread['frechet']:.1f} "
            f"| {mean['confident']:.3f} ± {spread['confident']:.3f} "
            f"| {mean['precision']:.2f} ± {spread['precision']:.2f} "
            f"| {mean['recall']:.2f} ± {spread['recall']:.2f} "
            f"| {classes} | {time} |"
        )
    return "\n".join(lines) + "\n"


def main(_):
    """Trains and judges what is not done yet, and writes the table after each run."""
    out = pathlib.Path(OUT.value).resolve()
    out.mkdir(parents=True, exist_ok=True)
    rows, times = {}, {}
    # Seeds outside, so that a table cut short has all recipes.
    for seed in SEEDS.value:
        for recipe in ONLY.value:
            folder = out / f"{recipe}-{seed}"
            numbers = folder / "measured.json"
            if not numbers.exists():
                print(f"{recipe}, seed {seed}", flush=True)
                finished = train(recipe, seed, folder, STEPS.value)
                write_whole(
                    numbers, json.dumps(measured(folder) if finished else DIVERGED)
                )
            rows.setdefault(recipe, []).append(json.loads(numbers.read_text()))
            write_whole(out / "table.md", table(rows, times))
    for recipe in ONLY.value if TIME.value else []:
        number = out / f"{recipe}-time.json"
        if not number.exists():
            print(f"{recipe}, timed", flush=True)
            write_whole(number, json.dumps(timed(recipe, out / f"{recipe}-time")))
        times[recipe] = json.loads(number.read_text())
    write_whole(out / "table.md", table(rows, times))
    print(table(rows, times))


if __name__ == "__main__":
    app.run(main)
