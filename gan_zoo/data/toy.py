"""Distributions in one or two dimensions that are known exactly.

Every sample is a pure function of (seed, index). A stream is therefore endless, can
start at any batch, and never repeats a point. `load("toy:<name>")` opens a stream.
"""

import itertools
import math

import numpy as np
import tensorflow as tf

from gan_zoo.data import draws, pipeline

EPOCH = 50_000  # number of samples in an epoch of a finite training set
TEST = 10_000

_TRAIN_TAGS, _TEST_TAGS = (0, 1), (2, 3)
_ANGLES = np.arange(8) * (2 * np.pi / 8)
_GRID = np.arange(-4.0, 5.0, 2.0)

# Equally likely isotropic Gaussians: (centres [K, D], standard deviation).
_MIXTURES = {
    # Metz et al., "Unrolled Generative Adversarial Networks", 2017 (arXiv:1611.02163),
    # appendix A: eight Gaussians with std 0.02 on a circle of radius 2.
    "ring": (2 * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1), 0.02),
    # Gulrajani et al., "Improved Training of Wasserstein GANs", 2017
    # (arXiv:1704.00028), figure 1 and its code, before the code's scaling.
    "grid": (
        np.stack(np.meshgrid(_GRID, _GRID, indexing="ij"), -1).reshape(-1, 2),
        0.05,
    ),
    "gaussian1d": (np.array([[4.0]]), 0.5),
    "mixture1d": (np.array([[-2.0], [2.0]]), 0.5),
}
NAMES = (*_MIXTURES, "swiss_roll")


def sample(name, count, seed=0, first=0, *, tags=_TRAIN_TAGS):
    """Consecutive samples of a distribution.

    - `ring`: 8 Gaussians on a circle of radius 2, with standard deviation 0.02.
    - `grid`: 25 Gaussians at {-4, -2, 0, 2, 4} squared, with standard deviation 0.05.
    - `gaussian1d`: N(4, 0.5²).
    - `mixture1d`: N(-2, 0.5²) and N(2, 0.5²), equally likely.
    - `swiss_roll`: t (cos t, sin t) with t uniform in [1.5 π, 4.5 π], plus noise
      N(0, 0.25²), divided by 7.5, as in the code of Gulrajani et al. 2017.

    Args:
        name: one of `NAMES`.
        count: number of samples (Python int).
        seed: int in [0, 2**31).
        first: index of the first sample. Sample n is the same in every call.
        tags: two tags of `draws`. The test samples of `batches` use other tags.

    Returns:
        float32 tensor [count, D], D = 2, or 1 for the names that end in 1d.

    Raises:
        ValueError: for an unknown name.
    """
    _check(name)
    position = draws.uniform(seed, tags[0], first, count)[:, 0]
    noise = draws.normal(seed, tags[1], first, count)
    if name == "swiss_roll":
        # The last bit of a float32 sine depends on its position in a SIMD register.
        t = 1.5 * math.pi * (1 + 2 * tf.cast(position, tf.float64))
        roll = t[:, None] * tf.stack([tf.cos(t), tf.sin(t)], 1)
        return (tf.cast(roll, tf.float32) + 0.25 * noise[:, :2]) / 7.5
    centres, std = _MIXTURES[name]
    component = tf.cast(position * len(centres), tf.int32)
    centre = tf.gather(tf.constant(centres, tf.float32), component)
    return centre + std * noise[:, : centres.shape[1]]


def modes(name):
    """The centres of the Gaussians of a mixture, to count covered modes.

    Args:
        name: one of `NAMES` except "swiss_roll".

    Returns:
        (float64 array [K, D] of centres, standard deviation of each Gaussian).

    Raises:
        ValueError: for an unknown name, or a distribution without modes.
    """
    _check(name)
    if name not in _MIXTURES:
        raise ValueError(
            f"Expected a mixture of Gaussians ({', '.join(_MIXTURES)}), got {name!r}, "
            "which has no modes and no closed-form density."
        )
    return _MIXTURES[name]


def density(name, x):
    """The probability density of a mixture.

    p(x) = 1/K Σ_k exp(-|x - c_k|² / 2σ²) / (2πσ²)^(D/2)

    Args:
        name: one of `NAMES` except "swiss_roll".
        x: array [N, D].

    Returns:
        float64 array [N].

    Raises:
        ValueError: for an unknown name, no closed form, or points of another dimension.
    """
    centres, std = modes(name)
    x = np.asarray(x, np.float64)
    if x.ndim != 2 or x.shape[1] != centres.shape[1]:
        raise ValueError(
            f"Expected points [N, {centres.shape[1]}] for {name!r}, got {x.shape}."
        )
    variance = std**2
    squared = ((x[:, None] - centres) ** 2).sum(-1)  # [N, K]
    peak = (2 * math.pi * variance) ** (-centres.shape[1] / 2)
    return peak * np.exp(-squared / (2 * variance)).mean(1)


def batches(name, batch_size, seed=0, start=None):
    """The training and the test stream of a distribution.

    An epoch has `EPOCH` new samples. The test set has `TEST` samples that never occur
    in training.

    Args:
        name: one of `NAMES`.
        batch_size: samples in a batch.
        seed: int in [0, 2**31).
        start: see `gan_zoo.data.load`.

    Returns:
        (train, test), tf.data.Dataset of float32 [batch_size, D]; the last batches of
        the test set may be smaller.

    Raises:
        ValueError: for an unknown name, or a batch larger than the test set.
    """
    _check(name)
    if batch_size > TEST:
        raise ValueError(f"Expected batch_size <= {TEST}, got {batch_size}.")

    def stream(numbers, tags):
        def batch(number):
            return sample(name, batch_size, seed, number * batch_size, tags=tags)

        return numbers.map(batch, num_parallel_calls=tf.data.AUTOTUNE)

    train = stream(pipeline.batches_by_epoch(EPOCH // batch_size, start), _TRAIN_TAGS)
    bounds = pipeline.test_bounds(TEST, batch_size)
    full = int(np.sum(np.diff(bounds) == batch_size))
    test = stream(tf.data.Dataset.range(full), _TEST_TAGS)
    for first, end in itertools.pairwise(bounds[full:].tolist()):
        last = sample(name, end - first, seed, first, tags=_TEST_TAGS)
        test = test.concatenate(tf.data.Dataset.from_tensors(last))
    return pipeline.finish(train), pipeline.finish(test)


def _check(name):
    if name not in NAMES:
        raise ValueError(f"Expected one of {', '.join(NAMES)}, got {name!r}.")
