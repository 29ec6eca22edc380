"""Fréchet distance between two sets of features, each summarised by a Gaussian."""

import pathlib

import keras
import numpy as np
import scipy.linalg
from absl import logging
from keras import ops

from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.real_statistics import read_statistics, write_statistics


def mean_and_covariance(count, total, products):
    """Mean and unbiased covariance from sums over batches.

    Args:
        count: number of samples N, at least 2.
        total: sum of the samples, (d,).
        products: sum of their outer products x xᵀ, (d, d).

    Returns:
        Mean (d,) and covariance (d, d), divided by N - 1, float64.

    Raises:
        ValueError: with fewer than two samples.
    """
    if count < 2:
        raise ValueError(
            "Expected at least 2 samples on each side for a covariance, got "
            f"{int(count)}. Evaluate on more images. By hand, call update_state(real, "
            "fake) before result()."
        )
    total, products = np.asarray(total, "float64"), np.asarray(products, "float64")
    mean = total / count
    return mean, (products - count * np.outer(mean, mean)) / (count - 1)


def frechet_distance(mu1, cov1, mu2, cov2):
    """The squared Fréchet (2-Wasserstein) distance between two Gaussians.

    |μ1 - μ2|² + tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½)

    The trace of the root is the sum of the roots of the eigenvalues of Σ1^½ Σ2 Σ1^½.
    It equals the sum of the singular values of R1ᵀ R2 for any R with Σ = R Rᵀ. R is
    computed by a Cholesky decomposition with pivoting, which stops at the rank.
    Singular covariances (fewer samples than dimensions) therefore need no term on the
    diagonal, and no root of a rounding error is taken. At full rank the eigenvalues of
    R1ᵀ Σ2 R1 are used instead, since they are faster to compute. They are not used if
    one is so small that its root would lose digits.

    Args:
        mu1: mean of the first set, (d,).
        cov1: covariance of the first set, (d, d), positive semi-definite.
        mu2: mean of the second set, (d,).
        cov2: covariance of the second set, (d, d).

    Returns:
        A float >= 0; NaN where the statistics are not finite (a diverged generator).

    Raises:
        ValueError: if the shapes do not fit together.

    Reference: Dowson and Landau 1982, The Fréchet distance between multivariate normal
    distributions, eq. 16; as a score for GANs: Heusel et al. 2017, 1706.08500,
    eq. 6.
    """
    mu1, cov1, mu2, cov2 = (np.asarray(a, "float64") for a in (mu1, cov1, mu2, cov2))
    d = mu1.size
    if not (mu1.shape == mu2.shape == (d,) and cov1.shape == cov2.shape == (d, d)):
        raise ValueError(
            "Expected two means (d,) and two covariances (d, d), got means "
            f"{mu1.shape}, {mu2.shape} and covariances {cov1.shape}, {cov2.shape}."
        )
    if not all(np.isfinite(a).all() for a in (mu1, cov1, mu2, cov2)):
        return float("nan")
    between = _trace_of_root(cov1, cov2)
    squared = np.sum((mu1 - mu2) ** 2) + np.trace(cov1) + np.trace(cov2) - 2 * between
    return max(float(squared), 0.0)  # identical sets may round to -1e-14


def too_few(dim, count):
    """The warning of a protocol for too few images, or "" for enough.

    The covariance of n images has rank n - 1 at most, and the distance falls as n
    grows.

    Args:
        dim: number of features.
        count: number of images of the smaller side.

    Returns:
        str.
    """
    if count > dim:
        return ""
    return (
        f"; no more images than the {dim} features, so that the covariance is singular "
        "and the distance far too large: use more images"
    )


def _trace_of_root(cov1, cov2):
    """Trace of (Σ1 Σ2)^½, from eigenvalues where they are precise enough."""
    factor, order, rank = _cholesky(cov1)
    if rank == len(cov1):
        # Lᵀ Σ2 L has the eigenvalues of Σ1 Σ2. They take a third of the time of the
        # singular values. But a rounding error e changes the root of a small
        # eigenvalue λ by e / 2√λ.
        between, _ = scipy.linalg.lapack.dsygst(
            cov2[np.ix_(order, order)], factor, itype=2, lower=1
        )
        squares = np.linalg.eigvalsh(between)
        error = np.linalg.norm(cov1) * np.linalg.norm(cov2) * np.finfo("float64").eps
        if squares[0] > error:
            roots = np.sqrt(squares)
            if np.sum(error / roots) < 1e-10 * np.sum(roots):
                return np.sum(roots)
    return np.linalg.svd(_root(cov1).T @ _root(cov2), compute_uv=False).sum()


def _root(cov):
    """R (d, rank) with R Rᵀ = cov."""
    factor, order, rank = _cholesky(cov)
    root = np.empty((len(cov), rank))
    root[order] = np.tril(factor)[:, :rank]
    # The norm of a row is at most its standard deviation, except for rounding errors
    # of a constant feature.
    largest = np.sqrt(np.maximum(np.diag(cov), 0.0))[:, None]
    return np.clip(root, -largest, largest)


def _cholesky(cov):
    """L (d, d), an order and the rank: L Lᵀ = cov[order][:, order]."""
    # Stops when no remaining variance exceeds d ε times the largest one.
    factor, order, rank, _ = scipy.linalg.lapack.dpstrf(cov, lower=1)
    return factor, order - 1, rank


