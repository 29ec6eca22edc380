"""What a run trains on and for how long, and the flags that say so."""

import dataclasses
import pathlib
import sys

from absl import app, flags

from gan_zoo.runs.refusal import Refusal


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a run trains on and for how long; each field is a flag of every recipe.

    Args:
        dataset: name for `gan_zoo.data.load`.
        data_dir: where data sets are kept, None for the usual place.
        image_size: side of the images, None for the data set's own.
        batch_size: images per batch over all replicas together.
        epochs: number of epochs.
        steps_per_epoch: training steps per epoch; None for one pass over the data.
        seed: seed of weights, noise and the order of the data.
        strategy: none, mirrored, multi_worker or tpu.
        mixed_precision: none, bfloat16 or float16.
        features: feature network of the Fréchet distance, none for no metrics.
        checkpoint_seconds: seconds between checkpoints within an epoch.
        load: further arguments of `gan_zoo.data.load`; of these, splits, on_bad_file,
            crop_from and input_side are flags. Where the labels or the domains are
            names of attributes, these and attribute_file are flags too.
    """

    dataset: str = "mnist_sample"
    data_dir: str | None = None
    image_size: int | None = None
    batch_size: int = 64
    epochs: int = 10
    steps_per_epoch: int | None = None
    seed: int = 0
    strategy: str = "none"
    mixed_precision: str = "none"
    features: str | None = "mnist"
    checkpoint_seconds: float = 60.0
    load: dict = dataclasses.field(default_factory=dict)


def values_of(settings):
    """The fields of settings that are flags, as a dict."""
    values = dataclasses.asdict(settings)
    del values["load"]
    return values


def command_line(start, recipes, export=True):
    """Parses the flags that every recipe has, starts it, and exits with its code.

    Args:
        start: `start(recipe, settings, run_dir, preset=..., export=...,
            stop_after=...)` returning an exit code, as `run` does.
        recipes: the script's list of `Recipe`. Of several, `--model` names one.
        export: whether to export without being asked to.
    """
    script = pathlib.Path(sys.argv[0]).stem
    _define_flags(recipes, script, export)

    def parsed(argv):
        if len(argv) > 1:
            raise app.UsageError(
                f"Unexpected arguments {argv[1:]}; flags are --name=x."
            )
        values = flags.FLAGS
        recipe = _chosen(recipes)
        recipe = dataclasses.replace(recipe, name=recipe.name or script)
        paper = values.preset == "paper" and recipe.paper
        chosen = paper or recipe.default
        given = {
            field: _given(field, values[field].value)
            for field in values_of(chosen)
            if field in values and values[field].present
        }
        # Numbers of a network that never saw such images would say nothing.
        other = not given.get("dataset", "mnist").startswith("mnist")
        if chosen.features == "mnist" and other and "features" not in given:
            print("No metrics: the mnist network knows digits only. See --features.")
            given["features"] = None
        loading = {
            flag: values[flag].value
            for flag in (*LOADING, *ATTRIBUTES)
            if flag in values and values[flag].present
        }
        if loading:
            given["load"] = chosen.load | loading
        try:
            code = start(
                recipe,
                dataclasses.replace(chosen, **given),
                values.run_dir or f"runs/{recipe.name}",
                preset=values.preset,
                export=values.export,
                stop_after=values.stop_after,
            )
        except (Refusal, FloatingPointError) as reason:  # the latter from `StopOnNaN`
            code = str(reason)  # printed, and exit code 1
        except KeyboardInterrupt:  # before or after training, which handles its own
            print(
                "\nStopped. The same command starts again, or continues what is saved.",
                flush=True,
            )
            code = 130
        sys.exit(code)

    app.run(parsed)


def _chosen(recipes):
    """The recipe that `--model` names; the flag is there where there are several."""
    if len(recipes) == 1:
        return recipes[0]
    (chosen,) = (r for r in recipes if r.model == flags.FLAGS.model)
    return chosen


def _given(field, value):
    """A flag's value; "none" is None where a field may be that."""
    absent = value == "none" and Settings.__annotations__[field] == str | None
    return None if absent else value


_DEFINE = {
    int: flags.DEFINE_integer,
    int | None: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
    str | None: flags.DEFINE_string,
}


# Flags that are no settings: a run may go on with others.
OTHERS = ("run_dir", "export", "preset", "stop_after")
# Arguments of `gan_zoo.data.load` that folders of images may call for.
LOADING = ("splits", "on_bad_file", "crop_from", "input_side")
# Those of recipes whose images have attributes.
ATTRIBUTES = ("labels", "domains", "attribute_file")


def _define_flags(recipes, script, export):
    helps = dict(
        line.strip().split(": ", 1)
        for line in Settings.__doc__.split("Args:")[1].splitlines()
        if ": " in line
    )
    values = flags.FLAGS
    first, models = recipes[0], [recipe.model for recipe in recipes]
    if len(recipes) > 1:
        about = f"What is trained. The defaults that --help shows are {first.model}'s."
        flags.DEFINE_enum("model", first.model, models, about, case_sensitive=False)
    for field, value in values_of(first.default).items():
        if field in values:
            continue
        define = _DEFINE[Settings.__annotations__[field]]
        define(field, value, helps[field])
    flags.DEFINE_string("run_dir", None, f"Run folder [runs/{first.name or script}].")
    flags.DEFINE_bool(
        "export", export, "Write model.keras and a SavedModel at the end."
    )
    flags.DEFINE_enum(
        "preset",
        "default",
        ["default", "paper"],
        "default: trains in minutes; paper: the settings of the paper.",
    )
    flags.DEFINE_integer(
        "stop_after", None, "Stop after so many steps. The command goes on without it."
    )
    flags.DEFINE_bool(
        "splits", None, "Whether folders named train, test ... are splits, not classes."
    )
    flags.DEFINE_enum(
        "on_bad_file",
        None,
        ["error", "skip"],
        "Whether files that do not decode are an error or left out.",
    )
    flags.DEFINE_integer(
        "crop_from", None, "Resize training images to this size, and crop them."
    )
    flags.DEFINE_enum(
        "input_side",
        None,
        ["left", "right"],
        "The half of side-by-side pairs that is the input.",
    )
    shown = ("model",) if len(recipes) > 1 else ()
    labels, domains = (first.default.load.get(name) for name in ("labels", "domains"))
    several = isinstance(labels, (list, tuple))
    if several:
        flags.DEFINE_list("labels", labels, "Names of the attributes.")
        shown += ("labels",)
    if domains:
        flags.DEFINE_string("domains", domains, "Name of the attribute.")
        shown += ("domains",)
    if several or domains:
        flags.DEFINE_string(
            "attribute_file", None, "File of the attributes of a folder's images."
        )
        shown += ("attribute_file",)
    for flag in (*shown, *values_of(first.default), *OTHERS, *LOADING):
        # What --help shows.
        values.register_key_flag_for_module(sys.argv[0], values[flag])
