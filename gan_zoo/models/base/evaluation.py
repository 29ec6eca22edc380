"""How a system is evaluated: metrics over real and generated images of a data set."""

import uuid

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.inputs import Batch
from gan_zoo.models.base.fit_arguments import check_arguments
from gan_zoo.models.base.sampling import SamplingModel


class EvaluatedModel(SamplingModel):
    """`evaluate` by image metrics, and by Keras metrics of the model's own.

    A subclass says what a batch holds in `batch_parts`, and gives the images to compare
    in `real_and_fake`.
    """

    # Keras metrics that a subclass's `test_step` feeds, such as an accuracy.
    own_metrics = ()

    # Whether the parts of a batch are independent of each other; see `inputs.Batch`.
    unpaired = False

    @property
    def batch_parts(self):
        """What a batch of the data set holds: dict of name to `Input`, in order."""
        raise NotImplementedError(f"{type(self).__name__} must override batch_parts.")

    @property
    def test_batch_parts(self):
        """As `batch_parts`, for the batches of `evaluate`; the same by default."""
        return self.batch_parts

    @property
    def compared_parts(self):
        """Names of two parts: of the rows of which the real and fake images are made.

        On several replicas rows are added to batches that cannot be shared evenly.
        `test_step` removes the images of added rows. By default both results of
        `real_and_fake` have a row for each row of the first part. Override this where
        that is not so.
        """
        first = self.test_batch.names[0]
        return first, first

    @property
    def batch(self):
        """`Batch` that describes what `fit` reads."""
        return Batch(type(self).__name__, self.batch_parts, self.unpaired)

    @property
    def test_batch(self):
        """`Batch` that describes what `evaluate` reads."""
        name, parts = type(self).__name__, self.test_batch_parts
        return Batch(name, parts, self.unpaired, shortened=False)

    @property
    def image_metrics(self):
        """Metrics over (real, fake) images, as given to `compile`."""
        return self._unsaved.metrics

    @property
    def evaluated_names(self):
        """Names of the numbers that `evaluate` gives."""
        names = [metric.name for metric in self.own_metrics]
        return [*names, *(n for m in self.image_metrics for n in m.result_names)]

    def _counter(self, name):
        return self.add_weight(
            name=name,
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    def real_and_fake(self, *batch):
        """The images (real, fake) to compare for a batch of the data set.

        Args:
            *batch: tensors in the order of `test_batch_parts`.
        """
        raise NotImplementedError(f"{type(self).__name__} must override real_and_fake.")

    def test_step(self, data):
        """Feeds every image metric; latents are the same at each evaluation."""
        data, kept = backend.unpadded(data, self.test_batch.names)
        with backend.draws(self._seed_of(self.evaluated_batches, "evaluate")):
            images = self.real_and_fake(*self.test_batch.checked(data))
        pairs = zip(images, self.compared_parts, strict=True)
        real, fake = (x[kept[part]] for x, part in pairs)
        with backend.one_pass():
            for metric in self.image_metrics:
                metric.update_state(real, fake)
        self.evaluated_batches.assign_add(1)
        # Keras wants a log per step; the metrics are read once, at the end.
        return {"batches": ops.cast(self.evaluated_batches.value, "float32")}

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        **kwargs,
    ):
        """Measures samples by every metric given to `compile`, and the model's own.

        Args:
            x: data set or array of real images, or what else `fit` takes, such as a
                pair (images, labels).
            y: labels when `x` is an array and the model uses them: integers (n,).
            batch_size: rows per batch when `x` is an array; 32 by default.
            verbose: as in `keras.Model.evaluate`, as are `callbacks`.
            sample_weight: not supported: every image counts alike.
            steps: number of batches to use; all of them by default.
            callbacks: as in `keras.Model.evaluate`.
            return_dict: return a dict by metric name rather than a list of values.
            **kwargs: as in `keras.Model.evaluate`.

        Returns:
            The metrics' values. `protocols()` says how each was computed.

        Raises:
            ValueError: when there are no metrics; for images of the wrong shape or
                type, labels of the wrong type; for an endless data set if `steps` is
                not given; for `batch_size` beside a data set, or numbers below 1.
            TypeError: for other kinds of data than arrays and tf.data, or sample
                weights.
            InvalidArgumentError: for a label out of range.
        """
        refuse_weights(sample_weight=sample_weight)
        self.check_has_metrics()
        metrics = [*self.own_metrics, *self.image_metrics]
        reference = None  # data and feature networks may change between calls
        if kwargs.get("_use_cached_eval_dataset"):  # Keras's `fit`, once an epoch
            reference = (self._unsaved.validation, batch_size, steps)
        else:
            check_arguments(x, batch_size, callbacks, verbose, steps=steps)
            x, y = backend.feed_test(
                self.test_batch,
                x,
                y,
                steps,
                batch_size=batch_size,
                replicas=backend.replicas_of(self),
            )
        for metric in self.image_metrics:
            metric.begin(reference)
        for metric in metrics:
            metric.reset_state()
        self.evaluated_batches.assign(0)
        with backend.plain_errors():
            super().evaluate(
                x,
                y,
                batch_size,
                verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=True,
                **kwargs,
            )
        values = {}
        for metric in metrics:
            value = metric.result()
            several = value if isinstance(value, dict) else {metric.name: value}
            values |= {name: float(value) for name, value in several.items()}
        for metric in self.image_metrics:
            metric.complete()
        return values if return_dict else list(values.values())

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """`evaluate` of one batch.

        Args:
            x: array of real images, or what else `evaluate` takes, but no data set.
            y: as in `evaluate`, as are the others.
            sample_weight: not supported.
            return_dict: return a dict by metric name rather than a list of values.

        Returns:
            The metrics' values.

        Raises:
            ValueError, TypeError, InvalidArgumentError: as `evaluate`; TypeError also
                for data sets.
        """
        refuse_weights(sample_weight=sample_weight)
        batch = backend.feed_batch(self.test_batch, x, y)
        return self.evaluate(
            x,
            y,
            batch_size=len(keras.tree.flatten(batch)[0]),
            verbose=0,
            return_dict=return_dict,
        )

    def check_has_metrics(self):
        """Raises ValueError where `evaluate` has nothing to compute."""
        if not self.own_metrics and not self.image_metrics:
            raise ValueError(
                "evaluate() and validation_data= have nothing to compute. Pass metrics "
                "to compile(), such as "
                "metrics=[gan_zoo.metrics.FrechetDistance('mnist')]."
            )

    def validation(self, data, steps=None, batch_size=None):
        """What Keras's `fit` takes as `validation_data`, checked as by `evaluate`.

        Args:
            data: `validation_data` as the user gave it.
            steps: `validation_steps`.
            batch_size: rows per batch of arrays.

        Returns:
            Tuple of images or data set, and labels.
        """
        x, y = backend.feed_test(
            self.test_batch,
            data,
            None,
            steps,
            "validation_steps",
            batch_size,
            backend.replicas_of(self),
        )
        self._begin_validation()
        return x, y

    def check_split(self, x, y):
        """Checks the arrays of which `fit` holds a part out for validation.

        Args:
            x: images, or what else Keras's `fit` takes as `x`.
            y: labels, or None.
        """
        self.check_has_metrics()
        if list(self.test_batch_parts) != list(self.batch_parts):
            raise ValueError(
                f"Expected no validation_split for {type(self).__name__}, which is "
                "evaluated on other parts than it is trained on. Pass "
                f"{self.test_batch.words} as validation_data."
            )
        self.test_batch.check(x if y is None else (x, y))
        self._begin_validation()

    def _begin_validation(self):
        # The evaluations of one `fit` share the statistics of the real images.
        self._unsaved.validation = uuid.uuid4().hex

    def protocols(self):
        """How each number of the last evaluation was made: metric name to sentence."""
        each = {metric.result_names: metric.protocol() for metric in self.image_metrics}
        return {name: text for names, text in each.items() for name in names}

    def make_test_function(self, force=False):
        """As Keras's, built by the backend."""
        if self.test_function is None or force:
            self.test_function = backend.step_function(self, self.test_step)


def refuse_weights(**weights):
    """Raises TypeError for weights of samples or classes, which no objective takes."""
    for name, value in weights.items():
        if value is not None:
            raise TypeError(
                f"{name} is not supported: every image counts alike in a GAN's "
                "objective and in its metrics. Leave images out of the data, or repeat "
                "them, instead."
            )
