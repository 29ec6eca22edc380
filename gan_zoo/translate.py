r"""Translates image files: `python -m gan_zoo.translate MODEL INPUT OUTPUT`.

    python -m gan_zoo.translate runs/cyclegan_emoji photos drawings
    python -m gan_zoo.translate model.keras faces smiling --attributes=smiling,young
    python -m gan_zoo.translate serving/pix2pix/1 labels.png out --direction=a_to_b
    python -m gan_zoo.translate completion.keras faces whole --mask=masks --guide=others

MODEL is a run folder, an exported model, or a `.keras` file. INPUT is a folder of
images, with its sub-folders, or one image. Each image is written to OUTPUT under its
own name; for one image OUTPUT may be the name of a file. Files that cannot be read or
translated are named and left out. Masks and guides, for models that take them, are
images of the same names.

Images may have any size that the model takes, and are never resized. They are turned
upright by their EXIF orientation. The alpha channel of an image is kept where the file
format has one. Grey and coloured images become what the model takes. Results have 8
bits per channel, and of an animation the first frame is translated.
"""

import argparse
import os
import pathlib
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from gan_zoo import serving
from gan_zoo.callbacks.sample_grid import as_uint8
from gan_zoo.data import images
from gan_zoo.data.files_below import error_text, escaped, list_files
from gan_zoo.files import whole
from gan_zoo.metrics.model_sources import load_keras, model_path

# Formats that hold an alpha channel, by the suffix of the file.
_WITH_ALPHA = frozenset((".png", ".webp", ".tif", ".tiff", ".avif", ".jp2", ".tga"))
_JPEG_QUALITY = 95


class _Model(NamedTuple):
    """What this command needs of a model, from a `.keras` file or exported.

    `translate` maps uint8 images (1, h, w, c), and masks or guides by name, to uint8
    images. `channels` is c. `pictures` maps the names of masks and guides to their
    numbers of channels.
    """

    translate: Callable
    channels: int
    pictures: dict


def main(arguments=None):
    """Translates the files of the command line.

    Args:
        arguments: list of str; the command line by default.

    Returns:
        Exit code: 0 if at least one image was translated, else 1.
    """
    parser = argparse.ArgumentParser(
        prog="python -m gan_zoo.translate",
        description="Translate image files by a trained model.",
    )
    parser.add_argument("model", help="run folder, exported model or .keras file")
    parser.add_argument("input", help="folder of images, or one image")
    parser.add_argument("output", help="folder to write to, or a file for one image")
    parser.add_argument("--direction", help="such as b_to_a; the first by default")
    parser.add_argument(
        "--attributes",
        help="what the results should have: names separated by commas, or 0 or 1 for "
        "each attribute",
    )
    parser.add_argument("--to", help="name of the target domain, or its number")
    parser.add_argument(
        "--mask",
        help="folder with a mask for each image, under its name or as .png, white "
        "where pixels are to be filled in; or one mask for all images",
    )
    parser.add_argument("--guide", help="folder of guides, or one guide for all images")
    parser.add_argument("--seed", type=int, help="seed of models that draw noise")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files of the output folder"
    )
    chosen = parser.parse_args(arguments)
    source, target = pathlib.Path(chosen.input), pathlib.Path(chosen.output)
    beside = {"mask": chosen.mask, "guide": chosen.guide}
    beside = {name: pathlib.Path(x) for name, x in beside.items() if x is not None}
    for name, path in beside.items():
        if not path.exists():
            parser.error(
                f"Expected a folder or image as --{name}, got {escaped(path)}."
            )
    root = source.parent if source.is_file() else source
    name = None
    named = target.suffix.lower() in images.suffixes() and not target.is_dir()
    if source.is_file() and named:
        if os.path.realpath(target) == os.path.realpath(source):
            parser.error("Expected another output file than the input.")
        target, name = target.parent, target.name
    elif target.is_file():
        parser.error(f"Expected a folder to write to, got a file: {escaped(target)}")
    if name is None and os.path.realpath(target) == os.path.realpath(root):
        parser.error("Expected another output folder than that of the input.")
    files = _files(parser, source, target)
    model = _model(parser, chosen, beside)
    if model.channels not in (1, 3):
        parser.error(
            "Expected a model of grey or RGB images, got one of "
            f"{model.channels} channels. Call its translate in Python."
        )

    def translated(name):
        file = root / name
        pixels = {
            key: images.pixels(images.read(_beside(path, name)), model.pictures[key])
            for key, path in beside.items()
        }
        pixels["images"] = images.pixels(images.read(file), model.channels)
        made = model.translate(**{key: x[None] for key, x in pixels.items()})[0]
        return made, _alpha(file, made.shape[1::-1])

    names = [file.relative_to(root) for file in files]
    places = {each: target / (name or each) for each in names}
    return _translate_all(places, target, translated, chosen.overwrite)


