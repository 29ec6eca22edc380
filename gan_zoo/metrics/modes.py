"""Mode counting: how many modes of a distribution a generator covers.

The modes of two kinds of data are known. One is mixtures of Gaussians
(`gan_zoo.data.toy`). The other is stacked digits: colour images of three independent
MNIST digits, one in each channel. They have 1000 modes, which a digit classifier
identifies.
"""

import keras
import numpy as np
import scipy.spatial
import scipy.stats
from keras import ops

from gan_zoo.features import resolve
from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.pixels import Pixels


def mode_counts(points, centres, std, within=3.0):
    """Counts the high-quality samples of each mode of a mixture of Gaussians.

    A sample is of high quality when it lies within `within` standard deviations of the
    nearest centre, and counts for that mode.

    Args:
        points: samples (n, d).
        centres: centres of the modes (k, d); see `gan_zoo.data.toy.modes`.
        std: standard deviation of each mode.
        within: largest distance of a high-quality sample, in standard deviations.

    Returns:
        int array (k,). Samples of low quality are not counted.

    Raises:
        ValueError: for no points, or points of another dimension than the centres.

    Reference: Srivastava et al. 2017, VEEGAN, 1705.07761, section 4.1.
    """
    points, centres = np.asarray(points), np.asarray(centres)
    if points.ndim != 2 or points.shape[1:] != centres.shape[1:] or not len(points):
        raise ValueError(
            f"Expected points (n, {centres.shape[1]}), at least one, for centres "
            f"{centres.shape}, got shape {points.shape}."
        )
    distance, nearest = scipy.spatial.KDTree(centres).query(points)
    high_quality = distance <= within * std
    return np.bincount(nearest[high_quality], minlength=len(centres))


def mode_coverage(points, centres, std, within=3.0, share=0.0):
    """The modes covered and the share of high-quality samples.

    Args:
        points: as in `mode_counts`.
        centres: as in `mode_counts`.
        std: as in `mode_counts`.
        within: as in `mode_counts`.
        share: as in `covered_modes`.

    Returns:
        (number of modes covered, share of high-quality samples).
    """
    counts = mode_counts(points, centres, std, within)
    return covered_modes(counts, len(points), share), float(counts.sum() / len(points))


def covered_modes(counts, samples=None, share=0.0):
    """Counts the modes with enough samples.

    Args:
        counts: samples of each mode (k,).
        samples: number n of all samples, with those of no mode. The default is the sum
            of the counts.
        share: a mode is covered by `share` · n / k samples, and by at least one. The
            papers need one sample.

    Returns:
        int from 0 to k.
    """
    counts = np.asarray(counts)
    samples = counts.sum() if samples is None else samples
    return int((counts >= max(1.0, share * samples / len(counts))).sum())


def kl_to_uniform(counts):
    """The KL divergence of the histogram over modes from the uniform one.

    KL(p ‖ u) = Σ_k p_k log(k p_k) with p = counts / Σ counts, in nats. It is 0 when all
    modes are equally frequent and log k when there is only one. The papers report this
    direction, which is finite with empty modes. n samples of the uniform distribution
    give about (k − 1) / 2n, not 0.

    Args:
        counts: samples of each mode (k,).

    Returns:
        Float; NaN if no sample belongs to a mode.
    """
    counts = np.asarray(counts, "float64")
    if not counts.sum():
        return float("nan")
    # scipy normalises both.
    return float(scipy.stats.entropy(counts, np.ones_like(counts)))


def stacked_digits(images, classify=None):
    """Classifies images of three stacked digits into modes, 0 to 999.

    Args:
        images: (n, h, w, 3) in [-1, 1], a digit in each channel.
        classify: function of grey images (n, h, w, 1) to probabilities (n, 10); the
            default is the MNIST network of the package.

    Returns:
        int32 tensor (n,): 100 × red + 10 × green + blue digit, as in
        `gan_zoo.data.load("stacked_mnist_sample", labels=True)`.

    Raises:
        ValueError: for images without three channels.
    """
    images = ops.convert_to_tensor(images)
    if len(images.shape) != 4 or images.shape[-1] != 3:
        raise ValueError(
            "Expected stacked digits (n, h, w, 3), one in each channel, got shape "
            f"{tuple(images.shape)}."
        )
    classify = classify or resolve("mnist").classify
    _, height, width, _ = images.shape
    # (n, h, w, 3) -> (n, 3, h, w) -> (3n, h, w, 1)
    digits = ops.reshape(ops.transpose(images, (0, 3, 1, 2)), (-1, height, width, 1))
    classes = ops.reshape(ops.argmax(classify(digits), axis=1), (-1, 3))
    weights = ops.convert_to_tensor([100, 10, 1], "int32")
    return ops.sum(ops.cast(classes, "int32") * weights, axis=1)


