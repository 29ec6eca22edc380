"""What a training step is made of: minibatches, draws, updates, averages, logs."""

import zlib

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.evaluation import EvaluatedModel
from gan_zoo.models.base.fit_arguments import check_minibatches
from gan_zoo.models.base.networks import layer_losses, move_averages


class SteppedModel(EvaluatedModel):
    """An `EvaluatedModel` with what a `train_step` calls.

    Args:
        players: as in `PlayerModel`.
        **kwargs: as in `PlayerModel`.

    Raises:
        ValueError: as `PlayerModel`.
    """

    # Names under which `track` accepts values; each becomes a column of the logs.
    tracked = ("d_loss", "g_loss")

    # How many batches of the data set one training step consumes.
    batches_per_step = 1

    def __init__(self, players, **kwargs):
        super().__init__(players, **kwargs)
        self.steps = self._counter("steps")
        self.evaluated_batches = self._counter("evaluated_batches")
        self._trackers = {n: keras.metrics.Mean(name=n) for n in self.tracked}

    def minibatches(self, data):
        """The `batches_per_step` minibatches of a step, as lists of tensors.

        `fit` joins them into one batch: row i of minibatch k stands at
        i * batches_per_step + k (see `backend.join_batches`).

        Args:
            data: what Keras hands to `train_step`.

        Returns:
            List of minibatches, each a list of tensors in the order of `batch_parts`.

        Raises:
            ValueError: for a batch that cannot be split evenly.
        """
        joined = self.batch.checked(data)
        count = self.batches_per_step
        if count == 1:
            return [joined]
        check_minibatches(joined, count)
        # (b * count, ...) -> (b, count, ...)
        rows = [ops.reshape(x, (-1, count, *x.shape[1:])) for x in joined]
        return [[x[:, k] for x in rows] for k in range(count)]

    def update(self, player, objective):
        """Moves one player down its objective; see `backend.update`.

        What the layers of the player's networks add to the loss (weight decay, activity
        penalties) is added here.

        Args:
            player: name of the player.
            objective: callable that returns `(loss, logs)`, `logs` a dict for `track`;
                or `(loss, logs, extra)` to hand anything else back.

        Returns:
            `extra`, or None.
        """
        networks = self.players[player]

        def with_layers():
            loss, logs, *extra = objective()
            return loss + sum(layer_losses(networks)), (logs, extra)

        variables, optimizer = self.variables_of(player), self.optimizer_of(player)
        logs, extra = backend.update(with_layers, variables, optimizer)
        self.track(**logs)
        return extra[0] if extra else None

    def update_when(self, due, player, objective, otherwise):
        """A further update of a player in some training steps, for a lazy penalty.

        In the other steps nothing moves, and the loss is not computed. The optimizer
        counts these updates as steps of its own. What the layers of the player add to
        the loss is not added again.

        Args:
            due: scalar bool tensor, the same on every replica.
            player: name of the player.
            objective: callable that returns `(loss, values)`, `values` a dict of
                scalars, of which the `tracked` ones are logged where the update is due.
                It may not exchange anything with other replicas.
            otherwise: dict of the same names, the values where it is not due.

        Returns:
            The dict of values.
        """
        variables, optimizer = self.variables_of(player), self.optimizer_of(player)
        values = backend.update_when(due, objective, otherwise, variables, optimizer)
        weight = ops.cast(due, "float32")
        for name in set(values) & set(self.tracked):
            self._trackers[name].update_state(values[name], sample_weight=weight)
        return values

    def draws(self, *site):
        """Scope of the random draws at one site of the present training step.

        Args:
            *site: what tells this site from the others of the step, such as
                `"critic", 2`.
        """
        return backend.draws(self._seed_of(self.steps, *site))

    def _seed_of(self, step, *site):
        tag = zlib.crc32("/".join(map(str, site)).encode())
        return backend.fold_in((self.seed, tag), step)

    def track(self, **values):
        """Adds scalars to the means that the logs show under their `tracked` names.

        Raises:
            ValueError: for a name that is not among `tracked`.
        """
        if unknown := sorted(set(values) - set(self.tracked)):
            raise ValueError(
                f"Expected values of {self.tracked}, which {type(self).__name__}'s "
                f"`tracked` names, got {unknown} as well. Add them to `tracked`, or "
                "leave them out of what the objectives return."
            )
        for name, value in values.items():
            self._trackers[name].update_state(ops.mean(ops.cast(value, "float32")))

    @property
    def trained_steps(self):
        """Training steps taken so far, as a Python int."""
        return int(self.steps.value.numpy())

    def finish_step(self):
        """Ends a training step: moves the averages, counts the step, gives the logs."""
        taken = ops.cast(self.steps, "float32")
        for player, decay in self.decays().items():
            if decay:
                averages = [self.averages[n] for n in self._network_names[player]]
                decay = self.decay_after(taken, decay)
                move_averages(averages, self.players[player], decay)
        self.steps.assign_add(1)
        return self.logs()

    def logs(self):
        """Means of the tracked values since the epoch began."""
        return {name: mean.result() for name, mean in self._trackers.items()}

    @property
    def metrics(self):
        """Means shown by `fit`; image metrics live in `image_metrics`."""
        return list(self._trackers.values())