def _beside(path, name):
    """The file of an image's mask or guide."""
    if path.is_file():
        return path
    files = path / name, (path / name).with_suffix(".png")
    for file in files:
        if file.is_file():
            return file
    raise FileNotFoundError(f"there is no {' and no '.join(map(escaped, files))}")


def _files(parser, source, target):
    """The image files to translate."""
    if source.is_file():
        return [source]
    if not source.is_dir():
        parser.error(f"Expected a folder or an image, got nothing: {escaped(source)}")
    found = list_files(source)
    for folder, reason in found.unlisted.items():
        print(f"left out: {escaped(folder)}: {reason}", file=sys.stderr)
    files = found.images
    made = pathlib.Path(os.path.realpath(target))
    if made.is_relative_to(os.path.realpath(source)):
        # What an earlier call wrote below the input is no input.
        files = [
            file
            for file in files
            if not pathlib.Path(os.path.realpath(file.parent)).is_relative_to(made)
        ]
    if not files:
        parser.error(f"Expected images in {escaped(source)}, got none.")
    return files


def _model(parser, chosen, beside):
    path = pathlib.Path(chosen.model)
    try:
        found = model_path(path)
    except FileNotFoundError as error:
        parser.error(str(error))
    if found is None:
        parser.error(
            "Expected a run folder, an exported model or a .keras file, got "
            f"{escaped(path)}."
        )
    given = {"attributes": chosen.attributes, "to": chosen.to, "seed": chosen.seed}
    given = {name: value for name, value in given.items() if value is not None}
    load = _keras_model if found.suffix == ".keras" else _exported_model
    return load(parser, found, chosen.direction, given, beside)


def _keras_model(parser, path, direction, given, beside):
    try:
        model = load_keras(path)
    except ValueError as error:
        parser.error(str(error))
    if not hasattr(model, "directions"):
        parser.error(
            f"Expected a model that translates images, got {type(model).__name__}."
        )
    direction = direction or next(iter(model.directions))
    if direction not in model.directions:
        known = ", ".join(model.directions)
        parser.error(f"Expected --direction out of {known}, got {direction!r}.")
    if "attributes" in given:
        known = getattr(model.conditions.get("attributes"), "names", ())
        try:
            given["attributes"] = _attributes(given["attributes"], known, len(known))
        except ValueError:  # names, which the model refuses in its own words
            given["attributes"] = [x for x in given["attributes"].split(",") if x]
    names = getattr(model.conditions.get("to"), "names", ())
    if given.get("to", "").isdecimal() and given["to"] not in names:
        given["to"] = int(given["to"])
    seed = given.pop("seed", 0)
    kinds = {name: x for name, x in model.conditions.items() if len(x.shape) == 3}
    examples = {
        name: np.zeros((1, *kinds[name].shape), "float32") if name in kinds else None
        for name in beside
    }
    try:
        model.condition_rows(given | examples, 1)
    except (ValueError, TypeError) as error:
        parser.error(str(error))

    def translate(images, **pixels):
        rows = {
            name: kinds[name].received(name, _sent(x, kinds[name].sent_dtype))
            for name, x in pixels.items()
        }
        scaled = images.astype("float32") / 127.5 - 1
        made = model.translate(scaled, direction, seed=seed, **given, **rows)
        return as_uint8(made)

    channels = model.shape_of(model.directions[direction].source)[-1]
    return _Model(translate, channels, {name: x.shape[-1] for name, x in kinds.items()})


