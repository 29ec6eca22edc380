"""Endpoints of a model that makes images from noise."""

from typing import Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.serving import images as wire
from gan_zoo.serving.endpoints import (
    Argument,
    Endpoint,
    checked_count,
    checked_rows,
    compiled,
    condition_argument,
    condition_rows,
    in_pieces,
    network_argument,
)

# Rows per pass of the network, as in the models' own `generate`: other batches could
# round their sums in another order.
PIECE = 100


@runtime_checkable
class Sampler(Protocol):
    """What `export` asks of a model that makes images from noise.

    Two attributes are optional: `controls`, a dict of further scalar arguments of
    `sample` and their defaults; and `conditions`, a dict of arguments that have a row
    per image, name to `inputs.Input`.
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
    kinds = dict(getattr(model, "conditions", None) or {})
    z, n, seed, controls = _arguments(model, limit)
    network_inputs = [z, *(network_argument(*pair) for pair in kinds.items())]
    network = compiled(model.sample, network_inputs)
    steered = network
    if controls:
        steered = compiled(model.sample, [*network_inputs, *controls])

    def rows_of(count, given, drawn):
        """Rows of the conditions, and what else a request gives: controls."""
        rows = {
            name: condition_rows(
                name, kind, given.pop(name), count, drawn.get(name, None)
            )
            for name, kind in kinds.items()
        }
        return rows, given

    def serving_default(z, **given):
        z = checked_rows(z, (None, model.latent_dim), limit)
        rows, _ = rows_of(tf.shape(z)[0], given, {})
        return {"images": network(z=z, **rows)}

    def sample(z, **given):
        z = checked_rows(z, (None, model.latent_dim), limit)
        rows, scalars = rows_of(tf.shape(z)[0], given, {})
        return {"images": steered(z=z, **rows, **scalars)}

    pictures = len(model.image_shape) == 3
    made = tf.TensorSpec(
        (None, *model.image_shape), tf.uint8 if pictures else tf.float32
    )

    def samples(n, seed, **given):
        n = checked_count(n, limit)
        # In the order of the model's own `generate`, to draw the same.
        with backend.draws((seed, 0)):
            z = model.latents(n)
            drawn = {name: k.draw(n) for name, k in kinds.items() if k.can_draw}
        rows, scalars = rows_of(n, given, drawn)

        def piece(**rows):
            images = steered(**rows, **scalars)
            return wire.to_uint8(images) if pictures else images

        return in_pieces(piece, {"z": z} | rows, PIECE, made)

    def generate(**given):
        return {"images": samples(**given)}

    def generate_png(**given):
        return {"png_bytes": wire.to_png(samples(**given))}

    needed = [condition_argument(*pair) for pair in kinds.items()]
    given = (z, *needed)
    about = "float32 images in [-1, 1] of given latents"
    yield Endpoint("serving_default", about, given, serving_default)
    if controls:
        about = "as serving_default, with the model's controls"
        yield Endpoint("sample", about, (*given, *controls), sample)
    optional = [
        condition_argument(name, kind, optional=kind.can_draw)
        for name, kind in kinds.items()
    ]
    asked = (n, *optional, seed, *controls)
    about = "n new uint8 images" if pictures else "n new float32 vectors"
    yield Endpoint("generate", about, asked, generate)
    if pictures and model.image_shape[-1] in wire.PNG_CHANNELS:
        about = "the images of generate, as PNG files"
        yield Endpoint("generate_png", about, asked, generate_png)


def _arguments(model, limit):
    dim = model.latent_dim
    z = Argument("z", tf.float32, (None, dim), "latents", np.zeros((1, dim), "float32"))
    n = Argument("n", tf.int32, (), f"number of images, from 0 to {limit}", 1)
    about = "the same seed, the same images"
    seed = Argument("seed", tf.int64, (), about, 0, default=0)
    controls = getattr(model, "controls", None) or {}
    controls = [
        Argument(name, tf.float32, (), f"the model's {name}", value, default=value)
        for name, value in controls.items()
    ]
    return z, n, seed, controls
