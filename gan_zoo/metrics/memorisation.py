"""Tests whether a generator repeats its training images, by nearest neighbours."""

import pathlib

import keras
import matplotlib.figure
import numpy as np
import scipy.stats
from keras import ops

from gan_zoo.callbacks.sample_grid import as_uint8
from gan_zoo.features import resolve
from gan_zoo.files import whole
from gan_zoo.metrics.neighbours import BLOCK, all_finite, nearest
from gan_zoo.metrics.sample_metric import FeatureSampleMetric, feature_pair


def training_distances(x, training, block=BLOCK):
    """The distance of each row of x to the nearest training image.

    Args:
        x: features (n, d).
        training: features of the training images (t, d).
        block: number of distances in a block, which limits the memory.

    Returns:
        float64 array (n,), Euclidean; 0 where the features are equal up to float32.

    Raises:
        ValueError: for shapes that do not match.
    """
    x, training = feature_pair(x, training)
    distances = np.sqrt(nearest(x, training, block=block)[0][:, 0])
    # float32 features of one image differ by this much between batch sizes.
    rounding = 1e-5 * np.linalg.norm(x, axis=1)
    return np.where(distances <= rounding, 0.0, distances)


def memorisation_test(fake_distances, held_out_distances, level=0.01):
    """Tests whether samples are nearer to the training set than new real images.

    If a generator samples from the distribution of the data, both sets of distances
    have the same distribution. This is the null hypothesis of the Mann-Whitney test.
    Its statistic is the probability

        nearer = P(distance of a fake image < distance of a held-out real image).

    Equal distances count half. It is ½ under the null hypothesis, 1 for copies, and
    below ½ for images that are far from the data. A few copies among many images hardly
    change it. They change

        copied = share of fake images with a distance of at most the `level` quantile
                 of the held-out distances,

    which is about `level` under the null hypothesis.

    Args:
        fake_distances: distances of generated images to the training set, (n,).
        held_out_distances: distances of held-out real images to it, (m,).
        level: share of held-out images that count as copies, in (0, 1).

    Returns:
        Floats (nearer, p_value, copied). p_value is small if fake images are too near.
        All are NaN if a distance is not finite.

    Raises:
        ValueError: for a level outside (0, 1), or held-out images of which half or more
            are training images.

    Reference: Meehan et al. 2020, A Non-Parametric Test to Detect Data-Copying in
    Generative Models, 2004.05675, with one cell.
    """
    if not 0 < level < 1:
        raise ValueError(f"Expected a level in (0, 1), a share, got {level!r}.")
    fake = np.asarray(fake_distances, "float64")
    held_out = np.asarray(held_out_distances, "float64")
    if not all_finite(fake, held_out):
        return float("nan"), float("nan"), float("nan")
    if np.median(held_out) == 0:
        raise ValueError(
            "Expected held-out real images, got ones of which half or more are in the "
            "training set. Evaluate on images that were not trained on."
        )
    test = scipy.stats.mannwhitneyu(fake, held_out, alternative="less")
    # U is the number of pairs whose fake image is farther.
    nearer = 1 - test.statistic / (len(fake) * len(held_out))
    copied = np.mean(fake <= np.quantile(held_out, level))
    return float(nearer), float(test.pvalue), float(copied)


def features_of(features, images, batch_size=250):
    """Features of any number of images, batch by batch.

    Args:
        features: what `gan_zoo.features.resolve` accepts.
        images: array (n, h, w, c) in [-1, 1].
        batch_size: number of images in a batch.

    Returns:
        float32 array (n, dim).
    """
    features = resolve(features)
    images = np.asarray(images, "float32")
    batches = range(0, len(images), batch_size)
    return np.concatenate(
        [ops.convert_to_numpy(features(images[i : i + batch_size])) for i in batches]
    )


