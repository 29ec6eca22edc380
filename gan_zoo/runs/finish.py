"""What a run leaves when its training is done."""

import contextlib
import importlib.util
import json
import math
import os
import pathlib
import platform
import re
import resource
import shlex
import sys

import keras
import tensorflow as tf

from gan_zoo import metrics, serving
from gan_zoo.callbacks import animate, write_report
from gan_zoo.data.first_conditions import first_conditions
from gan_zoo.data.first_images import first_images
from gan_zoo.files import shown, whole, write_whole
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.runs.phases import Phase
from gan_zoo.runs.settings import values_of

# Training images that the report looks for neighbours among; fewer where they are
# large, so that they take no more than this many bytes.
NEIGHBOURS_AMONG, NEIGHBOURS_BYTES = 10_000, 2**29
SAMPLES, NEIGHBOURS = 6, 5


def final_numbers(measure, settings, model, test):
    """The final numbers of a run, a list of (name, value, protocol).

    Every worker of a run takes part.

    Args:
        measure: `measure(model, test, settings)` returning further numbers, or None.
        settings: the run's `Settings`.
        model: the trained model.
        test: data set to evaluate on, or None.
    """
    results = []
    if test is not None and (model.image_metrics or model.own_metrics):
        values = model.evaluate(test, return_dict=True, verbose=0)
        protocols = model.protocols()
        results = [(name, value, protocols[name]) for name, value in values.items()]
    if measure:
        results += measure(model, test, settings)
    return results


def _draw_neighbours(model, settings, path):
    """Some samples beside the training images that are nearest to them."""
    train, _ = Phase(None, 1).stream(settings)
    fitting = NEIGHBOURS_BYTES // (4 * math.prod(model.image_shape))
    images = first_images(train, min(NEIGHBOURS_AMONG, fitting))
    if len(images) >= NEIGHBOURS:
        given = first_conditions(model, train, SAMPLES)
        samples = model.generate(SAMPLES, seed=1, **given)
        metrics.draw_neighbours(path, samples, images, settings.features, NEIGHBOURS)


def finish(
    title,
    settings,
    model,
    run_dir,
    seconds,
    results,
    export,
    published=(),
    changed=True,
    longer=None,
    chosen=None,
):
    """Writes animation, models and report of a finished run, and prints the numbers.

    Args:
        title: heading of the report.
        settings: the run's `Settings`.
        model: the trained model.
        run_dir: folder of the run.
        seconds: training time.
        results: what `final_numbers` returned.
        export: whether to write `model.keras` and `export/1`.
        published: rows of the published run's curves, for the report.
        changed: whether the model was trained since it was last exported.
        longer: number of epochs to suggest for a longer run, or None.
        chosen: dict of what the report names beside the settings: model and preset.
    """
    if settings.features and model.image_metrics and isinstance(model, NoiseToImage):
        _draw_neighbours(model, settings, run_dir / "neighbours.png")
    animate(run_dir / "samples", run_dir / "samples.gif")
    if export and (changed or not (run_dir / "export" / "1").exists()):
        with whole(run_dir / "model.keras") as partial:
            model.save(partial)
        serving.export(
            model,
            run_dir / "export" / "1",
            overwrite=True,
            # Without its package there would be a line in the log.
            warmup=importlib.util.find_spec("tensorflow_serving") is not None,
            data=settings.dataset,
            name=_served_name(run_dir),
            metrics={name: (value, protocol) for name, value, protocol in results},
        )
    about = {
        "model": type(model).__name__,
        "training steps": model.trained_steps,
        "training time": f"{seconds / 60:.1f} minutes",
        "peak memory": f"{peak_memory() / 2**30:.1f} GiB",
        "machine": machine(),
        "software": f"TensorFlow {tf.__version__}, Keras {keras.__version__}, "
        f"Python {platform.python_version()}",
    }
    summary = {"about": about, "results": results}
    write_whole(run_dir / "results.json", json.dumps(summary, indent=1))
    report = write_report(
        run_dir,
        title,
        (chosen or {}) | values_of(settings) | settings.load,
        results,
        about,
        published,
    )
    print(_table(results))
    print(_next_steps(run_dir, report, longer, export), flush=True)


def _table(results):
    """The final numbers as a table of name, value and the protocol in short."""
    if not results:
        return "Not measured: there was no metric (see --features), or no test data."
    rows = [
        (name, f"{value:.4g}", protocol.rsplit(";", 1)[-1].strip())
        for name, value, protocol in results
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {protocol}"[:100]
        for name, value, protocol in rows
    ]
    return "\n".join(["", *lines])


def _next_steps(run_dir, report, epochs, export):
    """What a user may want to do next, each a command to paste.

    Args:
        run_dir: folder of the run.
        report: path of the report.
        epochs: how many to suggest for a longer run, or None.
        export: whether there is an exported model.
    """
    folder = shown(run_dir)
    # The flags of this run, such as --model, but for those that are to change.
    changed = ("--run_dir=", "--epochs=", "--stop_after=")
    kept = [flag for flag in sys.argv[1:] if not flag.startswith(changed)]
    command = shlex.join(["python", sys.argv[0], *kept, f"--run_dir={folder}"])
    lines = ["", f"Open the report   {shlex.join(['xdg-open', shown(report)])}"]
    if epochs:
        lines.append(f"Train longer      {command} --epochs={epochs}")
    if export:
        name = _served_name(run_dir)
        volume = shlex.quote(f"{run_dir / 'export'}:/models/{name}")
        lines.append(
            f"Serve it          docker run -p 8501:8501 -v {volume} "
            f"-e MODEL_NAME={name} tensorflow/serving"
        )
    return "\n".join(lines)


def _served_name(run_dir):
    """The name of the run folder, of letters, digits, _ and - alone."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", run_dir.name)


def peak_memory():
    """Most bytes of memory that this process has held at once."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def machine():
    """One line on the hardware: processor, cores, GPUs."""
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                processor = line.split(":", 1)[1].strip()
                break
    gpus = len(tf.config.list_physical_devices("GPU"))
    return f"{processor}, {os.cpu_count()} cores" + (f", {gpus} GPUs" if gpus else "")
