"""Two replicas of a model against one device.

`conftest.py` divides the processor into two logical devices, one for each replica.
"""

import functools

import numpy as np
import tensorflow as tf

from gan_zoo.callbacks import RunCheckpoint


@functools.cache
def two_replicas():
    """The strategy of two replicas; a second one would take the first one's keys."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def difference(build, made=None):
    """Largest absolute differences of a model's weights after training both ways.

    Args:
        build: function without arguments to a compiled model and a tf.data set of
            global batches, for one epoch of `fit`. SGD shows a wrong scale of
            gradients, Adam hides it.
        made: what `build` returned already, the model untrained, if it was called.

    Returns:
        Tuple `(gap, moved)`: of all weights between one device and two replicas, and
        of trainable ones before and after training, of the player that moved least: a
        gap says nothing of one that stays where it is.
    """
    model, batches = made or build()
    before = model.get_weights()
    untrained = {player: _values(model, player) for player in model.players}
    model.fit(batches, verbose=0)
    with two_replicas().scope():
        mirrored, _ = build()
    mirrored.set_weights(before)
    mirrored.fit(batches, verbose=0)
    gap = largest(model.get_weights(), mirrored.get_weights())
    moved = [largest(_values(model, p), weights) for p, weights in untrained.items()]
    return gap, min(moved)


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
