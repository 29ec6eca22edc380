"""The interface of every metric over (real, fake) image batches."""

import numbers
import re
import warnings

import keras
from keras import ops

from gan_zoo.features import MissingFile, resolve, serialize
from gan_zoo.features.names import INCEPTION

# Names of the numbers of the 2015 Inception network in the literature.
_INCEPTION_NAMES = ("fid", "kid", "is", "isc", "inception_score")


class ImageMetric(keras.metrics.Metric):
    """A Keras metric that compares generated images with real ones.

    A model's `test_step` calls `update_state(real, fake)`. `result()` is called eagerly
    after the last batch. The state consists of float64 sums, which are added over
    replicas. The metric must therefore be made inside `strategy.scope()`, like the
    model.

    The real images are often the same in many evaluations, as in the validation of one
    `fit`. A model therefore calls `begin(reference)` before each evaluation, and
    `complete()` after an evaluation that was not interrupted. If `begin` gets the
    reference of the last completed evaluation, the real statistics are kept, and
    `update_state` skips the real images. (The flag is a variable, so nothing is traced
    again.) Without `begin` and `complete` nothing is kept, as in any Keras metric.
    `begin()` without a reference deletes the kept statistics.

    A subclass makes its state with `add_real_statistic` and `add_fake_statistic`. It
    updates the state in `update_real` and `update_fake`. Its `result` is a scalar, or a
    dict from names in the logs to scalars, and `result_names` lists these names. A
    metric of generated images alone overrides `update_state`.

    The name in the logs contains the name of the features, as in `frechet_mnist`. Names
    such as `fid` are reserved for numbers of the 2015 Inception network.

    Args:
        features: what `gan_zoo.features.resolve` accepts.
        name: name in the logs. Defaults to the subclass's `prefix` and the name of the
            features, or, for the 2015 Inception network, to `inception_prefix`.

    Raises:
        ValueError: for a reserved name with other features.
    """

    prefix = "image_metric"
    inception_prefix = None  # such as "fid"
    # For each of `result_names`: "min" where lower is better, "max" where higher is, or
    # None where neither is, such as a deviation or an accuracy that is best at 0.5.
    best = (None,)

    def __init__(self, features, name=None):
        features = resolve(features)
        super().__init__(name=name or self._log_name(features), dtype="float64")
        self.features = features
        self._check_name()
        self._real_side = []
        self._fake_side = []
        self.real_count = self.add_real_statistic((), "real_count")
        self.fake_count = self.add_fake_statistic((), "fake_count")
        self.real_known = self.add_variable(
            (), "zeros", "bool", aggregation="only_first_replica", name="real_known"
        )
        self._current = None
        self._completed = None

    def _log_name(self, features):
        if features.name in INCEPTION and self.inception_prefix:
            return features.name.replace(INCEPTION[0], self.inception_prefix)
        return f"{self.prefix}_{features.name}"

    def _check_name(self):
        # "fid-mnist", "FID@10k" and "fid50k" hold the word "fid"; "fidelity" does not.
        words = re.sub(r"[\W\d_]+", "_", f"_{self.name.lower()}_")
        reserved = [name for name in _INCEPTION_NAMES if f"_{name}_" in words]
        if reserved and self.features.name not in INCEPTION:
            raise ValueError(
                f"Expected the 2015 Inception features for {reserved[0]!r}, got name "
                f"{self.name!r} and features {self.features.name!r}. Without a name "
                f"the metric is called {self._log_name(self.features)}."
            )

    @property
    def result_names(self):
        """Names in the logs of the results."""
        return (self.name,)

    @property
    def directions(self):
        """Dict from the names of results to "min" or "max", where one is better."""
        # A subclass that does not set `best` may have several results.
        pairs = zip(self.result_names, self.best, strict=False)
        return {name: best for name, best in pairs if best}

    @property
    def undefined(self):
        """Dict from the names of results that are NaN by definition to the reasons."""
        return {}

    def names_of(self, *parts):
        """The names in the logs of several numbers, for `result_names`.

        Args:
            *parts: names of the numbers, such as "precision".

        Returns:
            Tuple of `precision_<name of the features>` and the like, or of
            `<name>_precision` for a metric that was given a name.
        """
        if self.name == self._log_name(self.features):
            return tuple(f"{part}_{self.features.name}" for part in parts)
        return tuple(f"{self.name}_{part}" for part in parts)

    def add_real_statistic(self, shape, name, dtype="float64"):
        """Adds a variable for a sum over real images."""
        variable = self.add_variable(shape, "zeros", dtype, name=name)
        self._real_side.append(variable)
        return variable

    def add_fake_statistic(self, shape, name, dtype="float64"):
        """Adds a variable for a sum over generated images."""
        variable = self.add_variable(shape, "zeros", dtype, name=name)
        self._fake_side.append(variable)
        return variable

    def check_images(self, shape):
        """Raises ValueError for images that the features cannot be computed of.

        Args:
            shape: shape of an image without the batch axis, sides None where any will
                do.
        """
        if check := getattr(self.features, "check_images", None):
            check(shape)

    def begin(self, reference=None):
        """Starts an evaluation. Keeps the real statistics if they are still valid.

        Args:
            reference: stands for the real images and the weights of the features: a
                text, or a tuple of texts, whole numbers and None, such as (text, number
                of batches). `None` matches nothing.

        Raises:
            TypeError: for other objects, such as arrays or data sets. What they hold
                may change.
        """
        parts = reference if isinstance(reference, tuple) else (reference,)
        for part in parts:
            if not isinstance(part, str | numbers.Integral | None):
                raise TypeError(
                    "Expected a text that stands for the real images, or a tuple of "
                    f"texts and whole numbers, got {type(part).__name__}, whose "
                    "contents may change. Pass a name of your own, or nothing."
                )
        self._current = reference
        if reference != self._completed:
            self._completed = None
        self.real_known.assign(self._completed is not None)
        self.reset_state()

    def complete(self):
        """Marks the real statistics as complete for the reference given to `begin`."""
        if self._current is not None:
            self._completed = self._current
            self.real_known.assign(True)

    def update_state(self, real, fake):
        """Adds one batch of real and one of generated images.

        Args:
            real: images (n, h, w, c), float in [-1, 1]. They are ignored while the real
                statistics are known.
            fake: images (m, h, w, c) in [-1, 1]. Usually m = n.
        """
        ops.cond(self.real_known.value, lambda: None, lambda: self._add_real(real))
        self._add_fake(fake)

    def _add_real(self, images):
        self.update_real(images)
        self.real_count.assign_add(ops.shape(images)[0])

    def _add_fake(self, images):
        self.update_fake(images)
        self.fake_count.assign_add(ops.shape(images)[0])

    def update_real(self, images):
        """Adds real images (n, h, w, c) to the real statistics."""
        raise NotImplementedError

    def update_fake(self, images):
        """Adds generated images (n, h, w, c) to the fake statistics."""
        raise NotImplementedError

    def reset_state(self):
        """Resets the sums over generated images, and over real ones unless known."""
        variables = self._fake_side + ([] if self._completed else self._real_side)
        for variable in variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def protocol(self):
        """Describes how the number was computed: network, resize, how many images."""
        return (
            f"{self.name}: {self.features.description}; {self.real_count.numpy():.0f} "
            f"real, {self.fake_count.numpy():.0f} fake"
        )

    def get_config(self):
        """The arguments of the metric."""
        return {"features": serialize(self.features), "name": self.name}

    @classmethod
    def from_config(cls, config):
        """Rebuilds the metric.

        If the file of its network is not on this machine, the method warns, and the
        metric raises when it is used. A saved model can then still be loaded, and
        generates images.
        """
        try:
            return cls(**config)
        except FileNotFoundError as error:
            if not isinstance(config.get("features"), str):
                raise
            features = MissingFile(config["features"], error)
            metric = cls(**config | {"features": features})
            warnings.warn(
                f"{metric.name} cannot be computed. {features.reason()}", stacklevel=2
            )
            return metric
