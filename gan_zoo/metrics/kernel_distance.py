"""Kernel distance between two sets of features; with the 2015 network, the KID."""

import keras
import numpy as np

from gan_zoo.metrics.sample_metric import FeatureSampleMetric, feature_pair
from gan_zoo.objectives import kernels


def kernel_distances(x, y, subsets=100, subset_size=1000, seed=2020):
    """The unbiased MMD² of random subsets of two sets of features.

    With k(a, b) = (a·b / d + 1)³, and m rows drawn from each side without replacement,
    it is

        1 / m(m − 1) Σ_{i≠j} (k(x_i, x_j) + k(y_i, y_j)) − 2 / m² Σ_{i,j} k(x_i, y_j)

    The estimate is unbiased for any m. It may be negative when the sets are similar.

    Args:
        x: features of one side, array (n, d).
        y: features of the other, array (n', d).
        subsets: number of pairs of subsets.
        subset_size: rows of each subset, at least 2, and at most those of the smaller
            set.
        seed: integer seed of the subsets.

    Returns:
        float64 array (subsets,).

    Raises:
        ValueError: for shapes that do not match or sets smaller than a subset.

    Reference: Bińkowski et al. 2018, Demystifying MMD GANs, 1801.01401, section 4.
    """
    x, y = feature_pair(x, y)
    if not 2 <= subset_size <= min(len(x), len(y)):
        raise ValueError(
            f"Expected subsets of from 2 to {min(len(x), len(y))} images, the size of "
            f"the smaller set, got subset_size={subset_size}."
        )
    rng = np.random.RandomState(seed)
    values = np.empty(subsets)
    for i in range(subsets):
        a = x[rng.choice(len(x), subset_size, replace=False)].astype("float64")
        b = y[rng.choice(len(y), subset_size, replace=False)].astype("float64")
        matrices = kernels.kernel_matrices(kernels.polynomial_kernel, a, b)
        values[i] = kernels.mmd2_unbiased(*matrices)
    return values


@keras.saving.register_keras_serializable(package="gan_zoo")
class KernelDistance(FeatureSampleMetric):
    """Kernel distance between the features of real and generated images.

    It is the mean of `kernel_distances`; lower is better. Unlike the Fréchet distance,
    it has no bias that depends on the number of images. `kernel_<features>_std` in the
    logs is the standard deviation over the subsets. It is NaN where neither side has
    more images than a subset, since all subsets are then the same. With the 2015
    Inception network the names are `kid` and `kid_std`.

    Args:
        features: as in `FrechetDistance`.
        subsets: number of pairs of subsets; the paper uses 100.
        subset_size: images in each subset; the paper uses 1000. It is smaller if a side
            has fewer images, and the protocol says so.
        max_images: number of images kept on each side.
        name: name in the logs.

    Raises:
        ValueError: from `result()` with fewer than two images on a side.

    Reference: Bińkowski et al. 2018, Demystifying MMD GANs, 1801.01401, section 4.
    """

    prefix = "kernel"
    inception_prefix = "kid"
    best = ("min", None)

    def __init__(
        self,
        features="mnist",
        subsets=100,
        subset_size=1000,
        max_images=10_000,
        name=None,
    ):
        super().__init__(features, max_images, name)
        self.subsets = subsets
        self.subset_size = subset_size

    @property
    def result_names(self):
        """Names in the logs of the mean and the standard deviation over subsets."""
        return self.name, f"{self.name}_std"

    def result(self):
        """Dict of the mean and the standard deviation over subsets.

        The standard deviation is NaN where each subset has all images of both sides.
        """
        real, fake = self.real_rows.read(), self.fake_rows.read()
        size = min(self.subset_size, len(real), len(fake))
        single = self._subset_size() is None
        values = kernel_distances(real, fake, 1 if single else self.subsets, size)
        std = float("nan") if single else values.std()
        return dict(zip(self.result_names, (values.mean(), std), strict=True))

    def _kept(self):
        """Images that are kept: dict of side to number."""
        counts = {"real": self.real_count, "fake": self.fake_count}
        return {
            side: min(int(count.numpy()), self.max_images)
            for side, count in counts.items()
        }

    def _subset_size(self):
        """Images of a subset, or None if a subset has all images of both sides."""
        real, fake = self._kept().values()
        size = min(self.subset_size, real, fake)
        return None if size == real == fake else size

    @property
    def undefined(self):
        """The standard deviation, where all subsets are the same."""
        if self._subset_size() is not None:
            return {}
        why = "every subset is all images of both sides, so that there is no spread"
        return {self.result_names[1]: why}

    def protocol(self):
        """Describes how the numbers were computed: network, images, subsets."""
        size = self._subset_size()
        subsets = (
            "all images at once, since a subset would be all of them"
            if size is None
            else f"{self.subsets} subsets of {size}"
        )
        for side, count in self._kept().items():
            if size == count:  # the spread is that of the other side alone
                subsets += f", each with all {side} images"
        return f"{super().protocol()}; {subsets}"

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {
            "subsets": self.subsets,
            "subset_size": self.subset_size,
        }
