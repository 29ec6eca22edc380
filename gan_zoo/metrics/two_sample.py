"""Two-sample tests: whether samples and data may be from the same distribution.

The p-value is the probability of a difference at least as large, if both are from the
same distribution. It is then below 0.05 in at most 5 % of cases. With enough images a
test distinguishes every generator from its data. A small p-value means that the number
of images is large enough for this.
"""

import keras
import numpy as np
import scipy.stats

from gan_zoo.metrics.neighbours import BLOCK, all_finite, nearest
from gan_zoo.metrics.sample_metric import FeatureSampleMetric, feature_pair
from gan_zoo.objectives import kernels


def classifier_test(real, fake, seed=0, block=BLOCK):
    """Classifier two-sample test: the accuracy of a k-NN classifier on held-out images.

    Both sides are shuffled and cut to the size of the smaller side. The first half of
    each is the training set of the classifier, with k = √(number of training images)
    neighbours as in the paper (made odd). The second half is classified. Each held-out
    real image is paired with a fake one. If both get the same class, one of them is
    classified correctly. If they get different classes, both are correct or both are
    wrong, each with probability ½ under the null hypothesis. The number of correct
    pairs is then binomial, and p is the probability of at least as many. (The paper
    treats all held-out images as independent. In a balanced half this is not exact.)

    Args:
        real: features (n, d).
        fake: features (m, d).
        seed: integer seed of the order.
        block: number of distances in a block, which limits the memory.

    Returns:
        Floats (accuracy, p_value). The accuracy is ½ for equal distributions and at
        most 1. Both are NaN where features are not finite.

    Raises:
        ValueError: for shapes that do not match, or fewer than 4 images on a side.

    Reference: Lopez-Paz and Oquab 2017, Revisiting Classifier Two-Sample Tests,
    1610.06545, section 3.
    """
    real, fake = feature_pair(real, fake)
    if not all_finite(real, fake):
        return float("nan"), float("nan")
    n = min(len(real), len(fake))
    if n < 4:
        raise ValueError(f"Expected at least 4 images of each side, got {n}.")
    real, fake = _equally_many(real, fake, seed)
    half = n // 2
    training = np.concatenate([real[:half], fake[:half]])
    k = int(np.sqrt(len(training))) | 1  # odd, so that votes do not tie
    real_votes, fake_votes = (
        np.mean(nearest(side[half:], training, k, block=block)[1] < half, axis=1)
        for side in (real, fake)
    )
    real_right, fake_right = real_votes > 0.5, fake_votes < 0.5
    accuracy = (real_right.mean() + fake_right.mean()) / 2
    decided = np.count_nonzero(real_right == fake_right)
    correct = np.count_nonzero(real_right & fake_right)
    p_value = scipy.stats.binom.sf(correct - 1, decided, 0.5)
    return float(accuracy), float(p_value)


def neighbour_accuracies(real, fake, seed=0, block=BLOCK):
    """The leave-one-out accuracy of a 1-nearest-neighbour classifier.

    For each side, it is the share of images whose nearest neighbour in both sets is of
    the same side. Both are ½ for equal distributions, 1 for separated sets, and 0 for
    copies of the real images. The fake accuracy is near 1 if the samples form clusters
    around a few images.

    Args:
        real: features (n, d).
        fake: features (m, d). The larger side is cut to the size of the smaller one.
        seed: integer seed of the random choice.
        block: number of distances in a block, which limits the memory.

    Returns:
        Floats (real accuracy, fake accuracy); NaN where features are not finite.

    Raises:
        ValueError: for shapes that do not match.

    Reference: Xu et al. 2018, An Empirical Study on Evaluation Metrics of Generative
    Adversarial Networks, 1806.07755, the 1-NN classifier.
    """
    real, fake = feature_pair(real, fake)
    if not all_finite(real, fake):
        return float("nan"), float("nan")
    real, fake = _equally_many(real, fake, seed)
    both, n = np.concatenate([real, fake]), len(real)
    found = nearest(both, both, leave_one_out=True, block=block)[1][:, 0]
    return float(np.mean(found[:n] < n)), float(np.mean(found[n:] >= n))


