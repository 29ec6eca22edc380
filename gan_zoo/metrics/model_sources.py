"""Generated images to judge: of an exported model, a .keras file or a run."""

import json
import os
import zipfile

import keras
import numpy as np

from gan_zoo import serving
from gan_zoo.data.files_below import names_in, shown, sub_folders
from gan_zoo.data.run_folders import is_run

_SAVED_MODEL = "saved_model.pb"


def model_path(path):
    """The model that a path stands for.

    | path | model |
    |---|---|
    | a folder with `saved_model.pb` | itself |
    | a folder of numbered versions of these | the one with the highest number |
    | a `.keras` file | itself |
    | the folder of a run | its exported model, `export/1`, or else its `model.keras` |

    Args:
        path: pathlib.Path.

    Returns:
        pathlib.Path, or None where the path is that of no model.

    Raises:
        FileNotFoundError: for a run that has left no model.
    """
    if path.suffix == ".keras" and os.path.isfile(path):
        return path
    if os.path.isfile(path / _SAVED_MODEL):
        return path
    if is_run(path):
        exported = (
            model_path(path / "export") if os.path.isdir(path / "export") else None
        )
        if exported:
            return exported
        if os.path.isfile(path / "model.keras"):
            return path / "model.keras"
        if os.path.isfile(path / "table.csv"):
            raise FileNotFoundError(
                f"Expected the folder of one run, got a table of runs, {shown(path)}. "
                f"Name one of them, {shown(path)}/ROW/COLUMN; its folders are "
                f"{sub_folders(path)[:10]}."
            )
        raise FileNotFoundError(
            f"Expected a model in the run folder {shown(path)}, got neither export/1 "
            f"nor model.keras: it holds {names_in(path)[:10]}. A recipe leaves both "
            "when its training ends, unless told --export=false. Run its command "
            "again with the same settings and --export: it goes on where it stopped."
        )
    versions = [
        name
        for name in names_in(path)
        if name.isdecimal() and os.path.isfile(path / name / _SAVED_MODEL)
    ]
    return path / max(versions, key=int) if versions else None


def generated(path, count, seed, size):
    """A function that gives `count` samples of a model, `size` at a time.

    What the model takes besides noise, such as labels, it draws itself.

    Args:
        path: what `model_path` returned.
        count: number of samples.
        seed: integer of all that is drawn.
        size: images of a batch.

    Returns:
        Function without arguments that yields uint8 arrays (n, h, w, c); float ones in
        [-1, 1] of a model that makes numbers which are not finite.
    """
    opened = _saved_model if path.suffix != ".keras" else _keras_file

    def batches():
        generate = opened(path)
        for start in range(0, count, size):
            rows = min(size, count - start)
            # A seed of its own for each batch: one seed always gives the same images.
            own = int(np.random.default_rng([seed, start]).integers(2**31))
            images = np.asarray(generate(rows, seed=own))
            if images.ndim != 4:
                raise ValueError(
                    f"Expected a model of images in {shown(path)}, got one whose "
                    f"samples have shape {images.shape[1:]}."
                )
            yield images

    return batches


def stamps(path):
    """What changes with a model: size and time of each of its files."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    told = []
    for file in files:
        if file.is_file():
            status = file.stat()
            told.append([file.name, status.st_size, status.st_mtime_ns])
    return json.dumps([str(path.resolve()), told])


def _saved_model(path):
    """The function (n, seed) of an exported model that gives images."""
    model = serving.load(path)
    if model.card is None:
        raise ValueError(
            f"{shown(path)} was not exported by gan_zoo: it has no model card."
        )
    endpoints = model.card["endpoints"]
    if "generate" not in endpoints:
        raise _no_generator(path, f"endpoints {sorted(endpoints)}")
    inputs = endpoints["generate"]["inputs"]
    _check_drawn(
        path, [n for n, i in inputs.items() if "default" not in i and n != "n"]
    )
    return model.generate


def _keras_file(path):
    """The function (n, seed) of a .keras file that gives images."""
    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"Expected a model saved by gan_zoo in {shown(path)}, got a file that "
            f"cannot be loaded: {error}"
        ) from error
    if not callable(getattr(model, "generate", None)):
        raise _no_generator(path, f"a {type(model).__name__}")
    conditions = model.conditions.items()
    _check_drawn(path, [name for name, kind in conditions if not kind.can_draw])

    def generate(n, seed):
        images = model.generate(n, seed=seed)
        if not np.isfinite(images).all():
            return images
        return serving.images.to_uint8(images)  # as an exported model gives them

    return generate


def _check_drawn(path, needed):
    if needed:
        raise ValueError(
            f"The model {shown(path)} needs {', '.join(needed)}, which cannot be drawn "
            "at random. Save the images that it makes of yours, and judge their folder "
            "or array."
        )


def _no_generator(path, got):
    return ValueError(
        f"Expected a model that generates images from noise in {shown(path)}, got "
        f"{got}. Save the images that it makes, and judge their folder or array."
    )
