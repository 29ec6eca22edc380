"""Endpoints of a model that makes images from noise."""

from typing import Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.serving import images
from gan_zoo.serving.endpoints import (
    Endpoint,
    Input,
    checked_codes,
    checked_count,
    checked_labels,
    checked_rows,
    compiled,
    in_pieces,
)

# Rows per pass of the network, as in the models' own `generate`: other batches could
# round their sums in another order.
PIECE = 100


@runtime_checkable
class Sampler(Protocol):
    """What `export` asks of a model that makes images from noise.

    Two attributes are optional: `controls`, a dict of further scalar arguments of
    `sample` and their defaults; and `conditions`, a dict of arguments that have a row
    per image, each with `num_classes` (labels below it) or with `size` (codes).
    """

    latent_dim: int
    image_shape: tuple

    def latents(self, count):
        """Noise (count, latent_dim); an open draw scope gives the seed."""

    def sample(self, z):
        """Float32 images in [-1, 1] of latents (n, latent_dim)."""


def sampler_endpoints(model, limit):
    """The endpoints of a `Sampler`.

    Args:
        model: the model.
        limit: largest n, and most rows of z, that an endpoint accepts.

    Yields:
        `Endpoint`s, `serving_default` first.
    """
    z, n, conditions, seed, controls = _inputs(model, limit)
    network = compiled(model.sample, [z, *conditions])
    every = [z, *conditions, *controls]
    steered = compiled(model.sample, every) if controls else network

    def rows_of(count, given):
        """What a request gives besides z or n: conditions, checked, and controls."""
        rows = {
            i.name: _checked(model.conditions[i.name], given.pop(i.name), count)
            for i in conditions
        }
        return rows, given

    def serving_default(z, **given):
        z = checked_rows(z, (None, model.latent_dim), limit)
        rows, _ = rows_of(tf.shape(z)[0], given)
        return {"images": network(z=z, **rows)}

    def sample(z, **given):
        z = checked_rows(z, (None, model.latent_dim), limit)
        rows, scalars = rows_of(tf.shape(z)[0], given)
        return {"images": steered(z=z, **rows, **scalars)}

    pictures = len(model.image_shape) == 3
    made = tf.TensorSpec(
        (None, *model.image_shape), tf.uint8 if pictures else tf.float32
    )

    def drawn(n, seed, **given):
        n = checked_count(n, limit)
        rows, scalars = rows_of(n, given)
        with backend.draws((seed, 0)):
            rows["z"] = model.latents(n)

        def piece(**rows):
            samples = steered(**rows, **scalars)
            return images.to_uint8(samples) if pictures else samples

        return in_pieces(piece, rows, PIECE, made)

    def generate(**given):
        return {"images": drawn(**given)}

    def generate_png(**given):
        return {"png_bytes": images.to_png(drawn(**given))}

    given, asked = (z, *conditions), (n, *conditions, seed, *controls)
    about = "float32 images in [-1, 1] of given latents"
    yield Endpoint("serving_default", about, given, serving_default)
    if controls:
        about = "as serving_default, with the model's controls"
        yield Endpoint("sample", about, (*given, *controls), sample)
    about = "n new uint8 images" if pictures else "n new float32 vectors"
    yield Endpoint("generate", about, asked, generate)
    if pictures and model.image_shape[-1] in images.PNG_CHANNELS:
        about = "the images of generate, as PNG files"
        yield Endpoint("generate_png", about, asked, generate_png)


def _inputs(model, limit):
    dim = model.latent_dim
    z = Input("z", tf.float32, (None, dim), "latents", np.zeros((1, dim), "float32"))
    n = Input("n", tf.int32, (), f"number of images, from 0 to {limit}", 1)
    conditions = [
        _input_of(name, condition)
        for name, condition in (getattr(model, "conditions", None) or {}).items()
    ]
    seed = Input("seed", tf.int64, (), "the same seed, the same images", 0, default=0)
    controls = getattr(model, "controls", None) or {}
    controls = [
        Input(name, tf.float32, (), f"the model's {name}", value, default=value)
        for name, value in controls.items()
    ]
    return z, n, conditions, seed, controls


def _input_of(name, condition):
    if hasattr(condition, "num_classes"):
        about = f"class of each image, below {condition.num_classes}"
        return Input(name, tf.int32, (None,), about, np.zeros(1, "int32"))
    size = condition.size
    about = f"{size} codes of each image, drawn from [-1, 1] in training"
    return Input(name, tf.float32, (None, size), about, np.zeros((1, size), "float32"))


def _checked(condition, value, count):
    if hasattr(condition, "num_classes"):
        return checked_labels(value, count, condition.num_classes)
    return checked_codes(value, count, condition.size)
