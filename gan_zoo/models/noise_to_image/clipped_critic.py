"""What the papers that clip their critic's weights share: clipping and a head start."""

import contextlib

from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.checks import check_count, is_number


class ClippedCritic:
    """A critic of clipped weights, trained alone at first; for WGAN and MMDGAN.

    Stands first among a class's bases. Early on, when the critic is still poor, the
    generator waits: it moves at each `warmup_critic_steps` / `critic_steps`-th training
    step until it has moved `warmup_generator_steps` times.
    """

    def set_clipping(self, clip, warmup_generator_steps, warmup_critic_steps):
        """Takes the arguments of the class, whose `critic_steps` is set.

        Raises:
            ValueError: when `clip` is not positive, `warmup_critic_steps` no positive
                multiple of `critic_steps`, or `warmup_generator_steps` below 0.
        """
        if not is_number(clip) or clip <= 0:
            raise ValueError(
                f"Expected clip above 0, a number such as 0.01, got {clip!r}."
            )
        check_count("warmup_generator_steps", warmup_generator_steps, 0)
        check_count("warmup_critic_steps", warmup_critic_steps)
        if warmup_critic_steps % self.critic_steps:
            raise ValueError(
                f"Expected warmup_critic_steps to be a multiple of critic_steps="
                f"{self.critic_steps}, got {warmup_critic_steps}. Pass "
                "warmup_generator_steps=0 and warmup_critic_steps=critic_steps for no "
                "warm-up."
            )
        self.clip = clip
        self.warmup_generator_steps = warmup_generator_steps
        self.warmup_critic_steps = warmup_critic_steps

    def clip_weights(self, weights):
        """Puts every number of some Keras variables back into [−clip, clip]."""
        clipped = [ops.clip(w.value, -self.clip, self.clip) for w in weights]
        backend.assign_all(weights, clipped)

    @contextlib.contextmanager
    def head_start(self):
        """Takes back the generator's update inside the block where it has to wait."""
        if not self.warmup_generator_steps:
            yield
            return
        wait = self.warmup_critic_steps // self.critic_steps
        due = ops.logical_or(
            ops.greater_equal(self.steps, wait * self.warmup_generator_steps),
            ops.equal((self.steps + 1) % wait, 0),
        )
        moved = self.variables_of("g") + self.optimizer_of("g").variables
        with backend.undone_unless(due, moved):
            yield

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "clip": self.clip,
            "warmup_generator_steps": self.warmup_generator_steps,
            "warmup_critic_steps": self.warmup_critic_steps,
        }
