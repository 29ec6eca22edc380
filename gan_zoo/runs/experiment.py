"""What every recipe shares: flags, strategy, run folder, phases, report, export.

A script says how its model is built and trained, and hands that over:

    def build(image_shape, preset):
        return gan_zoo.DCGAN(image_shape)

    RECIPE = runs.Recipe(build, runs.Settings(dataset="mnist_sample", epochs=10))

    if __name__ == "__main__":
        runs.main(RECIPE)
"""

import contextlib
import dataclasses
import pathlib

import keras
import tensorflow as tf
from absl import logging

from gan_zoo import backend, metrics, optimizers
from gan_zoo.callbacks import Interrupted
from gan_zoo.networks.blocks import ImageSizeError
from gan_zoo.runs.finish import final_numbers, finish
from gan_zoo.runs.phases import Phase, Training
from gan_zoo.runs.reference import published_curves
from gan_zoo.runs.refusal import Refusal, refusing
from gan_zoo.runs.run_folder import only_process, remember
from gan_zoo.runs.settings import Settings, command_line

__all__ = ["Recipe", "Settings", "adam", "main", "rmsprop", "run", "sgd"]


POLICIES = {
    "none": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one model is built, trained, drawn and measured.

    Args:
        build: `build(image_shape, preset)` returning an uncompiled model; called under
            the strategy and the precision policy. `preset` is "default" or "paper".
            Where the settings load classes, it is called with `class_names` as well;
            where they load attributes, with `attributes`, their names.
        default: `Settings` that finish in minutes on two cores.
        paper: `Settings` of the paper, chosen by `--preset=paper`; None when they equal
            the default.
        compile_model: `compile_model(model, settings, steps_per_epoch, metrics,
            preset)` for optimizers other than the paper's.
        grid: `grid(folder, test, settings)` returning the callback that draws the
            picture of an epoch, a `callbacks.Pictures`; by default a `SampleGrid`, with
            texts of the training data where the model needs them.
        measure: `measure(model, test, settings)` returning further final numbers, a
            list of (name, value, protocol).
        title: heading of the report; the run folder's name by default.
        fixed_epochs: whether the learning rates depend on the number of epochs, so that
            a run cannot be made longer afterwards.
        phases: `phases(settings, preset)` returning the list of `Phase` that come
            before the model itself is trained, such as GMMN's autoencoder.
        model: what `--model` calls it, where a script has several recipes.
        name: name of the run folder in `runs/`, and of the published curves in
            `recipes/reference/`; the script's by default.
    """

    build: object
    default: Settings = dataclasses.field(default_factory=Settings)
    paper: Settings | None = None
    compile_model: object = None
    grid: object = None
    measure: object = None
    title: str | None = None
    fixed_epochs: bool = False
    phases: object = None
    model: str | None = None
    name: str | None = None


def main(*recipes):
    """Runs a recipe: reads the flags, trains or resumes, measures, reports, exports.

    Args:
        *recipes: `Recipe`, one or several; of several `--model` chooses one, the first
            by default.
    """
    command_line(run, recipes)


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
        Refusal: for settings or data of which nothing can be trained; when another
            process works in the folder; when the folder belongs to a run with other
            settings; for files that can no longer be read or written.
        FloatingPointError: when a loss or a weight becomes NaN.
    """
    _check(settings, stop_after)
    logging.set_verbosity(logging.WARNING)
    with refusing(ValueError, NotImplementedError):
        strategy = backend.make_strategy(settings.strategy)
    run_dir = pathlib.Path(run_dir).expanduser().resolve()
    chief = backend.is_chief(strategy)
    with contextlib.ExitStack() as stack:
        if chief:
            stack.enter_context(only_process(run_dir))
            remember(
                run_dir,
                _all_settings(recipe, settings, preset),
                may_change=() if recipe.fixed_epochs else ("epochs",),
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
            less = " without --stop_after" if stop_after else ""
            print(f"\n{reason} Run the same command again{less} to go on.", flush=True)
            return 130


def _all_settings(recipe, settings, preset):
    """What a run's numbers depend on, as a dict."""
    return _chosen(recipe, preset) | dataclasses.asdict(settings)


def _chosen(recipe, preset):
    """What a user chooses beside the settings: `--model` and `--preset`."""
    model = {"model": recipe.model} if recipe.model else {}
    return model | {"preset": preset}


def _check(settings, stop_after):
    if stop_after is not None and stop_after < 1:
        raise Refusal(f"Expected --stop_after of at least 1, got {stop_after}.")
    if settings.mixed_precision not in POLICIES:
        raise Refusal(
            f"Expected --mixed_precision in {list(POLICIES)}, got "
            f"{settings.mixed_precision!r}."
        )
    for name in ("batch_size", "epochs", "steps_per_epoch"):
        value = getattr(settings, name)
        if value is not None and value < 1:
            raise Refusal(f"Expected --{name} of at least 1, got {value}.")
    if not 0 <= settings.seed < 2**31:
        raise Refusal(f"Expected --seed from 0 to 2**31 - 1, got {settings.seed}.")


def _train(recipe, settings, strategy, run_dir, preset, export, stop_after, chief):
    earlier = recipe.phases(settings, preset) if recipe.phases else []
    last = Phase(None, settings.epochs, compile_model=recipe.compile_model)
    train, test = last.stream(settings)
    first = keras.tree.flatten(train.element_spec)[0]
    classes = {}
    # Captions are labels as well, but not of classes.
    if settings.load.get("labels") and train.class_names is not None:
        several = keras.tree.flatten(train.element_spec)[1].shape.rank == 2
        name = "attributes" if several else "class_names"
        classes[name] = tuple(train.class_names)
    with strategy.scope():
        with refusing(ImageSizeError):
            model = recipe.build(tuple(first.shape[1:]), preset, **classes)
        image_metrics = _metrics(settings, model) if test is not None else []
    training = Training(
        model,
        [*earlier, last],
        settings,
        run_dir,
        image_metrics=image_metrics,
        preset=preset,
        grid=recipe.grid,
        stop_after=stop_after,
        chief=chief,
    )
    # Such as an image that is deleted meanwhile, or a disk that is full.
    with refusing(OSError), backend.plain_errors():
        training.run()
        results = final_numbers(recipe.measure, settings, model, test)
    if chief:
        finish(
            recipe.title or run_dir.name,
            settings,
            model,
            run_dir,
            training.seconds,
            results,
            export,
            published_curves(recipe.name, _all_settings(recipe, settings, preset)),
            changed=training.changed,
            longer=None if recipe.fixed_epochs else 2 * training.epochs,
            chosen=_chosen(recipe, preset),
        )
    return 0


def _metrics(settings, model):
    if settings.features is None:
        return []
    with refusing(ValueError, OSError):
        image_metrics = [metrics.FrechetDistance(settings.features)]
        image_metrics[0].check_images(model.image_shape)
    if settings.features == "mnist":
        image_metrics.append(metrics.ConfidentShare())
    return image_metrics


def adam(learning_rate, beta_1, beta_2=0.999):
    """A new Adam optimizer, so that recipes need no import but the zoo's."""
    return optimizers.Adam(learning_rate, beta_1, beta_2)


def sgd(learning_rate, momentum):
    """A new optimizer of gradient descent with momentum; see `adam`."""
    return keras.optimizers.SGD(learning_rate, momentum)


def rmsprop(learning_rate):
    """A new RMSprop optimizer, PyTorch's; see `adam` and `optimizers.rmsprop`."""
    return optimizers.rmsprop(learning_rate)
