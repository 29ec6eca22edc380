"""Schedules of papers, for learning rates and other numbers."""

import math

import keras
from keras import ops

from gan_zoo.checks import check_count


@keras.saving.register_keras_serializable("gan_zoo")
class ConstantThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A constant learning rate, then linear decay to 0.

    rate(step) = learning_rate · clip(1 − (step − constant_steps) / linear_steps, 0, 1),
    and 0 from step constant_steps + linear_steps on.

    Args:
        learning_rate: the constant learning rate.
        constant_steps: number of optimizer steps at this rate, at least 0.
        linear_steps: number of optimizer steps of the linear decay, at least 1.

    Raises:
        ValueError: if a number of steps is too small.

    Example:
        rate = gan_zoo.optimizers.ConstantThenLinear(2e-4, 10_000, 10_000)
        gan.compile(g_optimizer=keras.optimizers.Adam(rate, beta_1=0.5))

    Reference: Zhu et al. 2017, 1703.10593, appendix 7.1.
    """

    def __init__(self, learning_rate, constant_steps, linear_steps):
        super().__init__()
        if constant_steps < 0 or linear_steps < 1:
            raise ValueError(
                "Expected constant_steps of at least 0 and linear_steps of at least 1, "
                f"got {constant_steps!r} and {linear_steps!r}."
            )
        self.learning_rate = learning_rate
        self.constant_steps = constant_steps
        self.linear_steps = linear_steps

    def __call__(self, step):
        """The learning rate at an optimizer step, counted from 0."""
        # The subtraction is in integers, since float32 is not exact beyond 2^24.
        past = ops.cast(step - self.constant_steps, "float32")
        return self.learning_rate * ops.clip(1.0 - past / self.linear_steps, 0.0, 1.0)

    def get_config(self):
        """Arguments of the schedule."""
        return {
            "learning_rate": self.learning_rate,
            "constant_steps": self.constant_steps,
            "linear_steps": self.linear_steps,
        }


@keras.saving.register_keras_serializable("gan_zoo")
class Cosine(keras.optimizers.schedules.LearningRateSchedule):
    """From one value to another along half a cosine, then constant.

    value(step) = final + (initial − final) · ½ (1 + cos(π · min(step / steps, 1)))

    Not only for learning rates: R3GAN takes it for β2 of Adam and for its penalties.

    Args:
        initial: value at step 0.
        final: value from step `steps` on; it may be the larger one.
        steps: number of steps, at least 1.

    Raises:
        ValueError: for less than one step.

    Example:
        rate = gan_zoo.optimizers.Cosine(2e-4, 5e-5, 40_000)

    Reference: Loshchilov & Hutter 2016, SGDR, 1608.03983, equation 5, one period.
    """

    def __init__(self, initial, final, steps):
        super().__init__()
        check_count("steps", steps)
        self.initial = initial
        self.final = final
        self.steps = steps

    def __call__(self, step):
        """The value at a step, counted from 0."""
        share = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        left = 0.5 * (1.0 + ops.cos(math.pi * share))
        return self.final + (self.initial - self.final) * left

    def get_config(self):
        """Arguments of the schedule."""
        return {"initial": self.initial, "final": self.final, "steps": self.steps}