def _sent(pixels, dtype):
    """Bytes as they are, or the 0 and 1 of a mask, white being 1."""
    return pixels if dtype == "uint8" else (pixels >= 128).astype(dtype)


def _exported_model(parser, path, direction, given, beside):
    model = serving.load(path)
    known = model.directions()
    if not known:
        parser.error(f"Expected a model that translates images in {escaped(path)}.")
    if direction not in (None, *known):
        every = ", ".join(known)
        parser.error(f"Expected --direction out of {every}, got {direction!r}.")
    direction = direction or known[0]
    specs = model.specs(direction)
    if "seed" not in specs:
        given.pop("seed", None)  # nothing is drawn
    if unknown := sorted({*given, *beside} - set(specs)):
        inputs = sorted(specs.keys() - {"images"})
        parser.error(
            f"This model takes {' and '.join(inputs) or 'nothing'} besides images, got "
            f"{' and '.join(unknown)}."
        )
    names = model.names(direction)
    try:
        if "attributes" in given:
            count = specs["attributes"].shape[-1]
            known = names.get("attributes", ())
            given["attributes"] = _attributes(given["attributes"], known, count)
        if given.get("to") not in (None, *names.get("to", ())):
            given["to"] = [_domain(given["to"], names.get("to"))]
    except ValueError:
        parser.error(
            "Expected numbers, such as --attributes=1,0,1 or --to=2, or names. This "
            f"model knows {names or 'no names'}."
        )
    needed = {name for name, spec in specs.items() if not spec.optional} - {"images"}
    if missing := sorted(needed - {*given, *beside}):
        parser.error(f"This model needs {' and '.join(missing)} besides images.")
    pictures = {name: x for name, x in specs.items() if len(x.shape) == 4}

    def translate(images, **pixels):
        rows = {name: _sent(x, pictures[name].dtype) for name, x in pixels.items()}
        return model.translate(images, direction, **given, **rows)

    channels = {name: spec.shape[-1] for name, spec in pictures.items()}
    return _Model(translate, channels.pop("images"), channels)


def _attributes(text, names, count):
    """Names, or one row of numbers; ValueError for neither."""
    values = [x for x in text.split(",") if x]
    if set(values) <= set(names):
        return values
    numbers = [float(x) for x in values]
    if len(numbers) != count or not set(numbers) <= {0.0, 1.0}:
        raise ValueError
    return [numbers]


def _domain(text, names):
    """The number of a domain; ValueError for one that is not there."""
    number = int(text)
    if number < 0 or (names is not None and number >= len(names)):
        raise ValueError
    return number


def _translate_all(places, target, translated, overwrite):
    import keras

    bar = keras.utils.Progbar(len(places), unit_name="image")
    left_out, done = {}, 0
    for name, place in places.items():
        try:
            if place.exists() and not overwrite:
                raise FileExistsError("there is one already; see --overwrite")
            _write(place, *translated(name))
            done += 1
        except Exception as error:  # of any kind: the other images do not depend on it
            left_out[name] = error_text(error)
        bar.add(1)
    print(f"{done} of {len(places)} images are in {escaped(target)}.")
    for name, reason in left_out.items():
        print(f"left out: {escaped(name)}: {reason}", file=sys.stderr)
    return int(not done)


def _alpha(file, size):
    """The alpha channel of an image, upright and of that size, or None."""
    with Image.open(file) as image:
        if "A" not in image.getbands() and "transparency" not in image.info:
            return None
        alpha = ImageOps.exif_transpose(image).convert("RGBA").getchannel("A")
    if alpha.size != size:
        alpha = alpha.resize(size, Image.Resampling.BICUBIC)
    return alpha


def _write(path, made, alpha):
    image = Image.fromarray(made[..., 0] if made.shape[-1] == 1 else made)
    if alpha is not None and path.suffix.lower() in _WITH_ALPHA:
        image = image.convert("RGB")
        image.putalpha(alpha)
    options = (
        {"quality": _JPEG_QUALITY} if path.suffix.lower() in (".jpg", ".jpeg") else {}
    )
    with whole(path) as partial:
        image.save(partial, **options)


if __name__ == "__main__":
    sys.exit(main())
