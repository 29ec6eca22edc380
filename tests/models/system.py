"""What a test file says of its system, and the data that any system takes."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from small_networks import small_discriminator, small_generator

from gan_zoo import backend, optimizers
from gan_zoo.inputs import Image

SHAPE = (8, 8, 1)


def generated(model):
    """Two images of a model that generates them."""
    return model.generate(2)


def translated_images(model):
    """Two translations of a model that turns images into images."""
    source = next(iter(model.directions.values())).source
    images = rows_of(model.image_of(source), 2)
    return model.translate(images, **conditions_for(model, 2))


@dataclasses.dataclass(frozen=True)
class System:
    """A system of the zoo, as the tests of all systems see it.

    Args:
        tiny: function without arguments to an uncompiled model of few weights.
        settings: the arguments that the class takes when nothing is said; None for a
            variation of a system that the same file names.
        optimizers: the paper's, dict of player to (class, settings); None likewise.
        rate: learning rate of SGD, or one per player, with which each player moves in
            12 steps and rounding does not grow.
        rows: rows of a batch where four would magnify rounding too much.
        spreads: as `tiny`, for the comparison of replicas, where that needs another.
        made: function of a model to images that it makes.
        of_latents: whether its exported model makes images of latents.
    """

    tiny: Callable
    settings: dict | None = None
    optimizers: dict | None = None
    rate: Any = 0.02
    rows: int = 4
    spreads: Callable | None = None
    made: Callable = generated
    of_latents: bool = True


# The papers' optimizers, with every number that a test compares.


def adam(learning_rate, beta_1, beta_2=0.999, epsilon=1e-7):
    return optimizers.Adam, {
        "learning_rate": learning_rate,
        "beta_1": beta_1,
        "beta_2": beta_2,
        "epsilon": epsilon,
    }


def rmsprop(learning_rate, rho, epsilon):
    return keras.optimizers.RMSprop, {
        "learning_rate": learning_rate,
        "rho": rho,
        "momentum": 0.0,
        "epsilon": epsilon,
    }


def pytorch_rmsprop(learning_rate):
    # PyTorch's ε of 1e-8, which Keras has under the root.
    return rmsprop(learning_rate, rho=0.99, epsilon=1e-16)


def both(optimizer):
    return {"d": optimizer, "g": optimizer}


# Data.


def small_networks():
    """Networks for systems that differ from others in the objective alone."""
    return {
        "generator": small_generator(SHAPE, 5),
        "discriminator": small_discriminator(SHAPE, 8),
    }


def rows_of(kind, count, place=0):
    """Rows of an input, drawn at random, in the form that a data set holds.

    Args:
        kind: `gan_zoo.inputs.Input`.
        count: number of rows.
        place: of several inputs of a kind, which one: each has rows of its own.
    """
    if kind.can_draw:
        with backend.draws((place, 1)):
            return keras.ops.convert_to_numpy(kind.draw(count))
    if kind.sent_dtype == "string":
        numbers = np.random.default_rng(place).integers(
            0, len(kind.words) + 2, (count, *kind.shape)
        )
        return np.array(kind.sentences(numbers))
    shape = (count, *(side or 8 for side in kind.shape))
    return tf.random.stateless_uniform(shape, (place, 1), -1, 1).numpy()


# What systems of images of that shape take.
IMAGES = rows_of(Image(SHAPE), 240)


def arrays_for(batch, count):
    """Arrays of whatever a batch holds, in its structure.

    Args:
        batch: `gan_zoo.inputs.Batch`, such as `model.batch`.
        count: number of rows.
    """
    inputs = enumerate(batch.inputs)
    return batch.packed([rows_of(kind, count, place) for place, kind in inputs])


def data_for(model, rows=4, steps=4):
    """A data set of batches that the model is fitted to in so many steps."""
    arrays = arrays_for(model.batch, rows * steps * model.batches_per_step)
    data = tf.data.Dataset.from_tensor_slices(arrays)
    return data.batch(rows, drop_remainder=True)


def conditions_for(model, count):
    """One row per image of whatever the model can be asked for."""
    return {name: rows_of(kind, count) for name, kind in model.conditions.items()}