class _ModeMetric(ImageMetric):
    """Counts the generated samples of each mode. Real ones are ignored."""

    def __init__(self, features, modes, share, name):
        if not 0 <= share <= 1:
            raise ValueError(f"Expected a share in [0, 1], got {share!r}.")
        super().__init__(features, name)
        self.share = share
        self.counts = self.add_fake_statistic((modes,), "counts")

    def update_state(self, real, fake):
        """Adds generated samples; `real` is ignored."""
        self._add_fake(fake)

    def _add_modes(self, modes, high_quality=None):
        members = ops.one_hot(modes, self.counts.shape[0], dtype="float64")  # (n, k)
        if high_quality is not None:
            members = members * ops.cast(high_quality, "float64")[:, None]
        self.counts.assign_add(ops.sum(members, axis=0))

    def result(self):
        """Dict of the results by their names in the logs."""
        counts, samples = self.counts.numpy(), int(self.fake_count.numpy())
        if not samples:
            raise ValueError(
                "Expected at least 1 generated sample, got 0. Call update_state(real, "
                "fake) before result()."
            )
        values = (
            covered_modes(counts, samples, self.share),
            kl_to_uniform(counts),
            counts.sum() / samples,
        )
        return dict(zip(self.result_names, values, strict=False))

    def _definition(self):
        least = f"{self.share:g} of the mean number of samples per mode"
        return (
            f"{self.fake_count.numpy():.0f} fake; of {self.counts.shape[0]} modes, one "
            f"is covered by {least if self.share else 'one sample'}; KL in nats from "
            "the uniform distribution"
        )


@keras.saving.register_keras_serializable(package="gan_zoo")
class ModeCoverage(_ModeMetric):
    """Mode coverage of a generator of points, for a mixture of Gaussians.

    In the logs, `modes` is the number of modes covered. `modes_kl` is the KL divergence
    of the histogram of high-quality samples from the uniform one (`kl_to_uniform`).
    `modes_quality` is the share of high-quality samples (`mode_counts`).

    Args:
        centres: centres of the modes (k, d).
        std: standard deviation of each mode.
        within: largest distance of a high-quality sample, in standard deviations; 3 in
            VEEGAN.
        share: as in `covered_modes`.
        name: name in the logs.

    Raises:
        ValueError: for a share out of [0, 1]; from `result()` without samples.

    Example:
        gan.compile(metrics=[ModeCoverage(*gan_zoo.data.toy.modes("ring"))])

    Reference: Metz et al. 2017, Unrolled Generative Adversarial Networks, 1611.02163,
    section 3.1; Srivastava et al. 2017, VEEGAN, 1705.07761, section 4.1 (who draw 2,500
    samples).
    """

    best = ("max", "min", "max")

    def __init__(self, centres, std, within=3.0, share=0.0, name="modes"):
        self.centres = np.asarray(centres, "float32")
        super().__init__(Pixels(), len(self.centres), share, name)
        self.std = std
        self.within = within

    @property
    def result_names(self):
        """Names in the logs of modes covered, KL divergence and high-quality share."""
        return self.name, f"{self.name}_kl", f"{self.name}_quality"

    def update_fake(self, images):
        """Adds generated points (n, d) to the counts."""
        points = ops.cast(images, "float32")
        squares = ops.sum((points[:, None] - self.centres) ** 2, axis=-1)  # (n, k)
        reach = (self.within * self.std) ** 2
        high_quality = ops.min(squares, axis=1) <= reach
        self._add_modes(ops.argmin(squares, axis=1), high_quality)

    def protocol(self):
        """Describes how the numbers were computed: samples and definitions."""
        return (
            f"{self.name}: {self._definition()}; high quality within {self.within:g} "
            f"standard deviations of {self.std:g}"
        )

    def get_config(self):
        """The arguments of the metric."""
        return {
            "centres": self.centres.tolist(),
            "std": self.std,
            "within": self.within,
            "share": self.share,
            "name": self.name,
        }


@keras.saving.register_keras_serializable(package="gan_zoo")
class StackedModes(_ModeMetric):
    """Number of the 1000 modes of stacked digits that a generator covers.

    `modes_mnist` in the logs is the number of modes covered, `modes_mnist_kl` the
    divergence of their histogram from the uniform one (`kl_to_uniform`). Every image
    counts for some mode, legible or not, and noise covers many: look at the images too.

    The papers draw 26,000 samples. The metric takes as many as there are images in the
    data set that `evaluate` is given, which is 26,000 for the test set of
    `stacked_mnist_sample`. Compare only numbers of equal counts.

    Args:
        share: as in `covered_modes`.
        name: name in the logs. Defaults to `modes_mnist`.

    Raises:
        ValueError: for a share out of [0, 1], images without three channels; from
            `result()` without images.

    Reference: Metz et al. 2017, Unrolled Generative Adversarial Networks, 1611.02163,
    section 3.3; Srivastava et al. 2017, VEEGAN, 1705.07761, section 4.1; counts of
    samples as in Lin et al. 2017, PacGAN, 1712.04086 and its code.
    """

    prefix = "modes"
    best = ("max", "min")

    def __init__(self, share=0.0, name=None):
        super().__init__("mnist", 1000, share, name)

    @property
    def result_names(self):
        """Names in the logs of modes covered and divergence."""
        return self.name, f"{self.name}_kl"

    def check_images(self, shape):
        """Nothing: that digits are RGB is right here, where each channel is one."""

    def update_fake(self, images):
        """Adds generated images (n, h, w, 3) to the counts."""
        self._add_modes(stacked_digits(images, self.features.classify))

    def protocol(self):
        """Describes how the numbers were computed: network, images and definitions."""
        return f"{self.name}: {self.features.description}; {self._definition()}"

    def get_config(self):
        """The arguments of the metric."""
        return {"share": self.share, "name": self.name}
