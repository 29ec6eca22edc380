"""Endpoints of a model that turns images into images."""

from typing import Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from gan_zoo.serving import images as wire
from gan_zoo.serving.endpoints import (
    Endpoint,
    Input,
    checked_rows,
    compiled,
    in_pieces,
)

# Rows per pass of a network, as in the models' own `translate`.
PIECE = 16
# Side of an example image where a network takes any size.
EXAMPLE_SIDE = 64


@runtime_checkable
class Translator(Protocol):
    """What `export` asks of a model that turns images into images.

    `directions` is a dict of name to network; a network maps images in [-1, 1]
    (n, h, w, c) to images in [-1, 1].
    """

    directions: dict


def translator_endpoints(model, limit):
    """The endpoints of a `Translator`: two per direction, bytes in and bytes out.

    Args:
        model: the model.
        limit: most images that an endpoint accepts at once.

    Yields:
        `Endpoint`s.
    """
    for name, network in model.directions.items():
        yield from _direction(name, network, limit)


def _direction(name, network, limit):
    source = tuple(network.inputs[0].shape[1:])
    target = tuple(network.outputs[0].shape[1:])
    grey = np.full([1, *(side or EXAMPLE_SIDE for side in source)], 127, "uint8")
    pixels = Input("images", tf.uint8, (None, *source), "images", grey)
    made = tf.TensorSpec((None, *target), tf.uint8)

    def translated(images):
        made = network(wire.from_uint8(images), training=False)
        return wire.to_uint8(tf.cast(made, tf.float32))

    translated = compiled(translated, [pixels])

    def translate(images):
        images = checked_rows(images, (None, *source), limit)
        return {"images": in_pieces(translated, {"images": images}, PIECE, made)}

    def translate_file(encoded):
        image = tf.ensure_shape(wire.decoded(encoded, source[-1]), source)
        return wire.to_png(translated(images=image[None]))[0]

    def translate_files(image_bytes):
        image_bytes = checked_rows(image_bytes, (None,), limit)
        # One at a time: the images of a request may differ in size.
        png = tf.map_fn(translate_file, image_bytes, fn_output_signature=tf.string)
        return {"png_bytes": png}

    yield Endpoint(name, "translated uint8 images", (pixels,), translate)
    if source[-1] in wire.DECODED_CHANNELS and target[-1] in wire.PNG_CHANNELS:
        about = "PNG, JPEG, BMP or GIF files"
        example = wire.to_png(tf.constant(grey)).numpy()
        files = Input("image_bytes", tf.string, (None,), about, example)
        about = "translated images, as PNG files"
        yield Endpoint(f"{name}_png", about, (files,), translate_files)
