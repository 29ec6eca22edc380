"""Diversity: how different the images of a model are for the same condition.

Any distance of two images can be used. Papers report diversity with a perceptual one
such as LPIPS. Another choice is `lambda a, b: 1 - gan_zoo.metrics.ms_ssim(a, b)`. A
higher number means more diverse images, whether they are good or not; noise is very
diverse. The diversity of a model that always makes the same image is 0.
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
        protocol: how the number was computed, in words.
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
        pairs: number of pairs, chosen at random without repetition. The default is all
            k (k − 1) / 2.
        seed: integer seed of the pairs.
        batch_size: number of pairs in a batch.

    Returns:
        float64 array (pairs,).

    Raises:
        ValueError: for fewer than two images, for more pairs than there are, or for a
            distance that returns another shape than (n,).
    """
    images = ops.convert_to_numpy(images)
    first, second = np.triu_indices(len(images), 1)
    if not 1 <= (len(first) if pairs is None else pairs) <= len(first):
        raise ValueError(
            f"Expected at least 1 pair and at most the {len(first)} that "
            f"{len(images)} image(s) make, got pairs={pairs}."
        )
    if pairs is not None:
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(first), pairs, replace=False)
        first, second = first[chosen], second[chosen]
    distances = []
    for start in range(0, len(first), batch_size):
        i, j = (side[start : start + batch_size] for side in (first, second))
        batch = ops.convert_to_numpy(distance(images[i], images[j]))
        if batch.shape != i.shape:
            raise ValueError(
                f"Expected one distance per pair of images, shape {i.shape}, got shape "
                f"{batch.shape} from the distance."
            )
        distances.append(batch.astype("float64"))
    return np.concatenate(distances)


def diversity(
    generate,
    conditions,
    distance,
    *,
    samples=10,
    pairs=None,
    seed=0,
    batch_size=50,
    verbose=1,
):
    """The mean distance between images of the same condition.

    A condition is an input of the model besides noise, such as an image to translate or
    a class. Only images of the same condition are compared, so different inputs do not
    count as diversity.

    | protocol | conditions | samples | pairs |
    |---|---|---|---|
    | StarGAN v2 | every test image, a target domain | 10 | all 45 |
    | BicycleGAN | 100 test images | 20 | 19, which makes 1,900 |

    Args:
        generate: function of (condition, samples, seed) that returns images
            (samples, h, w, c) in [-1, 1].
        conditions: iterable of conditions. Condition i uses the seed `seed` + i.
        distance: as in `pairwise_distances`.
        samples: number of images of each condition, at least 2.
        pairs: number of pairs of each condition, as in `pairwise_distances`.
        seed: integer seed of the images and the pairs.
        batch_size: number of pairs in a batch.
        verbose: 0 for no progress bar.

    Returns:
        `Diversity`.

    Raises:
        ValueError: as in `pairwise_distances`, and without conditions.

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
        raise ValueError(
            "Expected at least one condition to generate images for, got none."
        )
    bar = keras.utils.Progbar(len(conditions), verbose=verbose, unit_name="condition")
    means = []
    for number, condition in enumerate(conditions, seed):
        images = generate(condition, samples, number)
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
