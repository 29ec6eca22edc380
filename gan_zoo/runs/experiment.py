"""What every recipe shares: flags, strategy, run folder, resume, report, export.

A recipe builds its model and hands it over:

    def build(image_shape, preset):
        return gan_zoo.DCGAN(image_shape)

    if __name__ == "__main__":
        runs.main(build, runs.Settings(dataset="mnist_sample", epochs=10))
"""

import contextlib
import dataclasses
import functools
import json
import math
import os
import pathlib
import platform
import sys
import time

import keras
import tensorflow as tf
from absl import logging

from gan_zoo import backend, data, metrics, optimizers, serving
from gan_zoo.callbacks import (
    CollapseWarning,
    Interrupted,
    Interruption,
    RunCheckpoint,
    RunLog,
    SampleGrid,
    StopOnNaN,
    animate,
    write_report,
)
from gan_zoo.data.first_images import first_images
from gan_zoo.files import whole, write_whole
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.runs.run_folder import only_process, remember
from gan_zoo.runs.settings import Settings, command_line, values_of

__all__ = ["Recipe", "Settings", "adam", "main", "rmsprop", "run"]


# Training images that the report looks for neighbours among; fewer where they are
# large, so that they take no more than this many bytes.
NEIGHBOURS_AMONG, NEIGHBOURS_BYTES = 10_000, 2**29
NEIGHBOURS = 5
POLICIES = {
    "none": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}