def _equally_many(real, fake, seed):
    """Shuffles both sides and cuts them to the size of the smaller one."""
    n, rng = min(len(real), len(fake)), np.random.RandomState(seed)
    return tuple(side[rng.permutation(len(side))[:n]] for side in (real, fake))


@keras.saving.register_keras_serializable(package="gan_zoo")
class KernelTest(FeatureSampleMetric):
    """MMD two-sample test between the features of real and generated images.

    The logs contain `mmd2_<features>`, the unbiased estimate (lower is better), and
    `mmd_p_<features>`, which is small if the test distinguishes the images. The kernel
    is Gaussian, with the median distance as bandwidth; see
    `gan_zoo.objectives.kernels.two_sample_test`.

    Args:
        features: as in `FrechetDistance`.
        permutations: number of random permutations.
        max_images: images kept on each side; memory grows with its square, about five
            matrices of (2 max_images)² float64.
        name: name in the logs, to which `_mmd2` and `_mmd_p` are added.

    Raises:
        ValueError: from `result()` with fewer than two images on a side.

    Reference: Gretton et al. 2012, A Kernel Two-Sample Test, JMLR 13; as a score for
    GANs: Sutherland et al. 2017, 1611.04488.
    """

    prefix = "kernel_test"
    best = ("min", None)

    def __init__(self, features="mnist", permutations=1000, max_images=1000, name=None):
        super().__init__(features, max_images, name)
        self.permutations = permutations

    @property
    def result_names(self):
        """Names in the logs of the discrepancy and the p-value."""
        return self.names_of("mmd2", "mmd_p")

    def result(self):
        """Dict of the discrepancy and the p-value for the images seen so far."""
        real, fake = feature_pair(self.real_rows.read(), self.fake_rows.read())
        if min(len(real), len(fake)) < 2:
            raise ValueError(
                f"Expected at least 2 images of each side, got {len(real)} and "
                f"{len(fake)}."
            )
        values = float("nan"), float("nan")
        if all_finite(real, fake):
            values = kernels.two_sample_test(fake, real, permutations=self.permutations)
        return dict(zip(self.result_names, values, strict=True))

    def protocol(self):
        """Describes how the numbers were computed: network, images, kernel."""
        return (
            f"{super().protocol()}; Gaussian kernel at the median distance, "
            f"{self.permutations} permutations"
        )

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {"permutations": self.permutations}


@keras.saving.register_keras_serializable(package="gan_zoo")
class ClassifierTest(FeatureSampleMetric):
    """Classifier two-sample tests between features of real and generated images.

    The logs contain the results of `classifier_test`: `classifier_accuracy_<features>`
    (½ is best) and `classifier_p_<features>` (small if the test distinguishes the
    images). They also contain those of `neighbour_accuracies`:
    `neighbour_accuracy_real_<features>` and `neighbour_accuracy_fake_<features>` (½ is
    best).

    Args:
        features: as in `FrechetDistance`.
        max_images: number of images kept on each side.
        name: name in the logs, to which `_classifier_accuracy` and the others' names
            are added.

    Raises:
        ValueError: from `result()` with fewer than four images on a side.

    Reference: Lopez-Paz and Oquab 2017, Revisiting Classifier Two-Sample Tests,
    1610.06545; Xu et al. 2018, 1806.07755.
    """

    prefix = "classifier_test"

    def __init__(self, features="mnist", max_images=5000, name=None):
        super().__init__(features, max_images, name)

    @property
    def result_names(self):
        """Names in the logs of the accuracies and the p-value."""
        return self.names_of(
            "classifier_accuracy",
            "classifier_p",
            "neighbour_accuracy_real",
            "neighbour_accuracy_fake",
        )

    def result(self):
        """Dict of accuracies and p-value for the images seen so far."""
        sides = self.real_rows.read(), self.fake_rows.read()
        values = *classifier_test(*sides), *neighbour_accuracies(*sides)
        return dict(zip(self.result_names, values, strict=True))

    def protocol(self):
        """Describes how the numbers were computed: network, images, classifiers."""
        return (
            f"{super().protocol()}; equally many images of each side, k-NN trained on "
            "a random half and tested on the other, leave-one-out 1-NN"
        )
