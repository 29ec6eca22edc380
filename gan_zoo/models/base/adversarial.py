"""The base of every system in the zoo: `fit` and single steps."""

import keras

from gan_zoo import backend
from gan_zoo.models.base.evaluation import refuse_weights
from gan_zoo.models.base.fit_arguments import (
    check_fit_arguments,
    check_minibatches,
    check_trainable,
    check_trained,
)
from gan_zoo.models.base.fit_callbacks import fit_callbacks, optimizers_named
from gan_zoo.models.base.training_step import SteppedModel


class AdversarialModel(SteppedModel):
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

    # Keras.

    def make_train_function(self, force=False):
        """As Keras's, built by the backend."""
        if self.train_function is None or force:
            self.train_function = backend.step_function(self, self.train_step)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Builds nothing; under a strategy Keras would read all the data once."""
