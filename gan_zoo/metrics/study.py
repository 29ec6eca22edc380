"""What each metric detects and misses: real digits, degraded in known ways.

Samples are real digits that are not in the reference of the metrics. They are degraded
step by step. A metric should get worse with the degradation that it is meant to detect.
If it does not change, it does not detect the degradation, and another metric is needed.
"""

import csv
import dataclasses
import io
import pathlib

import keras
import numpy as np
import scipy.ndimage
from absl import app, flags

from gan_zoo import data
from gan_zoo.features import resolve
from gan_zoo.files import whole, write_whole
from gan_zoo.metrics.classifier_score import classifier_scores
from gan_zoo.metrics.frechet import frechet_distance
from gan_zoo.metrics.kernel_distance import kernel_distances
from gan_zoo.metrics.memorisation import (
    features_of,
    memorisation_test,
    training_distances,
)
from gan_zoo.metrics.precision_recall import density_and_coverage, precision_and_recall
from gan_zoo.metrics.two_sample import neighbour_accuracies

# Degradations and their levels. The first level does not change the samples.
LEVELS = {
    "blur": (0.0, 0.5, 1.0, 1.5, 2.0),  # standard deviation in pixels
    "noise": (0.0, 0.1, 0.2, 0.4, 0.8),  # standard deviation, for pixels in [-1, 1]
    "classes left": (10, 7, 4, 2, 1),
    "images left": (2000, 500, 100, 20, 5),  # each repeated equally often
    "copied": (0.0, 0.25, 0.5, 0.75, 1.0),  # share taken from the training set
}
# Panels of the figure, and the numbers in each.
PANELS = {
    "Fréchet distance": ("frechet",),
    "kernel distance": ("kernel",),
    "classifier score": ("score",),
    "precision, recall": ("precision", "recall"),
    "density, coverage": ("density", "coverage"),
    "1-NN accuracy": ("real side", "fake side"),
    "nearer to training set": ("nearer", "copies"),
}


def degraded(images, labels, training, kind, level, seed=0):
    """Samples with one degradation.

    Args:
        images: real images (n, h, w, 1) in [-1, 1].
        labels: their classes (n,).
        training: the training set's images (t, h, w, 1), t of at least n.
        kind: one of `LEVELS`.
        level: one of its levels.
        seed: integer seed of all random numbers.

    Returns:
        float32 array (n, h, w, 1).

    Raises:
        ValueError: for an unknown kind.
    """
    rng, n = np.random.default_rng(seed), len(images)
    if kind == "blur":
        return scipy.ndimage.gaussian_filter(images, (0, level, level, 0))
    if kind == "noise":
        noise = rng.normal(scale=level, size=images.shape) if level else 0.0
        return np.clip(images + noise, -1, 1).astype("float32")
    if kind == "classes left":
        return np.resize(images[labels < level], images.shape)
    if kind == "images left":
        return np.resize(images[:level], images.shape)
    if kind == "copied":
        count = round(level * n)
        chosen = rng.permutation(len(training))[:count]
        return np.concatenate([training[chosen], images[count:]])
    raise ValueError(f"Expected one of {list(LEVELS)}, got {kind!r}.")


@dataclasses.dataclass(frozen=True)
class Row:
    """Numbers of one degradation at one level.

    Attributes:
        kind: one of `LEVELS`.
        level: level of the degradation.
        values: dict from the names in `PANELS` to numbers.
    """

    kind: str
    level: float
    values: dict


def measure(levels=None, count=2000, seed=0):
    """All metrics for all degradations of the digits of the package.

    The reference is `count` test digits. The training set is twice as many training
    digits, and the samples are `count` others. Takes about a minute and shows a
    progress bar.

    Args:
        levels: dict like `LEVELS`.
        count: number of images on each side, at most 2,000.
        seed: integer seed of all random numbers.

    Returns:
        List of `Row`.
    """
    levels = levels or LEVELS
    features = resolve("mnist")
    train, test = data.load("mnist_sample", count, labels=True, seed=seed)
    (images, labels), *others = train.take(3).as_numpy_iterator()
    training = np.concatenate([some for some, _ in others])
    reference, _ = next(test.as_numpy_iterator())
    real, training_features = (
        features_of(features, side) for side in (reference, training)
    )
    cells = [(kind, level) for kind, some in levels.items() for level in some]
    bar = keras.utils.Progbar(len(cells), unit_name="set of samples")
    rows = []
    for kind, level in cells:
        samples = degraded(images, labels, training, kind, level, seed)
        rows.append(
            Row(kind, level, evaluate(features, samples, real, training_features))
        )
        bar.add(1)
    return rows


