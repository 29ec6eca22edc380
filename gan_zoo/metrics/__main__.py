r"""Metrics from the command line: `python -m gan_zoo.metrics REAL FAKE`.

    python -m gan_zoo.metrics photos samples
    python -m gan_zoo.metrics mnist_sample@test runs/dcgan_mnist/export/1 \
        --count 2000 --features mnist --training mnist_sample

REAL and FAKE are folders of images, .npz or .npy files, names of data sets, or models
with --count: exported ones, .keras files, or run folders. REAL may also be an .npz file
of `mu` and `sigma`, for the Fréchet distance. The command prints a table of numbers and
protocols. Features are cached, so the second run is fast.
"""

import functools
import json
import math
import pathlib
import sys
import time

from absl import app, flags

from gan_zoo import metrics
from gan_zoo.data.image_files import MAX_LISTED
from gan_zoo.features import resolve
from gan_zoo.files import write_whole
from gan_zoo.metrics.feature_store import StoredFeatures, compute_features
from gan_zoo.metrics.real_statistics import (
    StatisticsFile,
    holds_statistics,
    read_statistics,
    statistics_path,
)
from gan_zoo.metrics.sources import open_source

# Names for --metrics. Each metric gets the features and the number of images to keep.
METRICS = {
    "frechet": lambda features, _: metrics.FrechetDistance(features),
    "kernel": lambda features, n: metrics.KernelDistance(features, max_images=n),
    "classifier_score": lambda features, n: metrics.ClassifierScore(
        features, max_images=n
    ),
    "precision_recall": lambda features, n: metrics.PrecisionRecall(
        features, max_images=n
    ),
    "density_coverage": lambda features, n: metrics.DensityCoverage(
        features, max_images=n
    ),
    "sliced_wasserstein": lambda features, n: metrics.SlicedWasserstein(
        features, max_images=n
    ),
    "kernel_test": lambda features, _: metrics.KernelTest(features),
    "classifier_test": lambda features, _: metrics.ClassifierTest(features),
}
# Metrics that do not need the real images themselves.
WITHOUT_REAL_IMAGES = ("frechet", "classifier_score")
BATCH = 1000


def compute(
    real,
    fake,
    features,
    names=None,
    training=None,
    cache=True,
    save_statistics=None,
):
    """Computes metrics of generated images against real images.

    Args:
        real: `Source` of real images, or a `StatisticsFile`.
        fake: `Source` of generated images.
        features: what `gan_zoo.features.resolve` accepts.
        names: names of `METRICS`. The default is all that the features allow.
        training: `Source` of training images, to find copies. `real` has others.
        cache: whether to read and write the cache of features.
        save_statistics: `.npz` file to write the statistics of the real images to.

    Returns:
        Dict for JSON with "features", their description; "numbers", a list of {"name",
        "value" (or None), "protocol", "seconds", "problem"}; and "sides", a list of
        {"name", "images" (None for statistics), "skipped", "seconds", "cached"}.

    Raises:
        ValueError: for an unknown metric, or statistics of other features.
        TypeError: for a metric that the features do not allow.
        Stopped: a KeyboardInterrupt after the features were computed.
    """
    network = resolve(features)
    classifies = callable(getattr(network, "classify", None))
    names = names or [n for n in METRICS if classifies or n != "classifier_score"]
    unknown = set(names) - set(METRICS)
    if unknown:
        raise ValueError(f"Expected metrics among {list(METRICS)}, got {names}.")
    if "classifier_score" in names and not classifies:
        raise TypeError(
            "Expected features that also classify for classifier_score, such as "
            f"'mnist' or 'inception', got {network.name!r}. Leave it out of the "
            "metrics."
        )
    sources = [source for source in (real, fake, training) if source is not None]
    statistics = real.name if isinstance(real, StatisticsFile) else None
    if statistics:
        read_statistics(statistics, network.dim)  # raises before the work
        sources.remove(real)
    from tqdm import tqdm  # a requirement of tensorflow-datasets

    sides = [compute_features(source, network, cache) for source in sources]
    rows = [side.as_images() for side in sides]
    descriptions = [_describe(*pair) for pair in zip(sources, sides, strict=True)]
    if statistics:
        rows.insert(0, rows[0][:0])
        descriptions.insert(0, _describe(real, None))
    stored = StoredFeatures(network, rows[1].shape[-1] - network.dim)
    max_images = max(2, *map(len, rows[:2]))
    constructors = _constructors(names, statistics, *rows[2:])
    if save_statistics:
        distance = metrics.FrechetDistance(stored)
        _update(distance, rows[0], rows[0][:0])
        distance.save_statistics(save_statistics)
    results = {"features": network.description, "numbers": [], "sides": descriptions}
    try:
        for name in tqdm(constructors, "metrics", delay=3, leave=False):
            make = functools.partial(constructors[name], stored, max_images)
            results["numbers"] += _numbers(name, make, *rows[:2])
    except KeyboardInterrupt as error:
        raise Stopped(results) from error
    return results


def _constructors(names, statistics, training=None):
    """Functions of (features, number of images) that make each metric, by its name."""
    constructors = {name: METRICS[name] for name in names}
    if statistics and "frechet" in constructors:
        constructors["frechet"] = lambda features, _: metrics.FrechetDistance(
            features, statistics=statistics
        )
    if training is not None:
        constructors["memorisation"] = lambda features, n: metrics.Memorisation(
            training, features, max_images=n
        )
    return constructors


def _describe(source, side):
    """Describes a source of images, or a file of statistics, for JSON."""
    images = side is not None
    return {
        "name": source.name,
        "images": len(side.features) if images else None,
        "skipped": list(source.skipped) if images else [],
        "seconds": round(side.seconds, 2) if images else 0.0,
        "cached": side.cached if images else True,
    }


