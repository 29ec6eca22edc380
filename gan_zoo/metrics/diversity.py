"""Diversity: how different the images are that a model makes of the same condition.

Any distance of two images can be used: a perceptual one such as LPIPS, with which
papers report diversity, or `lambda a, b: 1 - gan_zoo.metrics.ms_ssim(a, b)`. A higher
number is more diverse, whether the images are good or not; noise is very diverse. A
model that always makes the same image scores 0.
"""

import dataclasses

import keras
import numpy as np
from keras import ops


@dataclasses.dataclass(frozen=True)
class Diversity:
    """Mean distances between images of equal conditions; higher is more diverse.

    Attributes:
        per_condition: list of the mean distance of each condition.
        mean: their mean.
        protocol: how the number was made, in words.
    """

    per_condition: list
    mean: float
    protocol: str


def pairwise_distances(images, distance, pairs=None, seed=0, batch_size=50):
    """Distances between pairs of different images of a set.

    Args:
        images: (k, h, w, c) in [-1, 1], at least two.
        distance: function of two batches of n images to numbers (n,), such as
            `gan_zoo.metrics.PerceptualDistance`.
        pairs: number of pairs, drawn at random without repetition; all k (k − 1) / 2
            by default.
        seed: integer from which pairs are drawn.
        batch_size: pairs at a time.

    Returns:
        float64 array (pairs,).

    Raises:
        ValueError: for fewer than two images, more pairs than there are, or a distance
            that gives another shape than (n,).
    """
    images = ops.convert_to_numpy(images)
    first, second = np.triu_indices(len(images), 1)
    if not 1 <= (len(first) if pairs is None else pairs) <= len(first):
        raise ValueError(
            f"Expected at least 1 pair and at most the {len(first)} that "
            f"{len(images)} image(s) make, got pairs={pairs}."
        )
    if pairs is not None:
        draw = np.random.default_rng(seed)
        chosen = draw.choice(len(first), pairs, replace=False)
        first, second = first[chosen], second[chosen]
    distances = []
    for start in range(0, len(first), batch_size):
        i, j = (side[start : start + batch_size] for side in (first, second))
        some = ops.convert_to_numpy(distance(images[i], images[j]))
        if some.shape != i.shape:
            raise ValueError(
                f"Expected one distance per pair of images, shape {i.shape}, got shape "
                f"{some.shape} from the distance."
            )
        distances.append(some.astype("float64"))
    return np.concatenate(distances)


def diversity(
    draw,
    conditions,
    distance,
    *,
    samples=10,
    pairs=None,
    seed=0,
    batch_size=50,
    verbose=1,
):
    """Mean distance between images that a model makes of the same condition.

    A condition is what the model is given besides noise, such as an input image to
    translate, or a class. Only images of the same condition are compared, so that
    different inputs do not count as diversity.

    | protocol | conditions | samples | pairs |
    |---|---|---|---|
    | StarGAN v2 | every test image, a target domain | 10 | all 45 |
    | BicycleGAN | 100 test images | 20 | 19, which makes 1,900 |

    Args:
        draw: function of (condition, samples, seed) to images (samples, h, w, c) in
            [-1, 1].
        conditions: iterable; item i is drawn with `seed` + i.
        distance: as in `pairwise_distances`.
        samples: images of each condition, at least 2.
        pairs: as in `pairwise_distances`, of each condition.
        seed: of images and pairs.
        batch_size: pairs at a time.
        verbose: 0 for no progress bar.

    Returns:
        `Diversity`.

    Raises:
        ValueError: as `pairwise_distances`, and where there is no condition.

    Example:
        def of_class(label, samples, seed):
            return gan.generate(samples, seed=seed, labels=label)

        diversity(of_class, range(10), PerceptualDistance(), samples=10)

    Reference: Zhu et al. 2017, Toward Multimodal Image-to-Image Translation,
    1711.11586, section 5; Choi et al. 2019, StarGAN v2, 1912.01865, appendix on
    metrics.
    """
    conditions = list(conditions)
    if not conditions:
        raise ValueError("Expected at least one condition to draw images of, got none.")
    bar = keras.utils.Progbar(len(conditions), verbose=verbose, unit_name="condition")
    means = []
    for number, condition in enumerate(conditions, seed):
        images = draw(condition, samples, number)
        values = pairwise_distances(images, distance, pairs, number, batch_size)
        means.append(float(values.mean()))
        bar.add(1)
    name = getattr(distance, "description", None) or getattr(
        distance, "__name__", distance
    )
    return Diversity(
        means,
        float(np.mean(means)),
        f"diversity: mean {name} over {len(values)} pairs of {samples} samples of each "
        f"of {len(means)} conditions, seed {seed}",
    )
