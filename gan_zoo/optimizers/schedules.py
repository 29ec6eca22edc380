"""Learning rates that follow the step, for papers that change them in training."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gan_zoo")
class ConstantThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A constant learning rate, then a straight line down to 0.

    rate(step) = learning_rate · clip(1 − (step − constant_steps) / linear_steps, 0, 1),
    and 0 from step constant_steps + linear_steps on.

    Args:
        learning_rate: the constant rate.
        constant_steps: optimizer steps at that rate, at least 0.
        linear_steps: optimizer steps from there to 0, at least 1.

    Raises:
        ValueError: when a number of steps is too small.

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
        # Counted in whole numbers: float32 cannot tell steps beyond 2^24 apart.
        past = ops.cast(step - self.constant_steps, "float32")
        return self.learning_rate * ops.clip(1.0 - past / self.linear_steps, 0.0, 1.0)

    def get_config(self):
        """Arguments of the schedule."""
        return {
            "learning_rate": self.learning_rate,
            "constant_steps": self.constant_steps,
            "linear_steps": self.linear_steps,
        }
