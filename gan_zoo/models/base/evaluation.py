"""How a system is judged: metrics over real and generated images of a data set."""

import keras
from keras import ops

from gan_zoo import backend


class Evaluation:
    """`evaluate` for an `AdversarialModel`, by image metrics and the model's own.

    Beside `keras.Model` among the bases of `AdversarialModel`.
    """

    @property
    def image_metrics(self):
        """Metrics over (real, fake) images, as given to `compile`."""
        return self._unsaved.metrics

    # Keras metrics that a subclass's `test_step` feeds, such as an accuracy.
    own_metrics = ()

    def fake_for(self, real):
        """The images `(real, fake)` to judge for a batch of the data set.

        Args:
            real: the batch as `evaluate` got it.
        """
        raise NotImplementedError(f"{type(self).__name__} must override fake_for.")

    def check_test_batch(self, spec):
        """Raises ValueError for batches that `evaluate` cannot judge by.

        Args:
            spec: as for `check_batch`, which is asked by default.
        """
        self.check_batch(spec)

    @property
    def checked_test(self):
        """As `checked`, for batches of `evaluate`; the same by default."""
        return self.checked

    def test_step(self, data):
        """Feeds every image metric; latents are the same at each evaluation."""
        with backend.draws(self._seed_of(self.evaluated_batches, "evaluate")):
            real, fake = self.fake_for(data)
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
        *args,
        steps=None,
        return_dict=False,
        **kwargs,
    ):
        """Judges samples by every metric given to `compile`, and the model's own.

        Args:
            x: data set or array of real images, or a pair (images, labels).
            y: labels when `x` is an array and the model uses them.
            batch_size: rows per batch when `x` is an array; 32 by default.
            *args: as in `keras.Model.evaluate`.
            steps: number of batches to use; all of them by default.
            return_dict: return a dict by metric name rather than a list of values.
            **kwargs: as in `keras.Model.evaluate`.

        Returns:
            The metrics' values; how each was made says `protocols()`.

        Raises:
            ValueError: when there are no metrics; for images of the wrong shape or
                type, labels of the wrong type.
            TypeError: for other kinds of data than arrays and tf.data.
            InvalidArgumentError: for a label that is no class.
        """
        self.check_judged()
        metrics = [*self.own_metrics, *self.image_metrics]
        if kwargs.get("_use_cached_eval_dataset"):  # Keras's `fit`, once an epoch
            given = self._unsaved.validation
        else:
            x, y, given = backend.feed_test(self, x, y)
        data = given, y, kwargs.get("sample_weight"), batch_size, *args, steps
        for metric in self.image_metrics:
            metric.begin(data)
        for metric in metrics:
            metric.reset_state()
        self.evaluated_batches.assign(0)
        super().evaluate(
            x, y, batch_size, *args, steps=steps, return_dict=True, **kwargs
        )
        values = {}
        for metric in metrics:
            value = metric.result()
            several = value if isinstance(value, dict) else {metric.name: value}
            values |= {name: float(value) for name, value in several.items()}
        for metric in self.image_metrics:
            metric.complete()
        return values if return_dict else list(values.values())

    def check_judged(self):
        """Raises ValueError where `evaluate` has nothing to compute."""
        if not self.own_metrics and not self.image_metrics:
            raise ValueError(
                "evaluate() has nothing to compute. Pass metrics to compile(), such as "
                "metrics=[gan_zoo.metrics.FrechetDistance('mnist')]."
            )

    def validation(self, data):
        """What Keras's `fit` takes as `validation_data`, looked at as by `evaluate`.

        Args:
            data: `validation_data` as the user gave it.

        Returns:
            Tuple of images or data set, labels and sample weights.
        """
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        x, y, self._unsaved.validation = backend.feed_test(self, x, y)
        return x, y, weights

    def protocols(self):
        """How each number of the last evaluation was made: metric name to sentence."""
        each = {metric.result_names: metric.protocol() for metric in self.image_metrics}
        return {name: text for names, text in each.items() for name in names}

    def make_test_function(self, force=False):
        """Keras's test function as the backend mends it."""
        if self.test_function is None or force:
            self.test_function = backend.step_function(self, self.test_step)