def main(
    build,
    default,
    paper=None,
    compile_model=None,
    grid=None,
    judge=None,
    title=None,
    planned=False,
    prepare=None,
):
    """Runs a recipe: parses the flags, trains or resumes, judges, reports and exports.

    Args:
        build: `build(image_shape, preset)` returning an uncompiled model; called under
            the strategy and the precision policy. `preset` is "default" or "paper".
            Where the settings load labels, it is called with `num_classes` as well.
        default: `Settings` that finish in minutes on two cores.
        paper: `Settings` of the paper, chosen by `--preset=paper`; None when they equal
            the default.
        compile_model: `compile_model(model, settings, steps_per_epoch, metrics,
            preset)` for optimizers other than the paper's.
        grid: `grid(folder, test)` returning the callback that draws each epoch's
            picture; `SampleGrid(folder)` by default.
        judge: `judge(model, test, settings)` returning further final numbers, a list of
            (name, value, protocol).
        title: heading of the report; the script's name by default.
        planned: whether `compile_model` plans learning rates over all epochs, so that a
            run cannot be made longer afterwards.
        prepare: `prepare(model, train)`, called once before the first step, to train
            what the model needs by then, such as GMMN's autoencoder.
    """
    title = title or pathlib.Path(sys.argv[0]).stem
    recipe = Recipe(build, compile_model, grid, judge, title, planned, prepare)
    command_line(functools.partial(run, recipe), default, paper)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What makes a recipe: its model, optimizers and pictures; see `main`."""

    build: object
    compile_model: object = None
    grid: object = None
    judge: object = None
    title: str = "run"
    planned: bool = False
    prepare: object = None


def run(recipe, settings, run_dir, preset="default", export=True, stop_after=None):
    """Trains into a run folder, or goes on where the folder stopped.

    Args:
        recipe: `Recipe`.
        settings: `Settings`.
        run_dir: folder of the run; made when it is not there.
        preset: passed to `recipe.build`.
        export: whether to write `model.keras` and `export/1` at the end.
        stop_after: stop, resumable, once this many steps were trained.

    Returns:
        Exit code: 0 when the run is complete, 130 when it was interrupted.

    Raises:
        RuntimeError: when another process works in the folder.
        ValueError: when the folder belongs to a run with other settings.
    """
    _check(settings)
    logging.set_verbosity(logging.WARNING)
    strategy = backend.make_strategy(settings.strategy)
    run_dir = pathlib.Path(run_dir).expanduser().resolve()
    chief = backend.is_chief(strategy)
    with contextlib.ExitStack() as stack:
        if chief:
            stack.enter_context(only_process(run_dir))
            remember(
                run_dir,
                {"preset": preset} | dataclasses.asdict(settings),
                may_change=() if recipe.planned else ("epochs",),
            )
        # Equal weights at the start, and equal sums whatever the thread schedule.
        keras.utils.set_random_seed(settings.seed)
        tf.config.experimental.enable_op_determinism()
        # A notebook that calls this goes on with its own policy afterwards.
        before = keras.mixed_precision.dtype_policy()
        stack.callback(keras.mixed_precision.set_dtype_policy, before)
        keras.mixed_precision.set_dtype_policy(POLICIES[settings.mixed_precision])
        try:
            return _train(
                recipe, settings, strategy, run_dir, preset, export, stop_after, chief
            )
        except Interrupted as reason:
            print(f"\n{reason} Run the same command again to go on.", flush=True)
            return 130


def _check(settings):
    if settings.mixed_precision not in POLICIES:
        raise ValueError(
            f"Expected --mixed_precision in {list(POLICIES)}, got "
            f"{settings.mixed_precision!r}."
        )
    for name in ("batch_size", "epochs", "steps_per_epoch"):
        value = getattr(settings, name)
        if value is not None and value < 1:
            raise ValueError(f"Expected --{name} of at least 1, got {value}.")


def _train(recipe, settings, strategy, run_dir, preset, export, stop_after, chief):
    def stream(start=None):
        return data.load(
            settings.dataset,
            settings.batch_size,
            settings.image_size,
            seed=settings.seed,
            start=start,
            data_dir=settings.data_dir,
            **settings.load,
        )

    train, test = stream()
    first = keras.tree.flatten(train.element_spec)[0]
    classes = {}
    if settings.load.get("labels"):
        classes["num_classes"] = len(train.class_names)
    with strategy.scope():
        model = recipe.build(tuple(first.shape[1:]), preset, **classes)
        judges = _judges(settings) if test is not None else []
    batches = model.batches_per_step
    steps = settings.steps_per_epoch or train.cardinality().numpy() // batches
    if steps < 1:
        raise ValueError(
            f"An epoch holds no training step: {train.cardinality().numpy()} batches, "
            f"and a step takes {batches}. Use a smaller --batch_size."
        )
    compile_model = recipe.compile_model or _compile
    compile_model(model, settings, steps, judges, preset)

    checkpoint = RunCheckpoint(
        run_dir / "checkpoints",
        steps,
        every_seconds=settings.checkpoint_seconds,
        monitor=f"val_{judges[0].name}" if judges else None,
        chief=chief,
    )
    state = checkpoint.restore(model) or _prepared(recipe, model, train, checkpoint)
    done = state["step"]
    if backend.largest(model, done) != done:
        raise ValueError(
            f"This worker's {run_dir} stands at step {done}, another's further on. Put "
            "the run folder on a disk that all workers share."
        )
    log = RunLog(run_dir, state["seconds"])
    checkpoint.seconds = lambda: log.seconds
    grid = recipe.grid or (lambda folder, _: SampleGrid(folder))
    callbacks = [StopOnNaN()]
    if chief and isinstance(model, NoiseToImage):
        callbacks.append(CollapseWarning(train))
    if chief:
        callbacks += [log, grid(run_dir / "samples", test)]
    # After the others: what a checkpoint says is done has left its traces.
    callbacks += [checkpoint, Interruption(checkpoint, stop_after)]
    if done:
        print(f"Resuming {run_dir} at step {done} of {steps * settings.epochs}.")

    # An epoch that goes on is finished in a fit of its own, with the steps it lacks.
    while done < steps * settings.epochs:
        epoch, within = divmod(done, steps)
        last = epoch + 1 if within else settings.epochs
        model.fit(
            stream(start=done * batches)[0],
            initial_epoch=epoch,
            epochs=last,
            steps_per_epoch=steps - within,
            validation_data=test if judges or model.own_metrics else None,
            callbacks=callbacks,
            verbose=1 if sys.stdout.isatty() else 2,
        )
        done = last * steps
    results = _final_numbers(recipe, settings, model, test)
    if chief and judges and isinstance(model, NoiseToImage):
        _draw_neighbours(model, train, settings, run_dir / "neighbours.png")
    if chief:
        _finish(recipe, settings, model, run_dir, log.seconds, results, export)
    return 0


def _prepared(recipe, model, train, checkpoint):
    """What a new run starts from; preparations are kept in a checkpoint of step 0."""
    start = time.monotonic()
    if recipe.prepare:
        recipe.prepare(model, train)
        checkpoint.seconds = lambda: time.monotonic() - start
        checkpoint.set_model(model)
        checkpoint.save()
    return {"step": 0, "seconds": time.monotonic() - start}


def _compile(model, settings, steps_per_epoch, judges, preset):
    model.compile(metrics=judges)


def _judges(settings):
    if settings.features is None:
        return []
    judges = [metrics.FrechetDistance(settings.features)]
    if settings.features == "mnist":
        judges.append(metrics.ConfidentShare())
    return judges


def _final_numbers(recipe, settings, model, test):
    """List of (name, value, protocol); every worker takes part in an evaluation."""
    results = []
    if test is not None and (model.image_metrics or model.own_metrics):
        values = model.evaluate(test, return_dict=True, verbose=0)
        protocols = model.protocols()
        results = [(name, value, protocols[name]) for name, value in values.items()]
    if recipe.judge:
        results += recipe.judge(model, test, settings)
    return results


def _draw_neighbours(model, train, settings, path):
    """Some samples beside the training images that are nearest to them."""
    fitting = NEIGHBOURS_BYTES // (4 * math.prod(model.image_shape))
    images = first_images(train, min(NEIGHBOURS_AMONG, fitting))
    if len(images) >= NEIGHBOURS:
        metrics.draw_neighbours(
            path, model.generate(6, seed=1), images, settings.features, NEIGHBOURS
        )


def _finish(recipe, settings, model, run_dir, seconds, results, export):
    """Prints the final numbers; writes animation, models and report."""
    for name, value, protocol in results:
        print(f"{name} = {value:.5g}   ({protocol})")
    animate(run_dir / "samples", run_dir / "samples.gif")
    if export:
        with whole(run_dir / "model.keras") as partial:
            model.save(partial)
        serving.export(
            model,
            run_dir / "export" / "1",
            overwrite=True,
            data=settings.dataset,
            metrics={name: (value, protocol) for name, value, protocol in results},
        )
    about = {
        "model": type(model).__name__,
        "training steps": model.trained_steps,
        "training time": f"{seconds / 60:.1f} minutes",
        "machine": machine(),
        "software": f"TensorFlow {tf.__version__}, Keras {keras.__version__}, "
        f"Python {platform.python_version()}",
    }
    summary = {"about": about, "results": results}
    write_whole(run_dir / "results.json", json.dumps(summary, indent=1))
    report = write_report(
        run_dir, recipe.title, values_of(settings) | settings.load, results, about
    )
    print(f"Report: {report}")


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


def adam(learning_rate, beta_1, beta_2=0.999):
    """A new Adam optimizer, so that recipes need no import but the zoo's."""
    return keras.optimizers.Adam(learning_rate, beta_1, beta_2)


def rmsprop(learning_rate):
    """A new RMSprop optimizer, PyTorch's; see `adam` and `optimizers.rmsprop`."""
    return optimizers.rmsprop(learning_rate)
