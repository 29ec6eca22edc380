"""Optimizer steps on TensorFlow: tapes, loss scaling, steps that are undone."""

import contextlib

import keras
import tensorflow as tf

from gan_zoo.backend.tensorflow.primitives import replicas


def update(objective, variables, optimizer):
    """One optimizer step: differentiate a loss for one player and apply it.

    Only `variables` are watched, so the other players cost no memory and cannot move.
    Keras optimizers sum gradients over replicas, hence the division by their number;
    under `mixed_float16` the optimizer's loss scale is applied as well.

    Args:
        objective: callable without arguments that returns `(loss, aux)`: the scalar
            mean loss over this replica's rows, and any structure to hand back.
        variables: the player's trainable Keras variables.
        optimizer: a built Keras optimizer.

    Returns:
        `aux` as the objective returned it.

    Raises:
        ValueError: for a loss of several numbers, whose sum would be what is minimised.
    """
    gradients, aux = _gradients(objective, variables, optimizer)
    optimizer.apply(_usable_everywhere(gradients, optimizer), variables)
    return aux


def update_when(due, objective, otherwise, variables, optimizer):
    """As `update` where a condition is true; else nothing moves.

    The gradient is computed only where the condition is true. The optimizer is always
    applied, see `undone_unless`, and the old values are put back where it is false.
    Variables that the objective does not depend on have the gradient 0.

    Args:
        due: scalar bool tensor, the same on every replica.
        objective: as for `update`. It may not exchange anything with other replicas.
        otherwise: what is returned where the condition is false: numbers in the
            structure of `aux`.
        variables: as for `update`.
        optimizer: as for `update`.

    Returns:
        `aux` as the objective returned it, or `otherwise`.
    """
    values = [v.value for v in variables]

    def taken():
        gradients, aux = _gradients(objective, variables, optimizer)
        dense = [
            tf.zeros_like(v) if g is None else tf.convert_to_tensor(g)
            for g, v in zip(gradients, values, strict=True)
        ]
        return dense, aux

    def skipped():
        other = tf.nest.map_structure(tf.convert_to_tensor, otherwise)
        return [tf.zeros_like(v) for v in values], other

    gradients, aux = tf.cond(due, taken, skipped)
    with undone_unless(due, [*variables, *optimizer.variables]):
        optimizer.apply(_usable_everywhere(gradients, optimizer), variables)
    return aux


def _gradients(objective, variables, optimizer):
    """Gradients of this replica's part of the loss, and what the objective adds."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([v.value for v in variables])
        loss, aux = objective()
        if loss.shape.rank:
            raise ValueError(
                f"Expected a loss that is one number, got shape {tuple(loss.shape)}. "
                "Take the mean over the batch where it is made, with ops.mean(...)."
            )
        scaled = optimizer.scale_loss(loss / replicas())
    return tape.gradient(scaled, [v.value for v in variables]), aux


def _usable_everywhere(gradients, optimizer):
    """The gradients; NaN on all replicas if a scaled loss overflowed on one."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return _overflow_everywhere(gradients)
    return gradients


def _overflow_everywhere(gradients):
    """Turns all gradients to NaN on every replica when those of any replica overflow.

    Keras looks at the first replica's own gradients only before it decides to skip a
    step whose loss scale was too large.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return gradients
    finite = [tf.reduce_all(tf.math.is_finite(g)) for g in gradients if g is not None]
    overflow = tf.cast(tf.logical_not(tf.reduce_all(finite)), tf.float32)
    anywhere = context.all_reduce(tf.distribute.ReduceOp.SUM, overflow) > 0
    return [
        g if g is None else tf.where(anywhere, tf.constant(float("nan"), g.dtype), g)
        for g in gradients
    ]


def _tensorflow_variables(variables):
    """Those of Keras variables; what is one of TensorFlow already stays."""
    return [v.value if isinstance(v, keras.Variable) else v for v in variables]


def assign_all(targets, values):
    """Assigns to variables from inside a step, also under a strategy.

    Args:
        targets: variables of Keras or of TensorFlow.
        values: tensors, the same on every replica.
    """
    context = tf.distribute.get_replica_context()
    targets = _tensorflow_variables(targets)
    if context is None or context.num_replicas_in_sync == 1:
        for target, value in zip(targets, values, strict=True):
            target.assign(value)
        return

    def in_cross_replica(strategy, targets, values):
        for target, value in zip(targets, values, strict=True):
            strategy.extended.update(
                target, lambda t, v: t.assign(v), args=(value,), group=True
            )

    context.merge_call(in_cross_replica, args=(targets, list(values)))


@contextlib.contextmanager
def undone_unless(condition, variables):
    """Restores variables after a block if a condition is false.

    An optimizer cannot be applied inside a conditional branch under a strategy; this
    applies it always and puts the old values back where the condition is false.

    Args:
        condition: scalar bool tensor, the same on every replica.
        variables: variables of Keras or of TensorFlow that the block changes, slots of
            optimizers included.
    """
    variables = _tensorflow_variables(variables)
    before = [tf.identity(v) for v in variables]
    yield
    assign_all(
        variables,
        [tf.where(condition, v, old) for v, old in zip(variables, before, strict=True)],
    )
