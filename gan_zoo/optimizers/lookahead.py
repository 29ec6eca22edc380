"""Lookahead: slow weights that follow the fast ones (Zhang et al. 2019)."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class Lookahead(keras.optimizers.Optimizer):
    """Every `sync_period` steps, goes back part of the way the wrapped optimizer went.

    slow ← slow + slow_step_size · (fast − slow),  fast ← slow

    where `fast` are the network's weights, moved by the wrapped optimizer at each step,
    and `slow` their value at the last synchronization. In a game this damps the
    rotation of the players around each other.

    Args:
        optimizer: Keras optimizer (or its name) that moves the fast weights; gradient
            clipping, weight decay and learning rate are its own.
        sync_period: k, steps of the wrapped optimizer between two synchronizations. A
            critic that takes several steps per generator step wants as many times the
            generator's period.
        slow_step_size: α in (0, 1].
        name: name of the optimizer.

    Raises:
        ValueError: when a number is out of range.
        TypeError: for a `LossScaleOptimizer`, which goes around this one.

    Differs from the papers: none for one network (1907.08610). In Lookahead-Minmax
    (2006.14567, algorithm 1) both players are set back at the same moment, after the
    generator's k-th step; here each is set back after its own k-th step, so that this
    one step of the generator sees a critic already set back.

    Example:
        gan.compile(
            d_optimizer=Lookahead(keras.optimizers.Adam(2e-4, beta_1=0.0), 5 * K),
            g_optimizer=Lookahead(keras.optimizers.Adam(2e-4, beta_1=0.0), 5),
        )

    Reference: Zhang et al. 2019, Lookahead Optimizer, 1907.08610, algorithm 1;
    Chavdarova et al. 2021, Taming GANs with Lookahead-Minmax, 2006.14567, whose
    experiments on CIFAR-10 give the defaults.
    """

    def __init__(self, optimizer, sync_period=5, slow_step_size=0.5, name=None):
        optimizer = keras.optimizers.get(optimizer)
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            raise TypeError(
                "Expected an optimizer without loss scaling, got a LossScaleOptimizer. "
                "Write LossScaleOptimizer(Lookahead(...)), or nothing: under "
                "mixed_float16 compile() adds it."
            )
        if not isinstance(sync_period, int) or sync_period < 1:
            raise ValueError(
                f"Expected sync_period to be an int of at least 1, got {sync_period!r}."
            )
        if not 0 < slow_step_size <= 1:
            raise ValueError(
                f"Expected slow_step_size in (0, 1], got {slow_step_size!r}."
            )
        super().__init__(learning_rate=0.0, name=name)  # the wrapped one's counts
        self.optimizer = optimizer
        self.sync_period = sync_period
        self.slow_step_size = slow_step_size

    def build(self, variables):
        """Makes the slow weights and the wrapped optimizer's variables."""
        super().build(variables)
        self._slow = self.add_optimizer_variables(variables, "slow")
        self.optimizer.build(variables)

    @property
    def variables(self):
        """Variables of this optimizer, then of the wrapped one."""
        return super().variables + self.optimizer.variables

    @property
    def iterations(self):
        """Steps taken by the wrapped optimizer."""
        return self.optimizer.iterations

    @property
    def learning_rate(self):
        """The wrapped optimizer's."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.optimizer.learning_rate = learning_rate

    def scale_loss(self, loss):
        """Scales the loss as the wrapped optimizer does."""
        return self.optimizer.scale_loss(loss)

    def apply(self, grads, trainable_variables=None):
        """One step of the wrapped optimizer, and a synchronization when it is due."""
        if not self.built:
            self.build(list(trainable_variables))
        fast = self._trainable_variables
        # Taken here and not when built: weights may be loaded in between.
        self._assign_when_due(self._slow, [v.value for v in fast])
        self.optimizer.apply(grads, trainable_variables)
        synchronized = [
            slow.value + self.slow_step_size * (weight.value - slow.value)
            for slow, weight in zip(self._slow, fast, strict=True)
        ]
        self._assign_when_due(fast, synchronized)

    def _assign_when_due(self, targets, values):
        due = ops.equal(self.iterations % self.sync_period, 0)
        values = [
            ops.where(due, value, target.value)
            for target, value in zip(targets, values, strict=True)
        ]
        backend.assign_all(targets, values)

    def get_config(self):
        """Arguments of the optimizer, the wrapped one serialised among them."""
        return {
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            "sync_period": self.sync_period,
            "slow_step_size": self.slow_step_size,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Rebuilds the optimizer around the one it wrapped."""
        optimizer = keras.saving.deserialize_keras_object(
            config["optimizer"], custom_objects
        )
        return cls(**config | {"optimizer": optimizer})
