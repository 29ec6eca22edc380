"""Intra-class Fréchet distance: the distance within each class, and the mean."""

import dataclasses

import keras
import numpy as np
from keras import ops

from gan_zoo.features import resolve
from gan_zoo.metrics.frechet import frechet_distance, mean_and_covariance, too_few


@dataclasses.dataclass(frozen=True)
class IntraClassDistance:
    """Fréchet distances within classes; lower is better.

    Attributes:
        per_class: dict of class to its distance.
        mean: their mean, all classes weighted equally.
        protocol: how the numbers were computed, in words.
    """

    per_class: dict
    mean: float
    protocol: str


def intra_class_frechet(
    model,
    data,
    features="mnist",
    *,
    per_class=5000,
    classes=None,
    seed=0,
    batch_size=100,
    verbose=1,
):
    """The Fréchet distance between real and generated images of each class.

    The distance of all images does not show whether a conditional model makes images of
    the requested class. It also does not show whether the model repeats one image for
    each of many classes. The distance within each class shows both.

    Features of both sides are summed batch by batch in float64. The numbers therefore
    do not depend on `batch_size` or on the batches of `data`, up to rounding. Like
    every Fréchet distance, they fall as the number of images grows. Classes have few
    images, so compare only numbers of equal counts.

    Memory: (d² + d) × 8 bytes per class, 33 kB with the MNIST network and 34 MB with
    2,048 features. For many classes, compute groups of them with `classes`.

    Args:
        model: a model whose `generate(n, seed=..., labels=...)` takes a class below
            its `num_classes`.
        data: iterable of batches (images (n, h, w, c) in [-1, 1], labels (n,)), such as
            a `tf.data.Dataset`. It is iterated once.
        features: as in `FrechetDistance`.
        per_class: number of images to generate of each class; the paper uses 5,000. The
            images of one class are in memory together.
        classes: classes to compare. The default is all.
        seed: integer seed of the images. Class c uses `seed` + c.
        batch_size: number of generated images in a batch of the feature network.
        verbose: 0 for no progress bar.

    Returns:
        `IntraClassDistance`.

    Raises:
        ValueError: for a class with fewer than two real images, or `per_class` below 2.

    Reference: Miyato & Koyama 2018, cGANs with Projection Discriminator, 1802.05637,
    section 5.
    """
    features = resolve(features)
    if per_class < 2:
        raise ValueError(f"Expected per_class to be at least 2, got {per_class!r}.")
    classes = range(model.num_classes) if classes is None else classes
    real = {int(label): _Sums(features.dim) for label in classes}
    for images, labels in data:
        labels = ops.convert_to_numpy(labels)
        selected = np.isin(labels, list(real))
        x = ops.convert_to_numpy(features(images))[selected]
        for label in np.unique(labels[selected]):
            real[label].add(x[labels[selected] == label])
    if few := {label: s.count for label, s in real.items() if s.count < 2}:
        raise ValueError(
            "Expected at least 2 real images of each class, as a covariance takes, got "
            f"{few} by class. Leave these classes out with classes=, or pass more "
            "images."
        )
    bar = keras.utils.Progbar(len(real), verbose=verbose, unit_name="class")
    distances = {}
    for label, real_sums in real.items():
        images = model.generate(per_class, seed=seed + label, labels=label)
        fake_sums = _Sums(features.dim)
        for start in range(0, per_class, batch_size):
            fake_sums.add(
                ops.convert_to_numpy(features(images[start : start + batch_size]))
            )
        distances[label] = frechet_distance(
            *real_sums.gaussian(), *fake_sums.gaussian()
        )
        bar.add(1)
    counts = [sums.count for sums in real.values()]
    return IntraClassDistance(
        distances,
        float(np.mean(list(distances.values()))),
        f"intra-class Fréchet distance: {features.description}; {len(real)} classes, "
        f"{min(counts)} to {max(counts)} real and {per_class} fake images of each, "
        f"seed {seed}" + too_few(features.dim, min(*counts, per_class)),
    )


class _Sums:
    """Count, sum and sum of outer products of features, in float64."""

    def __init__(self, dim):
        self.count = 0
        self.total = np.zeros(dim)
        self.products = np.zeros((dim, dim))

    def add(self, x):
        x = np.asarray(x, "float64")  # (n, d)
        self.count += len(x)
        self.total += x.sum(axis=0)
        self.products += x.T @ x

    def gaussian(self):
        return mean_and_covariance(self.count, self.total, self.products)
