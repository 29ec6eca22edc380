"""Generated images to evaluate: of an exported model, a .keras file or a run."""

import json
import os
import zipfile

import keras
import numpy as np

from gan_zoo import serving
from gan_zoo.data.files_below import escaped, list_names, sub_folders
from gan_zoo.data.run_folders import is_run

_SAVED_MODEL = "saved_model.pb"


def model_path(path):
    """Finds the model that a path stands for.

    | path | model |
    |---|---|
    | a folder with `saved_model.pb` | itself |
    | a folder of numbered versions of these | the one with the highest number |
    | a `.keras` file | itself |
    | the folder of a run | its exported model, `export/1`, or else its `model.keras` |

    Args:
        path: pathlib.Path.

    Returns:
        pathlib.Path, or None if the path has no model.

    Raises:
        FileNotFoundError: for a run without a model.
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
                "Expected the folder of one run, got a table of runs, "
                f"{escaped(path)}. Name one of them, {escaped(path)}/ROW/COLUMN; its "
                f"folders are {sub_folders(path)[:10]}."
            )
        raise FileNotFoundError(
            f"Expected a model in the run folder {escaped(path)}, got neither export/1 "
            f"nor model.keras: it holds {list_names(path)[:10]}. A recipe leaves both "
            "when its training ends, unless --export=false. Run its command again "
            "with the same settings and --export. It continues where it stopped."
        )
    versions = [
        name
        for name in list_names(path)
        if name.isdecimal() and os.path.isfile(path / name / _SAVED_MODEL)
    ]
    return path / max(versions, key=int) if versions else None


def sample_batches(path, count, seed, size):
    """A function that yields `count` samples of a model in batches.

    The model draws its inputs besides noise, such as labels, at random.

    Args:
        path: result of `model_path`.
        count: number of samples.
        seed: integer seed of all random numbers.
        size: number of images in a batch.

    Returns:
        Function without arguments that yields uint8 arrays (n, h, w, c), or float
        arrays in [-1, 1] if some numbers are not finite.
    """
    open_model = _saved_model if path.suffix != ".keras" else _keras_file

    def batches():
        generate = open_model(path)
        for start in range(0, count, size):
            rows = min(size, count - start)
            # Each batch needs its own seed, since equal seeds give equal images.
            batch_seed = int(np.random.default_rng([seed, start]).integers(2**31))
            images = np.asarray(generate(rows, seed=batch_seed))
            if images.ndim != 4:
                raise ValueError(
                    f"Expected a model of images in {escaped(path)}, got one whose "
                    f"samples have shape {images.shape[1:]}."
                )
            yield images

    return batches


def file_stamps(path):
    """Text that changes with a model: size and time of each of its files."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    stamps = []
    for file in files:
        if file.is_file():
            status = file.stat()
            stamps.append([file.name, status.st_size, status.st_mtime_ns])
    return json.dumps([str(path.resolve()), stamps])


def _saved_model(path):
    """The function (n, seed) of an exported model that makes images."""
    model = serving.load(path)
    if model.card is None:
        raise ValueError(
            f"{escaped(path)} was not exported by gan_zoo: it has no model card."
        )
    endpoints = model.card["endpoints"]
    if "generate" not in endpoints:
        raise _no_generator(path, f"endpoints {sorted(endpoints)}")
    inputs = endpoints["generate"]["inputs"]
    _check_drawn(
        path, [n for n, i in inputs.items() if "default" not in i and n != "n"]
    )
    return model.generate


def load_keras(path):
    """The model of a .keras file, uncompiled.

    Args:
        path: pathlib.Path of the file.

    Raises:
        ValueError: for a file that cannot be loaded.
    """
    expected = f"Expected a model saved by gan_zoo in {escaped(path)}, got a file that "
    if not zipfile.is_zipfile(path):  # Keras would say that there is none
        raise ValueError(
            f"{expected}cannot be loaded: it is damaged or of another kind. Save the "
            "model again with save('gan.keras')."
        )
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{expected}cannot be loaded: {error}") from error


def _keras_file(path):
    """The function (n, seed) of a .keras file that makes images."""
    model = load_keras(path)
    if not callable(getattr(model, "generate", None)):
        raise _no_generator(path, f"a {type(model).__name__}")
    conditions = model.conditions.items()
    _check_drawn(path, [name for name, kind in conditions if not kind.can_draw])

    def generate(n, seed):
        images = model.generate(n, seed=seed)
        if not np.isfinite(images).all():
            return images
        return serving.images.to_uint8(images)  # as in an exported model

    return generate


def _check_drawn(path, needed):
    if needed:
        raise ValueError(
            f"The model {escaped(path)} needs {', '.join(needed)}, which cannot be "
            "drawn at random. Generate images with your own values, save them, and "
            "pass their folder or array."
        )


def _no_generator(path, got):
    return ValueError(
        f"Expected a model that generates images from noise in {escaped(path)}, got "
        f"{got}. Save its images, and pass their folder or array."
    )
