"""Endpoints of a model that reads images: their codes, their classes."""

from typing import Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from gan_zoo.inputs.image import from_bytes
from gan_zoo.serving import images as wire
from gan_zoo.serving.endpoints import (
    Argument,
    Endpoint,
    checked_rows,
    compiled,
    in_pieces,
)

# Rows per pass of a network, as in the models' own `encode` and `predict_classes`.
PIECE = 100


@runtime_checkable
class Reader(Protocol):
    """What `export` asks of a model that reads images.

    `readings` is a dict of endpoint name to (output name, function); a function maps
    images in [-1, 1] (n, *image_shape) to float32 (n, ...). The output "images" is sent
    as bytes.
    """

    image_shape: tuple
    readings: dict


def reader_endpoints(model, limit):
    """The endpoints of a `Reader`: one per reading, bytes in.

    Args:
        model: the model.
        limit: most images that an endpoint accepts at once.

    Yields:
        `Endpoint`s.
    """
    for name, (output, read) in model.readings.items():
        yield _reading(name, output, read, tuple(model.image_shape), limit)


def _reading(name, output, read, shape, limit):
    pictures = len(shape) == 3
    dtype = tf.uint8 if pictures else tf.float32
    example = np.full((1, *shape), 127 if pictures else 0, dtype.as_numpy_dtype)
    given = Argument("images", dtype, (None, *shape), "images", example)

    def read_bytes(images):
        result = read(from_bytes(images) if pictures else images)
        as_bytes = output == "images" and pictures
        return wire.to_uint8(result) if as_bytes else tf.cast(result, tf.float32)

    compiled_read = compiled(read_bytes, [given])
    made = compiled_read.get_concrete_function().structured_outputs
    made = tf.TensorSpec((None, *made.shape[1:]), made.dtype)

    def reading(images):
        images = checked_rows(images, (None, *shape), limit)
        return {output: in_pieces(compiled_read, {"images": images}, PIECE, made)}

    return Endpoint(name, f"{output} of images", (given,), reading)
