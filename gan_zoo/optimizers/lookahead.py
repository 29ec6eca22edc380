"""Lookahead: slow weights that follow the fast ones (Zhang et al. 2019)."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class Lookahead(keras.optimizers.Optimizer):
    """Every `sync_period` steps, moves the weights back towards slow weights.

    slow ← slow + slow_step_size · (fast − slow),  fast ← slow

    `fast` are the weights of the network, which the wrapped optimizer updates in each
    step. `slow` are their values after the last synchronization. In a GAN this damps
    the rotation of the players around each other.

    Args:
        optimizer: Keras optimizer (or its name) that updates the fast weights. It has
            the gradient clipping, the weight decay and the learning rate.
        sync_period: k, number of steps of the wrapped optimizer between two
            synchronizations. A critic with K steps per generator step needs K times
            the period of the generator.
        slow_step_size: α in (0, 1].
        name: name of the optimizer.

    Raises:
        ValueError: if a number is out of range.
        TypeError: for a `LossScaleOptimizer`, which must wrap this optimizer.

    Differs from the papers: none for one network (1907.08610). In Lookahead-Minmax
    (2006.14567, algorithm 1) both players are synchronized at the same time, after the
    k-th step of the generator. Here each player is synchronized after its own k-th
    step. The k-th step of the generator therefore uses a critic that is already
    synchronized.

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
        super().__init__(
            learning_rate=0.0, name=name
        )  # that of the wrapped optimizer is used
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
        """The learning rate of the wrapped optimizer."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.optimizer.learning_rate = learning_rate

    def scale_loss(self, loss):
        """Scales the loss as the wrapped optimizer does."""
        return self.optimizer.scale_loss(loss)

    def apply(self, grads, trainable_variables=None):
        """Takes a step of the wrapped optimizer, and synchronizes every k steps."""
        if not self.built:
            self.build(list(trainable_variables))
        fast = self._trainable_variables
        # Set here and not in `build`, since weights may be loaded in between.
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
        """The arguments, with the serialised wrapped optimizer."""
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
