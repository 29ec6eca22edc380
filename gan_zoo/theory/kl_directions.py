"""Forward against reverse KL: one Gaussian fitted to a target of two modes.

    forward  KL(p_data‖p_G) = E_data log(p_data / p_G)   large where p_G misses data
    reverse  KL(p_G‖p_data) = E_G log(p_G / p_data)      large where there is no data

Forward KL, which maximum likelihood minimises, covers both modes and what lies between
them: its best Gaussian has the mean and the variance of the data. Reverse KL has two
deep valleys, each one mode with the other left out, and a shallow one between them,
N(0, 1.74²), which covers both modes and is far from the best. A GAN leans to the
reverse side: with D at its optimum and held fixed, the gradient of the non-saturating
loss −E log D*(G(z)) is that of KL(p_G‖p_data) − 2 JSD(p_data, p_G).

References: Bishop 2006, Pattern Recognition and Machine Learning, section 10.1.2;
Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative Adversarial
Networks, 1701.04862, theorem 2.5.
"""

import dataclasses
import functools
import math

import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats
from keras import ops

from gan_zoo import backend, data
from gan_zoo.objectives import losses
from gan_zoo.theory import figures
from gan_zoo.theory.divergences import jensen_shannon, kullback_leibler

TARGET = "mixture1d"  # ½ N(−2, 0.5²) + ½ N(2, 0.5²)
X = np.linspace(-12.0, 12.0, 4801)
STEP = X[1] - X[0]
MEANS = np.linspace(-4.0, 4.0, 81)
STARTS = (-3.0, -1.0, 1.0, 3.0)


@functools.cache
def target():
    """The data's density at `X`."""
    return data.toy.density(TARGET, X[:, None])


def forward(mean, deviation):
    """KL(p_data‖p_G) of samples N(mean, deviation²)."""
    p = target()
    # log p_G by its formula, since far out p_G is 0 in floating point.
    log_q = scipy.stats.norm.logpdf(X, mean, deviation)
    return float(np.sum(scipy.special.xlogy(p, p) - p * log_q) * STEP)


def reverse(mean, deviation):
    """KL(p_G‖p_data) of samples N(mean, deviation²)."""
    return kullback_leibler(scipy.stats.norm.pdf(X, mean, deviation), target(), STEP)


def symmetric(mean, deviation):
    """JSD(p_data, p_G) of samples N(mean, deviation²)."""
    return jensen_shannon(target(), scipy.stats.norm.pdf(X, mean, deviation), STEP)


@dataclasses.dataclass(frozen=True)
class Fit:
    """A Gaussian N(mean, deviation²) and its divergence from the target."""

    mean: float
    deviation: float
    divergence: float


def fit(divergence, start):
    """The Gaussian at which a descent of a divergence ends.

    Args:
        divergence: `forward`, `reverse` or `symmetric`.
        start: mean of the Gaussian to start from; its deviation is 1.

    Returns:
        `Fit`.
    """
    found = scipy.optimize.minimize(
        lambda at: divergence(at[0], math.exp(at[1])), (start, 0.0)
    )
    return Fit(float(found.x[0]), math.exp(found.x[1]), float(found.fun))


def best_over_deviations(divergence, mean):
    """The smallest divergence of a Gaussian of a given mean."""
    found = scipy.optimize.minimize_scalar(
        lambda at: divergence(mean, math.exp(at)), bounds=(-3.0, 2.0), method="bounded"
    )
    return float(found.fun)


def non_saturating_slope(mean, deviation, points=20_000):
    """d/dμ of −E log D*(G(z)), G(z) = μ + deviation z, D* held fixed.

    Differentiates `losses.non_saturating_generator_loss` at the optimal logit
    log p_data − log p_G.

    Args:
        mean: μ, at which the slope is wanted and of whose samples D* is the optimum.
        deviation: of the samples.
        points: evenly likely values of z in place of random ones.
    """
    centres, spread = data.toy.modes(TARGET)
    z = scipy.stats.norm.ppf((np.arange(points) + 0.5) / points)[:, None]
    fake = ops.convert_to_tensor(mean + deviation * z, "float32")

    def score(x):
        log_p = ops.logsumexp(
            -ops.square(x - centres.T.astype("float32")) / (2 * spread**2),
            axis=1,
            keepdims=True,
        ) - math.log(spread * len(centres))
        log_q = -ops.square((x - mean) / deviation) / 2 - math.log(deviation)
        return log_p - log_q

    def loss(shift):
        return losses.non_saturating_generator_loss(score(fake + shift))

    return float(backend.input_gradient(loss, ops.zeros((1, 1)))[0, 0])


