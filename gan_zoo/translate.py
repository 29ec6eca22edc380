r"""Translates image files: `python -m gan_zoo.translate MODEL INPUT OUTPUT`.

    python -m gan_zoo.translate runs/cyclegan_emoji photos drawings
    python -m gan_zoo.translate model.keras faces smiling --attributes=smiling,young
    python -m gan_zoo.translate serving/pix2pix/1 labels.png out --direction=a_to_b

MODEL is a run folder, an exported model, or a `.keras` file. INPUT is a folder of
images, with its sub-folders, or one image. Each image is written to OUTPUT under its
own name. Files that cannot be read or translated are named and left out.

Images may have any size that the model takes, and are never resized. They are turned
upright by their EXIF orientation. The alpha channel of an image is kept where the file
format has one. Grey and coloured images become what the model takes.
"""

import argparse
import os
import pathlib
import sys

from PIL import Image, ImageOps

from gan_zoo import serving
from gan_zoo.callbacks.sample_grid import as_uint8
from gan_zoo.data import images
from gan_zoo.data.files_below import error_text, escaped, list_files
from gan_zoo.files import whole
from gan_zoo.metrics.model_sources import model_path

# Formats that hold an alpha channel, by the suffix of the file.
_WITH_ALPHA = frozenset((".png", ".webp", ".tif", ".tiff", ".avif", ".jp2", ".tga"))
_JPEG_QUALITY = 95


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
    parser.add_argument("output", help="folder to write to")
    parser.add_argument("--direction", help="such as b_to_a; the first by default")
    parser.add_argument(
        "--attributes",
        help="what the results should have: names separated by commas, or for an "
        "exported model 0 or 1 for each",
    )
    parser.add_argument("--to", help="name of the target domain, or its number")
    parser.add_argument("--seed", type=int, help="seed of models that draw noise")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files of the output folder"
    )
    chosen = parser.parse_args(arguments)
    source, target = pathlib.Path(chosen.input), pathlib.Path(chosen.output)
    files, root = _files(parser, source)
    if target.is_file():
        parser.error(f"Expected a folder to write to, got a file: {escaped(target)}")
    if os.path.realpath(target) == os.path.realpath(root):
        parser.error("Expected another output folder than that of the input.")
    translate = _translator(parser, chosen)
    return _translate_all(files, root, target, translate, chosen.overwrite)


def _files(parser, source):
    """The image files to translate, and the folder that their names begin at."""
    if source.is_file():
        return [source], source.parent
    if not source.is_dir():
        parser.error(f"Expected a folder or an image, got nothing: {escaped(source)}")
    found = list_files(source)
    for folder, reason in found.unlisted.items():
        print(f"left out: {escaped(folder)}: {reason}", file=sys.stderr)
    if not found.images:
        parser.error(f"Expected images in {escaped(source)}, got none.")
    return found.images, source


def _translator(parser, chosen):
    """A function of uint8 images (1, h, w, 3) to uint8 images, and their channels."""
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
    if found.suffix == ".keras":
        return _keras_translator(parser, found, chosen.direction, given)
    return _exported_translator(parser, found, chosen.direction, given)


def _keras_translator(parser, path, direction, given):
    import keras

    import gan_zoo  # noqa: F401, whose classes the file names

    model = keras.models.load_model(path)
    if not hasattr(model, "directions"):
        parser.error(
            f"Expected a model that translates images, got {type(model).__name__}."
        )
    direction = direction or next(iter(model.directions))
    if direction not in model.directions:
        known = ", ".join(model.directions)
        parser.error(f"Expected --direction out of {known}, got {direction!r}.")
    if "attributes" in given:
        given["attributes"] = [x for x in given["attributes"].split(",") if x]
    names = getattr(model.conditions.get("to"), "names", ())
    if given.get("to", "").isdecimal() and given["to"] not in names:
        given["to"] = int(given["to"])
    seed = given.pop("seed", 0)
    try:
        model.condition_rows(given, 1)
    except (ValueError, TypeError) as error:
        parser.error(str(error))
    channels = model.shape_of(model.directions[direction].source)[-1]

    def translate(pixels):
        scaled = pixels.astype("float32") / 127.5 - 1
        return as_uint8(model.translate(scaled, direction, seed=seed, **given))

    return translate, channels


def _exported_translator(parser, path, direction, given):
    model = serving.load(path)
    known = model.directions()
    if not known:
        parser.error(f"Expected a model that translates images in {escaped(path)}.")
    if direction not in (None, *known):
        every = ", ".join(known)
        parser.error(f"Expected --direction out of {every}, got {direction!r}.")
    direction = direction or known[0]
    specs = model.specs(direction)
    if unknown := sorted(set(given) - set(specs)):
        inputs = sorted(specs.keys() - {"images"})
        parser.error(
            f"This model takes {' and '.join(inputs) or 'nothing'} besides images, got "
            f"{' and '.join(unknown)}."
        )
    names = model.names(direction)
    try:
        if "attributes" in given:
            values = [x for x in given["attributes"].split(",") if x]
            known = set(values) <= set(names.get("attributes", ()))
            given["attributes"] = values if known else [[float(x) for x in values]]
        if given.get("to") not in (None, *names.get("to", ())):
            given["to"] = [int(given["to"])]
    except ValueError:
        parser.error(
            "Expected numbers, such as --attributes=1,0,1 or --to=2, or names. This "
            f"model knows {names or 'no names'}."
        )
    needed = {name for name, spec in specs.items() if not spec.optional} - {"images"}
    if missing := sorted(needed - set(given)):
        parser.error(f"This model needs {' and '.join(missing)} besides images.")

    def translate(pixels):
        return model.translate(pixels, direction, **given)

    return translate, specs["images"].shape[-1]


def _translate_all(files, root, target, translator, overwrite):
    import keras

    translate, channels = translator
    bar = keras.utils.Progbar(len(files), unit_name="image")
    left_out, done = {}, 0
    for file in files:
        name = file.relative_to(root)
        try:
            if (target / name).exists() and not overwrite:
                raise FileExistsError("there is one already; see --overwrite")
            _write(target / name, *_translated(file, translate, channels))
            done += 1
        except Exception as error:  # of any kind: the other images do not depend on it
            left_out[name] = error_text(error)
        bar.add(1)
    print(f"{done} of {len(files)} images are in {escaped(target)}.")
    for name, reason in left_out.items():
        print(f"left out: {escaped(name)}: {reason}", file=sys.stderr)
    return int(not done)


def _translated(file, translate, channels):
    """The translation of a file as an array, and its alpha channel or None."""
    pixels = images.pixels(images.read(file), channels)[None]
    made = translate(pixels)[0]
    alpha = _alpha(file)
    if alpha is not None and alpha.size != made.shape[1::-1]:
        alpha = alpha.resize(made.shape[1::-1], Image.Resampling.BICUBIC)
    return made, alpha


def _alpha(file):
    """The alpha channel of an image, upright, or None."""
    with Image.open(file) as image:
        if "A" not in image.getbands() and "transparency" not in image.info:
            return None
        return ImageOps.exif_transpose(image).convert("RGBA").getchannel("A")


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