@keras.saving.register_keras_serializable(package="gan_zoo")
class FrechetDistance(ImageMetric):
    """Fréchet distance between the features of real and generated images.

    |μ_real - μ_fake|² + tr(Σ_real + Σ_fake - 2 (Σ_real Σ_fake)^½), lower is better.

    μ and Σ (divided by N - 1) of each side are computed from sums over batches in
    float64. The value therefore does not depend on the batch size, the order or the
    number of replicas. It depends on the features and, because of the bias of Σ, on the
    number of images. Compare only numbers with the same `protocol()`. If a side has no
    more images than there are features, the number is far too large, and the protocol
    says so.

    The name in the logs contains the name of the features (`frechet_mnist`). Only the
    distance between features of the 2015 Inception network has the name `fid`.

    Args:
        features: `"mnist"`, a `keras.Model`, or a feature object; see
            `gan_zoo.features.resolve`.
        name: name in the logs. Defaults to `frechet_<name of the features>`.
        statistics: an `.npz` file with `mu` (d,) and `sigma` (d, d) of the same
            features of real images. They replace the real images of `update_state`.

    Raises:
        FileNotFoundError: if the file of statistics does not exist.
        ValueError: for statistics of other shapes or that are not finite; from
            `result()` with fewer than two images on a side.

    Example:
        metric = gan_zoo.metrics.FrechetDistance("mnist")
        metric.update_state(real, fake)  # once for each batch
        float(metric.result()), metric.protocol()

    Reference: Heusel et al. 2017, GANs Trained by a Two Time-Scale Update Rule
    Converge to a Local Nash Equilibrium, 1706.08500, eq. 6; Dowson and Landau
    1982.
    """

    prefix = "frechet"
    inception_prefix = "fid"
    best = ("min",)

    def __init__(self, features="mnist", name=None, statistics=None):
        super().__init__(features, name)
        d = self.features.dim
        self.statistics = statistics if statistics is None else str(statistics)
        self._stored = None
        self._told = False  # that there are too few images
        if statistics is None:
            self.real_total = self.add_real_statistic((d,), "real_total")
            self.real_products = self.add_real_statistic((d, d), "real_products")
        elif not isinstance(statistics, _OfConfig):
            self._real_gaussian()
        self.fake_total = self.add_fake_statistic((d,), "fake_total")
        self.fake_products = self.add_fake_statistic((d, d), "fake_products")

    def update_state(self, real, fake):
        """Adds images (n, h, w, c). Real ones are ignored if statistics were given."""
        if self.statistics is None:
            super().update_state(real, fake)
        else:
            self._real_gaussian()  # raises if the file is missing
            self._add_fake(fake)

    def reset_state(self):
        """As in `ImageMetric`; a file of statistics is read again when it is used."""
        super().reset_state()
        if not self._completed:
            self._stored = None

    def update_real(self, images):
        """Adds the features of real images (n, h, w, c) to the real sums."""
        self._add(images, self.real_total, self.real_products)

    def update_fake(self, images):
        """Adds the features of generated images (n, h, w, c) to the fake sums."""
        self._add(images, self.fake_total, self.fake_products)

    def _add(self, images, total, products):
        # The mean is not subtracted first. Float64 sums lose about 2^-50 |μ|² of Σ, and
        # the rounding of the float32 features has already added as much.
        x = ops.cast(self.features(images), "float64")  # (n, d)
        total.assign_add(ops.sum(x, axis=0))
        products.assign_add(ops.matmul(ops.transpose(x), x))

    def _real_gaussian(self):
        if self.statistics is None:
            sums = self.real_count, self.real_total, self.real_products
            return mean_and_covariance(*(variable.numpy() for variable in sums))
        if self._stored is None:
            self._stored = read_statistics(self.statistics, self.features.dim)
        return self._stored

    def result(self):
        """The distance between the images seen so far, a float64 scalar.

        The log says once if the images are no more than the features.
        """
        if (warning := too_few(self.features.dim, self._fewest())) and not self._told:
            self._told = True
            logging.warning("%s: %s images%s.", self.name, self._fewest(), warning)
        sums = self.fake_count, self.fake_total, self.fake_products
        fake = mean_and_covariance(*(variable.numpy() for variable in sums))
        distance = frechet_distance(*self._real_gaussian(), *fake)
        return ops.convert_to_tensor(distance, "float64")

    def save_statistics(self, path):
        """Writes mean and covariance of the real images seen so far to a file.

        The file can be the argument `statistics` of a metric of the same features.

        Args:
            path: `.npz` file to write, with float64 arrays `mu` (d,) and `sigma`
                (d, d). An existing file is replaced.

        Raises:
            ValueError: with fewer than two real images, for features that are not
                finite, or for a name that does not end in `.npz`.
        """
        write_statistics(path, *self._real_gaussian())

    def protocol(self):
        """As in `ImageMetric`, with a warning if there are too few images."""
        warning = too_few(self.features.dim, self._fewest())
        if self.statistics is None:
            return super().protocol() + warning
        return (
            f"{self.name}: {self.features.description}; real statistics of "
            f"{pathlib.Path(self.statistics).name} (number of images unknown), "
            f"{self._fewest()} fake{warning}"
        )

    def _fewest(self):
        """The number of images of the smaller side, where it is known."""
        fake, real = (int(x.numpy()) for x in (self.fake_count, self.real_count))
        return fake if self.statistics else min(fake, real)

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {"statistics": self.statistics}

    @classmethod
    def from_config(cls, config):
        """Rebuilds the metric. A file of statistics is read when the metric is used."""
        path = config.get("statistics")
        return super().from_config(
            config | {"statistics": path if path is None else _OfConfig(path)}
        )


class _OfConfig(str):
    """A path from a config, so that a saved model loads where the file is missing."""
