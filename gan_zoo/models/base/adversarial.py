"""The base of every system in the zoo: what a training step is made of."""

import zlib

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.evaluation import EvaluatedModel, refuse_weights
from gan_zoo.models.base.fit_arguments import (
    check_fit_arguments,
    check_minibatches,
    check_trainable,
    check_trained,
)
from gan_zoo.models.base.fit_callbacks import fit_callbacks, optimizers_named
from gan_zoo.models.base.networks import layer_losses, move_averages


class AdversarialModel(EvaluatedModel):
    """A Keras model trained by players with an optimizer each.

    A subclass names its players, gives the paper's optimizers, says what a batch holds
    and overrides `train_step`. The step is made of `minibatches`, `draws`, `update` and
    `finish_step`.

    Args:
        players: as in `PlayerModel`.
        **kwargs: as in `PlayerModel`: `frozen`, `ema`, `seed`, `name`.

    Raises:
        ValueError: as `PlayerModel`.
    """

    # Names under which `track` accepts values; each becomes a column of the logs.
    tracked = ("d_loss", "g_loss")

    def __init__(self, players, **kwargs):
        super().__init__(players, **kwargs)
        self.steps = self._counter("steps")
        self.evaluated_batches = self._counter("evaluated_batches")
        self._trackers = {n: keras.metrics.Mean(name=n) for n in self.tracked}

    # How many batches of the data set one training step consumes.
    batches_per_step = 1

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
        stop_on_nan=True,
    ):
        """Trains as `keras.Model.fit` does.

        If the model takes K critic steps, one training step uses K batches, so an epoch
        has K times fewer steps. In this case, and under a strategy, the last batch is
        left out if it may be smaller than the others. Batches made with
        `drop_remainder=True` are all used.

        Args:
            x: tf.data set of batches, or an array of images (n, h, w, c), float in
                [-1, 1], or of vectors (n, d). Batches are tuples in the order of
                `model.batch_parts`, or dicts by its names.
            y: labels when `x` is an array and the model uses them: integers (n,), from
                0.
            batch_size: rows per batch when `x` is an array; 32 by default.
            epochs: as in `keras.Model.fit`.
            verbose: as in `keras.Model.fit`.
            callbacks: as in `keras.Model.fit`. What changes learning rates changes
                those of all players, see `callbacks.ForPlayers`.
            validation_split: as in `keras.Model.fit`; only for models with one critic
                step, on one device.
            validation_data: as `x`; what `evaluate` is given after each epoch.
            shuffle: whether arrays are shuffled in each epoch.
            class_weight: must be None.
            sample_weight: must be None: every image counts alike.
            initial_epoch: as in `keras.Model.fit`.
            steps_per_epoch: as in `keras.Model.fit`.
            validation_steps: as in `keras.Model.fit`.
            validation_batch_size: as in `keras.Model.fit`.
            validation_freq: as in `keras.Model.fit`.
            stop_on_nan: raise FloatingPointError when a logged value or a weight
                becomes NaN or infinite.

        Returns:
            The Keras `History`.

        Raises:
            ValueError: for images of the wrong shape or type; for an endless data set
                if `steps_per_epoch` is not given; for callbacks that cannot work; for
                arguments out of range or that would be ignored, such as `batch_size`
                beside a data set.
            FloatingPointError: when a logged value or a weight becomes NaN or infinite.
            TypeError: for other kinds of data than arrays and tf.data, or weights.
            InvalidArgumentError: for values that a step must not use, such as a label
                out of range.
        """
        refuse_weights(class_weight=class_weight, sample_weight=sample_weight)
        options = {
            "batch_size": batch_size,
            "epochs": epochs,
            "shuffle": shuffle,
            "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch,
            "validation_split": validation_split,
            "validation_steps": validation_steps,
            "validation_batch_size": validation_batch_size,
            "validation_freq": validation_freq,
        }
        check_fit_arguments(x, validation_data, callbacks, verbose=verbose, **options)
        check_trainable(self)
        data = backend.feed(
            self.batch,
            x,
            y,
            options,
            joined=self.batches_per_step,
            replicas=backend.replicas_of(self),
            seed=self.seed,
            steps_at_once=self.steps_per_execution,
        )
        if validation_split:
            self.check_split(data["x"], data["y"])
        if validation_data is not None:
            self.check_has_metrics()
            rows = validation_batch_size or batch_size
            validation_data = self.validation(validation_data, validation_steps, rows)
        validated = validation_data is not None or validation_split > 0
        # Where `feed` has made batches of arrays, those of the validation are left.
        options["validation_batch_size"] = validation_batch_size or batch_size
        self._initial_epoch = None  # that of an earlier `fit`, by BackupAndRestore
        with backend.plain_errors(), optimizers_named(self):
            history = super().fit(
                **(options | data),
                verbose=verbose,
                callbacks=fit_callbacks(callbacks, stop_on_nan, validated),
                validation_data=validation_data,
            )
        check_trained(self, history)
        return history

    def train_on_batch(
        self, x, y=None, sample_weight=None, class_weight=None, return_dict=False
    ):
        """One training step.

        Args:
            x: array of images, or what else `fit` takes, but no data set. For a model
                with K critic steps: one array that holds K batches, the first row of
                each batch, then the second row of each, and so on.
            y: labels when `x` is an array and the model uses them.
            sample_weight: not supported, as is `class_weight`.
            class_weight: not supported.
            return_dict: return a dict by name rather than a list of values.

        Returns:
            The values of this step under the names of `tracked`.

        Raises:
            ValueError, TypeError, InvalidArgumentError: as `fit`; TypeError also for
                data sets.
        """
        refuse_weights(class_weight=class_weight, sample_weight=sample_weight)
        check_trainable(self)
        batch = backend.feed_batch(self.batch, x, y)
        check_minibatches(keras.tree.flatten(batch), self.batches_per_step)
        if not backend.is_distributed(self):
            return super().train_on_batch(batch, return_dict=return_dict)
        logs = backend.step_on_batch(self, batch)
        return logs if return_dict else list(logs.values())

    # Inside a training step.

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

    # Keras.

    def make_train_function(self, force=False):
        """As Keras's, built by the backend."""
        if self.train_function is None or force:
            self.train_function = backend.step_function(self, self.train_step)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Builds nothing; under a strategy Keras would read all the data once."""