def slope(mean, deviation, width=1e-3):
    """d/dμ of KL(p_G‖p_data) − 2 JSD, by central differences."""

    def at(mean):
        return reverse(mean, deviation) - 2 * symmetric(mean, deviation)

    return (at(mean + width) - at(mean - width)) / (2 * width)


@dataclasses.dataclass(frozen=True)
class Directions:
    """What was found.

    Attributes:
        forward: fits of the forward KL from each of `STARTS`.
        reverse: fits of the reverse KL from each of `STARTS`.
        forward_at: smallest forward KL at each of `MEANS`, array.
        reverse_at: smallest reverse KL at each of `MEANS`, array.
        generator_slope: slope of the non-saturating loss in the mean of samples of
            deviation 1, at each of `MEANS`, array.
        divergence_slope: that of KL(p_G‖p_data) − 2 JSD, array.
    """

    forward: tuple
    reverse: tuple
    forward_at: np.ndarray
    reverse_at: np.ndarray
    generator_slope: np.ndarray
    divergence_slope: np.ndarray


def measure():
    """Fits Gaussians by both directions; nothing here is random.

    Returns:
        `Directions`.
    """
    return Directions(
        forward=tuple(fit(forward, start) for start in STARTS),
        reverse=tuple(fit(reverse, start) for start in STARTS),
        forward_at=np.array([best_over_deviations(forward, m) for m in MEANS]),
        reverse_at=np.array([best_over_deviations(reverse, m) for m in MEANS]),
        generator_slope=np.array([non_saturating_slope(m, 1.0) for m in MEANS]),
        divergence_slope=np.array([slope(m, 1.0) for m in MEANS]),
    )


def summary(measured):
    """What was found, in one line."""

    def say(fits):
        return ", ".join(
            f"N({round(f.mean, 2) + 0.0:g}, {f.deviation:.2f}²)" for f in fits
        )

    off = np.abs(measured.generator_slope - measured.divergence_slope).max()
    return (
        f"from means {', '.join(f'{start:g}' for start in STARTS)} forward KL ends at "
        f"{say(measured.forward)} (KL {measured.forward[0].divergence:.3f}), reverse "
        f"KL at {say(measured.reverse)} (KL {measured.reverse[0].divergence:.3f}, "
        f"log 2 = {math.log(2):.3f}); slopes of the non-saturating loss and of "
        f"KL - 2 JSD differ by at most {off:.1e}"
    )


def draw(path, measured=None):
    """Draws the fits, both divergences over the mean, and the generator's slope.

    Args:
        path: PNG to write.
        measured: what `measure` returned; by default it is called.

    Returns:
        What was drawn.
    """
    m = measured or measure()
    figure = figures.new(10.4, 3.3)
    left, middle, right = figure.subplots(1, 3)

    left.fill_between(X, target(), color="0.88", label="data density")
    for fits, color, name in (
        (m.forward, "C0", "forward"),
        (m.reverse, "C3", "reverse"),
    ):
        for number, found in enumerate((fits[0], fits[-1])):
            density = scipy.stats.norm.pdf(X, found.mean, found.deviation)
            left.plot(X, density, color, label=None if number else f"{name} KL")
    left.set_xlim(-6, 6)
    left.set_ylim(0, 1.2)
    left.set_xlabel("x")
    left.set_title("the best Gaussian", fontsize=10)
    figures.legend(left, loc="upper center", ncols=3, handlelength=0.8)

    middle.plot(MEANS, m.forward_at, "C0", label="forward KL")
    middle.plot(MEANS, m.reverse_at, "C3", label="reverse KL")
    middle.set_ylim(0, 2.6)
    middle.set_xlabel("mean of the Gaussian (best deviation)")
    middle.set_title("one valley against two deep ones", fontsize=10)
    figures.legend(middle, loc="upper center", ncols=2)

    right.axhline(0, color="0.8", linewidth=1)
    right.plot(
        MEANS,
        m.divergence_slope,
        color="0.75",
        linewidth=5,
        label="KL(p_G‖p_data) − 2 JSD",
    )
    right.plot(MEANS, m.generator_slope, "C3", label="non-saturating loss at D*")
    right.set_xlabel("mean of the samples (deviation 1)")
    right.set_title("slope in the mean", fontsize=10)
    figures.legend(right, loc="upper left")
    figures.save(figure, path)
    return m
