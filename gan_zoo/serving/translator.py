"""Endpoints of a model that turns images into images."""

import functools
from typing import Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.inputs.image import from_bytes
from gan_zoo.serving import images as wire
from gan_zoo.serving.endpoints import (
    Argument,
    Endpoint,
    checked_rows,
    compiled,
    condition_argument,
    condition_rows,
    in_pieces,
    network_argument,
)

# Rows per pass of a network, as in the models' own `translate`.
PIECE = 16
# Side of an example image where a network takes any size.
EXAMPLE_SIDE = 64


@runtime_checkable
class Translator(Protocol):
    """What `export` asks of a model that turns images into images.

    `directions` is a dict of name to an object with the domains `source` and `target`,
    and `conditions` a dict of name to `inputs.Input` of what else a translation takes.
    """

    directions: dict
    conditions: dict

    def shape_of(self, domain):
        """Shape of a domain's images, sides None where any size will do."""

    def translated(self, images, direction, **conditions):
        """Float32 images in [-1, 1] of images (n, h, w, c) in [-1, 1]."""


def translator_endpoints(model, limit):
    """The endpoints of a `Translator`: two per direction, bytes in and bytes out.

    They take a `seed` where networks draw while they translate, such as pix2pix's.

    Args:
        model: the model.
        limit: most images that an endpoint accepts at once.

    Yields:
        `Endpoint`s.
    """
    for name in model.directions:
        yield from _direction(model, name, limit)


def _direction(model, name, limit):
    direction, kinds = model.directions[name], model.conditions
    source = tuple(model.shape_of(direction.source))
    target = tuple(model.shape_of(direction.target))
    grey = np.full([1, *(side or EXAMPLE_SIDE for side in source)], 127, "uint8")
    pixels = Argument("images", tf.uint8, (None, *source), "images", grey)
    made = tf.TensorSpec((None, *target), tf.uint8)

    def translated(images, seed=0, **rows):
        with backend.draws(backend.fold_in((0, 0), seed)) as noise:
            images = model.translated(from_bytes(images), name, **rows)
            drawn.append(noise.sites > 0)
        return wire.to_uint8(images)

    drawn = []
    network_inputs = [pixels, *(network_argument(*pair) for pair in kinds.items())]
    network = compiled(translated, network_inputs)
    network.get_concrete_function()  # which shows whether anything is drawn
    seed = Argument("seed", tf.int64, (), "the same seed, the same images", 0, 0)
    scalars = [seed] if any(drawn) else []
    if scalars:
        network = compiled(translated, [*network_inputs, *scalars])

    def scalars_of(given):
        return {scalar.name: given[scalar.name] for scalar in scalars}

    def rows_of(count, given):
        return {
            key: condition_rows(key, kind, given[key], count)
            for key, kind in kinds.items()
        }

    def translate(images, **given):
        images = checked_rows(images, (None, *source), limit)
        rows = {"images": images} | rows_of(tf.shape(images)[0], given)
        piece = functools.partial(network, **scalars_of(given))
        return {"images": in_pieces(piece, rows, PIECE, made)}

    def translate_files(image_bytes, **given):
        image_bytes = checked_rows(image_bytes, (None,), limit)
        rows = rows_of(tf.shape(image_bytes)[0], given)

        def translate_file(row):
            encoded, rows = row
            image = tf.ensure_shape(wire.decoded(encoded, source[-1]), source)
            rows = {key: value[None] for key, value in rows.items()}
            rows |= scalars_of(given)
            return wire.to_png(network(images=image[None], **rows))[0]

        # One at a time: the images of a request may differ in size.
        png = tf.map_fn(
            translate_file, (image_bytes, rows), fn_output_signature=tf.string
        )
        return {"png_bytes": png}

    arguments = [condition_argument(*pair) for pair in kinds.items()] + scalars
    yield Endpoint(name, "translated uint8 images", (pixels, *arguments), translate)
    if source[-1] in wire.DECODED_CHANNELS and target[-1] in wire.PNG_CHANNELS:
        about = "PNG, JPEG, BMP or GIF files"
        example = wire.to_png(tf.constant(grey)).numpy()
        files = Argument("image_bytes", tf.string, (None,), about, example)
        about = "translated images, as PNG files"
        yield Endpoint(f"{name}_png", about, (files, *arguments), translate_files)