@keras.saving.register_keras_serializable(package="gan_zoo")
class Memorisation(FeatureSampleMetric):
    """Tests whether samples are nearer to the training images than new real images.

    The logs contain the results of `memorisation_test`: `nearer_<features>` (½ is best,
    1 for copies), `nearer_p_<features>` (small if images are too near to be samples of
    the data) and `copied_<features>` (0.01 for samples of the data). The real images
    that the model is evaluated on must not be training images.

    Args:
        training: training images (t, h, w, c) in [-1, 1], all or some. A config does
            not store them.
        features: as in `FrechetDistance`.
        max_images: number of images kept on each side.
        name: name in the logs, to which `_nearer`, `_nearer_p` and `_copied` are added.

    Raises:
        ValueError: without training images, when the metric is used; from `result()` if
            half or more of the real images are training images.

    Example:
        images = np.concatenate([batch for batch in train])
        gan.compile(metrics=[gan_zoo.metrics.Memorisation(images)])

    Reference: Meehan et al. 2020, A Non-Parametric Test to Detect Data-Copying in
    Generative Models, 2004.05675.
    """

    prefix = "memorisation"

    def __init__(self, training=None, features="mnist", max_images=10_000, name=None):
        super().__init__(features, max_images, name)
        self.training = training
        self._known = None  # features of these images

    @property
    def result_names(self):
        """Names in the logs of the probability, its p-value and the share."""
        return self.names_of("nearer", "nearer_p", "copied")

    def update_state(self, real, fake):
        """Adds held-out real images and generated ones, (n, h, w, c)."""
        if self.training is None:
            raise ValueError(
                f"Expected training images to compare with, got none for {self.name}. "
                "A config does not store them. Make the metric again with "
                "training=<images> and compile the model with it."
            )
        super().update_state(real, fake)

    def reset_state(self):
        """As in `ImageMetric`; training images and network may have changed as well."""
        super().reset_state()
        if not self._completed:
            self._known = None

    def result(self):
        """Dict of the three numbers for the images seen so far."""
        sides = feature_pair(self.fake_rows.read(), self.real_rows.read())
        values = (float("nan"),) * 3
        if all_finite(*sides):
            if self._known is None:
                self._known = features_of(self.features, self.training)
            values = memorisation_test(
                *(training_distances(side, self._known) for side in sides)
            )
        return dict(zip(self.result_names, values, strict=True))

    def protocol(self):
        """Describes how the numbers were computed: network, images, training images."""
        count = 0 if self.training is None else len(self.training)
        return f"{super().protocol()}; {count} training images"


def draw_neighbours(path, samples, training, features="mnist", k=5):
    """Draws each sample beside its nearest training images.

    Each row shows a sample, a gap, and its k neighbours, the nearest first. Their
    distances in feature space are below them.

    Args:
        path: PNG to write. Its folder is made if it does not exist.
        samples: images (n, h, w, 1 or 3) in [-1, 1].
        training: images (t, h, w, 1 or 3) of the same shape.
        features: as in `FrechetDistance`.
        k: number of neighbours of each sample.

    Returns:
        Distances (n, k), float64.

    Raises:
        ValueError: for images of other shapes, or fewer than k training images.
    """
    samples, training = np.asarray(samples), np.asarray(training)
    if samples.shape[1:] != training.shape[1:]:
        raise ValueError(
            "Expected samples and training images of one shape (h, w, c), got "
            f"{samples.shape[1:]} and {training.shape[1:]}."
        )
    features = resolve(features)
    squared, found = nearest(
        features_of(features, samples), features_of(features, training), k
    )
    distances = np.sqrt(squared)
    n, widths = len(samples), [1, 0.25, *[1] * k]
    figure = matplotlib.figure.Figure((1.1 * sum(widths), 1.3 * n + 0.5), dpi=96)
    axes = figure.subplots(n, k + 2, squeeze=False, width_ratios=widths)
    below = {"ha": "center", "va": "top", "fontsize": 8}
    for ax in axes.flat:
        ax.axis("off")
    for row, sample, neighbours, row_distances in zip(
        axes, samples, training[found], distances, strict=True
    ):
        _show(row[0], sample)
        for ax, image, distance in zip(row[2:], neighbours, row_distances, strict=True):
            _show(ax, image)
            ax.text(0.5, -0.04, f"{distance:.3g}", transform=ax.transAxes, **below)
    axes[0, 0].text(0, 1.08, "sample", transform=axes[0, 0].transAxes)
    axes[0, 2].text(
        0, 1.08, f"nearest of {len(training):,}", transform=axes[0, 2].transAxes
    )
    figure.subplots_adjust(0.01, 0.3 / (1.3 * n + 0.5), 0.99, 1 - 0.4 / (1.3 * n + 0.5))
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as partial:
        figure.savefig(partial, format="png")
    return distances


def _show(ax, image):
    ax.imshow(np.broadcast_to(as_uint8(image), (*image.shape[:2], 3)))
