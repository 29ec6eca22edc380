"""Steps of optimizers in one kernel."""

import keras
import tensorflow as tf


def adam_step(variable, moments, gradient, rate, powers, betas, epsilon):
    """One step of Adam, which changes a variable and its two moments in place.

    m ← m + (1 − β1) (g − m),  v ← v + (1 − β2) (g² − v)
    variable ← variable − rate · √(1 − β2ᵗ) / (1 − β1ᵗ) · m / (√v + ε)

    Keras takes some ten operations, each of which reads and writes all values.

    Args:
        variable: what moves, a Keras or a TensorFlow variable.
        moments: the variables m and v of its shape.
        gradient: g, a tensor of its shape, or slices of one.
        rate: learning rate.
        powers: β1ᵗ and β2ᵗ at step t, counted from 1.
        betas: β1 and β2.
        epsilon: ε.
    """
    variable, mean, square = (_tf_variable(v) for v in (variable, *moments))

    def number(value):
        return tf.cast(value, variable.dtype)

    tf.raw_ops.ResourceApplyAdam(
        # Under a strategy, a handle is that of the replica that is being updated.
        var=variable.handle,
        m=mean.handle,
        v=square.handle,
        beta1_power=number(powers[0]),
        beta2_power=number(powers[1]),
        lr=number(rate),
        beta1=number(betas[0]),
        beta2=number(betas[1]),
        epsilon=number(epsilon),
        grad=number(tf.convert_to_tensor(gradient)),
    )


def _tf_variable(variable):
    return variable.value if isinstance(variable, keras.Variable) else variable
