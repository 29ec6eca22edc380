"""Precision and recall, density and coverage, by nearest neighbours."""

import keras
import numpy as np

from gan_zoo.metrics.neighbours import BLOCK, all_finite, distance_blocks, nearest
from gan_zoo.metrics.sample_metric import FeatureSampleMetric, feature_pair


def precision_and_recall(real, fake, k=3, block=BLOCK):
    """Improved precision and recall of two sets of features.

    The manifold of a set is the union of balls around its members. The radius of a ball
    is the distance to the k-th neighbour within the set. Precision is the share of fake
    features in the manifold of the real ones. Recall is the share of real features in
    the manifold of the fake ones. Balls are closed, as in the paper's equation 1.
    (Those of prdc are open, which matters for equal distances only.)

    Args:
        real: features (n, d).
        fake: features (m, d).
        k: index of the neighbour; the paper uses 3.
        block: number of distances in a block, which limits the memory.

    Returns:
        Floats (precision, recall); NaN where features are not finite.

    Raises:
        ValueError: for shapes that do not match, or k images or fewer on a side.

    Reference: Kynkäänniemi et al. 2019, Improved Precision and Recall Metric for
    Assessing Generative Models, 1904.06991, equations 1 and 2.
    """
    real, fake = feature_pair(real, fake)
    if not all_finite(real, fake):
        return float("nan"), float("nan")
    real_radii, fake_radii = (_squared_radii(side, k, block) for side in (real, fake))
    precise, recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for part in distance_blocks(fake, real, block):
        precise[part.rows] = part.at_most(real_radii).any(axis=1)
        recalled |= part.at_most(fake_radii[part.rows, None]).any(axis=0)
    return float(precise.mean()), float(recalled.mean())


def density_and_coverage(real, fake, k=5, block=BLOCK):
    """Density and coverage of two sets of features.

    Each real feature has a ball, whose radius is the distance to its k-th real
    neighbour. Density is the mean number of balls that contain a fake feature, divided
    by k. It may exceed 1. Unlike precision, one outlier with a large ball hardly
    changes it. Coverage is the share of balls that contain a fake feature. Balls are
    open, as in the authors' code, and the values for equal sets are 1 and 1. The ball
    of a real image with k copies has radius 0 and contains nothing.

    Args:
        real: features (n, d).
        fake: features (m, d).
        k: index of the neighbour; the paper uses 5.
        block: number of distances in a block, which limits the memory.

    Returns:
        Floats (density, coverage); NaN where features are not finite.

    Raises:
        ValueError: for shapes that do not match, or k real images or fewer.

    Reference: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative
    Models, 2002.09797, section 3.
    """
    real, fake = feature_pair(real, fake)
    if not all_finite(real, fake):
        return float("nan"), float("nan")
    radii = _squared_radii(real, k, block)
    inside, covered = 0, np.zeros(len(real), bool)
    for part in distance_blocks(fake, real, block):
        within = part.below(radii)
        inside += np.count_nonzero(within)
        covered |= within.any(axis=0)
    return float(inside / (k * len(fake))), float(covered.mean())


def _squared_radii(points, k, block):
    return nearest(points, points, k, leave_one_out=True, block=block)[0][:, -1]


class _BallMetric(FeatureSampleMetric):
    """Two numbers from balls around features, up to the k-th neighbour."""

    parts = ()
    function = None

    def __init__(self, features="mnist", k=3, max_images=10_000, name=None):
        super().__init__(features, max_images, name)
        self.k = k

    @property
    def result_names(self):
        """Names in the logs of the two numbers."""
        return self.names_of(*self.parts)

    def result(self):
        """Dict of the two numbers for the images seen so far."""
        values = self.function(self.real_rows.read(), self.fake_rows.read(), self.k)
        return dict(zip(self.result_names, values, strict=True))

    def protocol(self):
        """Describes how the numbers were computed: network, images, k."""
        return f"{super().protocol()}; k = {self.k}"

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {"k": self.k}


@keras.saving.register_keras_serializable(package="gan_zoo")
class PrecisionRecall(_BallMetric):
    """Improved precision (are samples realistic?) and recall (do they cover the data?).

    The logs contain `precision_<features>` and `recall_<features>`, both in [0, 1];
    higher is better. A collapsed generator may have a high precision but a low recall.
    Both depend on the number of images. Compare only numbers with the same
    `protocol()`.

    Args:
        features: as in `FrechetDistance`.
        k: index of the neighbour that gives the radius of a ball; the paper uses 3.
        max_images: number of images kept on each side. Memory as in `SampleMetric`;
            time grows with its square, three matrices of distances.
        name: name in the logs, to which `_precision` and `_recall` are added.

    Raises:
        ValueError: from `result()` with k images or fewer on a side.

    Reference: Kynkäänniemi et al. 2019, Improved Precision and Recall Metric for
    Assessing Generative Models, 1904.06991.
    """

    prefix = "precision_recall"
    best = ("max", "max")
    parts = ("precision", "recall")
    function = staticmethod(precision_and_recall)


@keras.saving.register_keras_serializable(package="gan_zoo")
class DensityCoverage(_BallMetric):
    """Density and coverage: precision and recall that are robust to outliers.

    The logs contain `density_<features>` (at least 0, about 1 for samples of the data)
    and `coverage_<features>` (in [0, 1], slightly more than 1 − 2⁻ᵏ for as many samples
    of the data). Higher is better.

    Args:
        features: as in `FrechetDistance`.
        k: index of the neighbour that gives the radius of a ball; the paper uses 5.
        max_images: number of images kept on each side.
        name: name in the logs, to which `_density` and `_coverage` are added.

    Raises:
        ValueError: from `result()` with k real images or fewer.

    Reference: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative
    Models, 2002.09797.
    """

    prefix = "density_coverage"
    best = (None, "max")  # the density of real images is about 1
    parts = ("density", "coverage")
    function = staticmethod(density_and_coverage)

    def __init__(self, features="mnist", k=5, max_images=10_000, name=None):
        super().__init__(features, k, max_images, name)
