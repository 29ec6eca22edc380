"""Classifier score of generated images; with the 2015 network, the Inception Score."""

import keras
import numpy as np
import scipy.special

from gan_zoo.metrics.sample_metric import SampleMetric


def classifier_scores(predictions, splits=10, seed=2020, from_logits=False):
    """exp(E_x KL(p(y|x) ‖ p(y))) of each part of a set of class predictions.

    The score is 1 where all predictions are equal. It is K where each image is assigned
    to one class with certainty and all classes are equally frequent. p(y) is the mean
    of p(y|x) over the part.

    Args:
        predictions: class probabilities (n, K), or logits.
        splits: number of parts into which the shuffled rows are divided, at most n.
        seed: integer seed of the order; `None` keeps the order of the rows.
        from_logits: whether the predictions are logits.

    Returns:
        float64 array (splits,); NaN where predictions are not finite.

    Raises:
        ValueError: for predictions that are not a matrix of probabilities, or for fewer
            images than parts.

    Reference: Salimans et al. 2016, Improved Techniques for Training GANs, 1606.03498,
    section 4. The parts and the order are those of torch-fidelity.
    """
    predictions = np.asarray(predictions, "float64")
    if predictions.ndim != 2 or not 1 <= splits <= len(predictions):
        raise ValueError(
            "Expected predictions (n, K) of at least as many images as there are "
            f"splits, got shape {predictions.shape} and splits={splits}."
        )
    if not np.isfinite(predictions).all():
        return np.full(splits, np.nan)
    if from_logits:
        predictions = scipy.special.softmax(predictions, axis=1)
    elif predictions.min() < 0 or np.abs(predictions.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "Expected probabilities, at least 0 and of sum 1 in each row, got values "
            f"from {predictions.min():.3g} to {predictions.max():.3g}. For logits, "
            "pass from_logits=True."
        )
    n = len(predictions)
    if seed is not None:
        predictions = predictions[np.random.RandomState(seed).permutation(n)]
    scores = np.empty(splits)
    for i in range(splits):
        p = predictions[i * n // splits : (i + 1) * n // splits]
        # rel_entr is p log(p / q), 0 where p is.
        divergences = scipy.special.rel_entr(p, p.mean(axis=0)).sum(axis=1)
        scores[i] = np.exp(divergences.mean())
    return scores


@keras.saving.register_keras_serializable(package="gan_zoo")
class ClassifierScore(SampleMetric):
    """Classifier score of generated images; the Inception Score with that network.

    exp(E KL(p(y|x) ‖ p(y))), from 1 to the number of classes; higher is better. It is
    high when each image is classified with high confidence and all classes are equally
    frequent. The logs contain the mean of `classifier_scores` over the splits and, as
    `classifier_score_<features>_std`, the standard deviation. With the 2015 Inception
    network the names are `inception_score` and `inception_score_std`. Real images are
    ignored. A generator that makes one perfect image per class has the best possible
    score.

    Args:
        features: features that classify: `"mnist"`, or an object with the attributes of
            `gan_zoo.features.Features`, a number of `classes` and
            `classify(images)`, which returns probabilities (n, classes).
        splits: number of parts whose scores are averaged; the authors use 10.
        max_images: number of generated images kept.
        name: name in the logs.

    Raises:
        TypeError: for features that do not classify.
        ValueError: from `result()` with fewer images than splits.

    Reference: Salimans et al. 2016, Improved Techniques for Training GANs, 1606.03498,
    section 4.
    """

    prefix = "classifier_score"
    inception_prefix = "inception_score"
    best = ("max", None)

    def __init__(self, features="mnist", splits=10, max_images=50_000, name=None):
        super().__init__(features, max_images, name)
        if not callable(getattr(self.features, "classify", None)):
            raise TypeError(
                "Expected features that also classify: 'mnist', or an object with "
                "classify(images) -> probabilities and a number of classes, got "
                f"{self.features.name!r}, which has none."
            )
        self.splits = splits
        self.fake_rows = self.add_fake_rows(self.features.classes, "probabilities")

    @property
    def result_names(self):
        """Names in the logs of the mean and the standard deviation over splits."""
        return self.name, f"{self.name}_std"

    def update_state(self, real, fake):
        """Adds generated images (n, h, w, c); `real` is ignored."""
        self._add_fake(fake)

    def update_fake(self, images):
        """Keeps the class probabilities of generated images (n, h, w, c)."""
        self.fake_rows.add(self.features.classify(images))

    def result(self):
        """Dict of the mean and the standard deviation over splits."""
        scores = classifier_scores(self.fake_rows.read(), self.splits)
        return dict(zip(self.result_names, (scores.mean(), scores.std()), strict=True))

    def protocol(self):
        """Describes how the numbers were computed: network, images, splits."""
        count = int(self.fake_count.numpy())
        kept = f", of which {self.max_images} drawn" if count > self.max_images else ""
        return (
            f"{self.name}: {self.features.description}; {count} fake{kept}; "
            f"{self.splits} splits"
        )

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {"splits": self.splits}
