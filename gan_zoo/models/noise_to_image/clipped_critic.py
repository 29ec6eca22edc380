"""What the papers that clip their critic's weights share: clipping and a warm-up."""

import contextlib

from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_positive


class CriticClipping:
    """The clipping of a critic's weights, and the steps that it trains alone at first.

    Early on, when the critic is still poor, the generator waits: it moves at each
    `warmup_critic_steps` / `critic_steps`-th training step until it has moved
    `warmup_generator_steps` times.

    Args:
        clip: c: weights lie in [−c, c].
        warmup_generator_steps: generator updates of the warm-up; 0 for none.
        warmup_critic_steps: critic updates per generator update during the warm-up.
        critic_steps: critic updates per training step.

    Raises:
        ValueError: when `clip` is not positive, `warmup_critic_steps` no positive
            multiple of `critic_steps`, or `warmup_generator_steps` below 0.
    """

    def __init__(self, clip, warmup_generator_steps, warmup_critic_steps, critic_steps):
        check_positive("clip", clip)
        check_count("warmup_generator_steps", warmup_generator_steps, 0)
        check_count("warmup_critic_steps", warmup_critic_steps)
        check_count("critic_steps", critic_steps)
        if warmup_critic_steps % critic_steps:
            raise ValueError(
                f"Expected warmup_critic_steps to be a multiple of critic_steps="
                f"{critic_steps}, got {warmup_critic_steps}. Pass "
                "warmup_generator_steps=0 and warmup_critic_steps=critic_steps for no "
                "warm-up."
            )
        self.clip = clip
        self.warmup_generator_steps = warmup_generator_steps
        self.warmup_critic_steps = warmup_critic_steps
        self.critic_steps = critic_steps

    def clip_weights(self, weights):
        """Puts every number of some Keras variables back into [−clip, clip]."""
        clipped = [ops.clip(w.value, -self.clip, self.clip) for w in weights]
        backend.assign_all(weights, clipped)

    @contextlib.contextmanager
    def generator_waits(self, model):
        """Takes back the generator's update inside the block where it has to wait.

        Args:
            model: the model, with `steps` and a player `g`.
        """
        if not self.warmup_generator_steps:
            yield
            return
        wait = self.warmup_critic_steps // self.critic_steps
        due = ops.logical_or(
            ops.greater_equal(model.steps, wait * self.warmup_generator_steps),
            ops.equal((model.steps + 1) % wait, 0),
        )
        moved = model.variables_of("g") + model.optimizer_of("g").variables
        with backend.undone_unless(due, moved):
            yield

    def get_config(self):
        """Arguments of the model that uses the clipping."""
        return {
            "clip": self.clip,
            "warmup_generator_steps": self.warmup_generator_steps,
            "warmup_critic_steps": self.warmup_critic_steps,
        }