class Stopped(KeyboardInterrupt):
    """An interrupt. `results` is the result of `compute` with the numbers so far."""

    def __init__(self, results):
        super().__init__()
        self.results = results


def _numbers(name, make, real, fake):
    """The numbers of a metric, or the reason why it cannot, for JSON."""
    start, protocol, problem, names = time.monotonic(), None, None, [name]
    undefined = {}
    try:
        metric = make()
        names = metric.result_names
        if not len(real) and name not in WITHOUT_REAL_IMAGES:
            raise ValueError(
                f"Expected the real images themselves for {name}, got their "
                "statistics. Pass the images as REAL."
            )
        _update(metric, real, fake)
        result = metric.result()
        if not isinstance(result, dict):
            result = {metric.name: result}
        protocol, undefined = metric.protocol(), metric.undefined
    except Exception as error:  # of any kind: the other numbers must still be computed
        result = dict.fromkeys(names, math.nan)
        problem = str(error) or type(error).__name__
    seconds = round(time.monotonic() - start, 2)
    numbers = []
    for name, value in result.items():
        value, why = float(value), problem
        if not (why or math.isfinite(value)):
            why = undefined.get(name, f"the result is {value}")
        numbers.append(
            {
                "name": name,
                "value": None if why else value,
                "protocol": protocol,
                "seconds": seconds,
                "problem": why,
            }
        )
    return numbers


def _update(metric, real, fake):
    """Updates a metric with any number of images on each side."""
    for start in range(0, max(len(real), len(fake)), BATCH):
        metric.update_state(*(side[start : start + BATCH] for side in (real, fake)))


def table(results):
    """Formats the numbers as text, with their protocols below them."""
    numbers, lines = results["numbers"], []
    width = max((len(number["name"]) for number in numbers), default=0)
    for n in numbers:
        text = f"not computed: {n['problem']}" if n["problem"] else f"{n['value']:.6g}"
        lines.append(f"{n['name']:{width}}  {text}")
    lines.append("")
    for side in results["sides"]:
        skipped = side["skipped"]
        if side["images"] is None:
            lines.append(f"{side['name']}: statistics, number of images unknown")
            continue
        lines.append(
            f"{side['name']}: {side['images']} images, "
            + ("from the cache" if side["cached"] else f"{side['seconds']:.1f} s")
            + (f"; {len(skipped)} could not be read" if skipped else "")
        )
        lines += [f"    {name}" for name in skipped[:MAX_LISTED]]
        if len(skipped) > MAX_LISTED:
            lines.append(f"    ... and {len(skipped) - MAX_LISTED} more")
    # Every protocol repeats the description of the features. It is printed once.
    repeated = results["features"]
    lines += ["", f"features: {repeated}"]
    lines += dict.fromkeys(
        f"{n['protocol'].replace(f' {repeated};', '')} ({n['seconds']:.1f} s)"
        for n in numbers
        if n["protocol"]
    )
    return "\n".join(lines)


def main(argv):
    """Prints the metrics of the images on the command line."""
    values = flags.FLAGS
    if len(argv) != 3:
        raise app.UsageError(f"Expected REAL and FAKE, got {argv[1:]}.")
    try:
        count, seed = values.count, values.seed
        path = _file_to_write("json")
        statistics = _file_to_write("save_statistics")
        if statistics:
            statistics_path(statistics)
        real = _real(argv[1], values.real_count, count, statistics)
        fake = open_source(argv[2], count, seed)
        training = open_source(values.training) if values.training else None
        results = compute(
            real,
            fake,
            values.features,
            values.metrics,
            training,
            values.cache,
            statistics,
        )
        print(table(results))
        if path:
            write_whole(path, json.dumps(results, indent=1, allow_nan=False))
    except (ValueError, TypeError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except Stopped as stopped:
        print(table(stopped.results))
        print("\nStopped before the other numbers.", file=sys.stderr)
        sys.exit(130)
    except KeyboardInterrupt:
        print("\nStopped; the features that were finished are kept.", file=sys.stderr)
        sys.exit(130)
    if all(number["problem"] for number in results["numbers"]):
        sys.exit("None of the numbers could be computed.")


def _file_to_write(flag):
    """The path of a flag, or None. Raises if it cannot be written to."""
    path = flags.FLAGS[flag].value
    if not path:
        return None
    path = pathlib.Path(path).expanduser()
    if path.is_dir():
        raise IsADirectoryError(f"Expected a file for --{flag}, got {path}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _real(name, real_count, count, save_statistics):
    if not holds_statistics(name):
        return open_source(name, real_count or count)
    if real_count or save_statistics:
        raise ValueError(
            "Expected real images for --real_count and --save_statistics, got the "
            f"statistics {name}."
        )
    return StatisticsFile(name)


def _define_flags():
    flags.DEFINE_string("features", "inception", "Feature network.")
    flags.DEFINE_list("metrics", None, f"Some of {', '.join(METRICS)}; all by default.")
    flags.DEFINE_integer(
        "count", None, "Images of each side, drawn at random; all by default."
    )
    flags.DEFINE_integer("real_count", None, "Real images to take; --count by default.")
    flags.DEFINE_string("training", None, "Training images, to find copies of them.")
    flags.DEFINE_integer(
        "seed", 0, "Seed of the images that are drawn or generated for FAKE."
    )
    flags.DEFINE_string(
        "save_statistics", None, "An .npz file to write the statistics of REAL to."
    )
    flags.DEFINE_string("json", None, "File to which the numbers are also written.")
    flags.DEFINE_bool("cache", True, "Keep features for the next time.")


if __name__ == "__main__":
    _define_flags()
    app.run(main)