def evaluate(features, samples, real, training_features):
    """The numbers of `PANELS`: dict from name to float.

    Args:
        features: a feature object that classifies.
        samples: images (n, h, w, c).
        real: features of the reference (m, d).
        training_features: features of the training set (t, d).
    """
    fake = features_of(features, samples)
    probabilities = np.concatenate(
        [np.asarray(features.classify(some)) for some in _batches(samples)]
    )
    size = min(1000, len(real), len(fake))
    nearer, _, copies = memorisation_test(
        training_distances(fake, training_features),
        training_distances(real, training_features),
    )
    numbers = [
        frechet_distance(*_gaussian(real), *_gaussian(fake)),
        kernel_distances(real, fake, 10, size).mean(),
        classifier_scores(probabilities, splits=1).mean(),
        *precision_and_recall(real, fake),
        *density_and_coverage(real, fake),
        *neighbour_accuracies(real, fake),
        nearer,
        copies,
    ]
    names = [name for together in PANELS.values() for name in together]
    return {name: float(n) for name, n in zip(names, numbers, strict=True)}


def main():
    """Runs the study from the command line."""
    flags.DEFINE_string(
        "run_dir", "runs/metric_study", "Folder for the figure and the table."
    )
    flags.DEFINE_integer("count", 2000, "Images on each side.")
    flags.DEFINE_integer("seed", 0, "Seed of all random numbers.")

    def parsed(argv):
        values = flags.FLAGS
        if len(argv) > 1:
            raise app.UsageError(f"Unexpected arguments {argv[1:]}.")
        rows = measure(count=values.count, seed=values.seed)
        write(values.run_dir, rows)
        print(f"Picture: {values.run_dir}/study.png")

    app.run(parsed)


def _batches(images):
    return [images[i : i + 250] for i in range(0, len(images), 250)]


def _gaussian(x):
    x = np.asarray(x, "float64")
    return x.mean(axis=0), np.cov(x, rowvar=False)


def write(folder, rows):
    """Writes `study.png` and `study.csv` to a folder.

    Args:
        folder: the folder, which is made if it does not exist.
        rows: result of `measure`.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with whole(folder / "study.png") as partial:
        draw(rows).savefig(partial, format="png")
    text = io.StringIO()
    names = ["kind", "level", *rows[0].values]
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows({"kind": r.kind, "level": r.level} | r.values for r in rows)
    write_whole(folder / "study.csv", text.getvalue())


def draw(rows):
    """A matplotlib figure with a column per degradation, a row per metric."""
    import matplotlib.figure

    kinds = list(dict.fromkeys(row.kind for row in rows))
    figure = matplotlib.figure.Figure((2.1 * len(kinds), 1.5 * len(PANELS)), dpi=100)
    figure.set_layout_engine("constrained")
    grid = figure.subplots(len(PANELS), len(kinds), squeeze=False, sharey="row")
    for line, (title, names) in zip(grid, PANELS.items(), strict=True):
        for axes, kind in zip(line, kinds, strict=True):
            those = [row for row in rows if row.kind == kind]
            for name in names:
                axes.plot([row.values[name] for row in those], ".-", label=name)
            axes.set_xticks(range(len(those)), [f"{row.level:g}" for row in those])
            axes.tick_params(labelsize=7)
            axes.grid(alpha=0.3)
        line[0].set_ylabel(title, fontsize=8)
        if len(names) > 1:
            line[-1].legend(fontsize=6.5, frameon=False)
    for axes, kind in zip(grid[0], kinds, strict=True):
        axes.set_title(kind, fontsize=9)
    return figure
