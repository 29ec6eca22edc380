"""Two replicas of a model against one device.

`conftest.py` divides the processor into two logical devices, one for each replica.
"""

import functools
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo.callbacks import RunCheckpoint


@functools.cache
def two_replicas():
    """The strategy of two replicas; a second one would take the first one's keys."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


class Difference(NamedTuple):
    """How weights differ between one device and two replicas.

    `gap`: the largest absolute difference of two numbers.
    `relative`: the largest ‖a − b‖ / ‖a − untrained‖ of a weight. Weights that moved
        by less than 0.01 count as moved by 0.01: mathematics may keep them where they
        are, such as a bias before batch norm, and what remains is rounding.
    `moved`: the largest movement of a number, of the player that moved least. A gap
        says nothing of a player that stays where it is.
    """

    gap: float
    relative: float
    moved: float

    def check(self):
        """The two agree: to 1e-5, and to a thousandth of what training moved."""
        assert self.gap < 1e-5
        assert self.relative < 1e-3
        assert self.moved > 1e-3


def difference(build, made=None):
    """Trains a model on one device and on two replicas, and compares the weights.

    Args:
        build: function without arguments to a compiled model and a tf.data set of
            global batches, for one epoch of `fit`. SGD shows a wrong scale of
            gradients, Adam hides it.
        made: what `build` returned already, the model untrained, if it was called.

    Returns:
        `Difference`.
    """
    model, batches = made or build()
    before = model.get_weights()
    untrained = {player: _values(model, player) for player in model.players}
    model.fit(batches, verbose=0)
    with two_replicas().scope():
        mirrored, _ = build()
    mirrored.set_weights(before)
    mirrored.fit(batches, verbose=0)
    alone, spread = model.get_weights(), mirrored.get_weights()
    relative = [
        np.linalg.norm(a - b) / max(np.linalg.norm(a - old), 1e-2)
        for old, a, b in zip(before, alone, spread, strict=True)
    ]
    moved = [largest(_values(model, p), weights) for p, weights in untrained.items()]
    return Difference(largest(alone, spread), float(max(relative)), min(moved))


def reloads(build, folder):
    """Largest difference of weights trained by two replicas and loaded on one device.

    Args:
        build: as for `difference`.
        folder: where the checkpoint is written.
    """
    with two_replicas().scope():
        mirrored, batches = build()
    mirrored.fit(batches, verbose=0)
    keeper = RunCheckpoint(folder, steps_per_epoch=1)
    keeper.set_model(mirrored)
    keeper.save()
    model, _ = build()
    keeper.restore(model)
    return largest(model.get_weights(), mirrored.get_weights())


def largest(weights, others):
    """The largest difference of two lists of arrays."""
    return max(
        float(np.max(np.abs(a - b))) for a, b in zip(weights, others, strict=True)
    )


def _values(model, player):
    return [v.numpy() for v in model.variables_of(player)]
