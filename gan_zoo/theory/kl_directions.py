"""Forward and reverse KL: one Gaussian is fitted to a target of two modes.

    forward  KL(p_data‖p_G) = E_data log(p_data / p_G)   large where p_G misses data
    reverse  KL(p_G‖p_data) = E_G log(p_G / p_data)      large where there is no data

Maximum likelihood minimises forward KL. Its best Gaussian has the mean and the variance
of the data, and covers both modes and the gap between them. Reverse KL has two deep
minima. Each covers one mode and misses the other. A shallow minimum between them,
N(0, 1.74²), covers both modes and is far from the best. A GAN is close to reverse KL:
for an optimal D that is held fixed, the gradient of the non-saturating loss
−E log D*(G(z)) is that of KL(p_G‖p_data) − 2 JSD(p_data, p_G).

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
    """The density of the data at `X`."""
    return data.toy.density(TARGET, X[:, None])


def forward(mean, std):
    """KL(p_data‖p_G) of samples N(mean, std²)."""
    p = target()
    # log p_G from its formula, since p_G is 0 in floating point far from its mean.
    log_q = scipy.stats.norm.logpdf(X, mean, std)
    return float(np.sum(scipy.special.xlogy(p, p) - p * log_q) * STEP)


def reverse(mean, std):
    """KL(p_G‖p_data) of samples N(mean, std²)."""
    return kullback_leibler(scipy.stats.norm.pdf(X, mean, std), target(), STEP)


def symmetric(mean, std):
    """JSD(p_data, p_G) of samples N(mean, std²)."""
    return jensen_shannon(target(), scipy.stats.norm.pdf(X, mean, std), STEP)


@dataclasses.dataclass(frozen=True)
class Fit:
    """A Gaussian N(mean, std²) and its divergence from the target."""

    mean: float
    std: float
    divergence: float


def fit(divergence, start):
    """Fits a Gaussian by gradient descent of a divergence.

    Args:
        divergence: `forward`, `reverse` or `symmetric`.
        start: initial mean of the Gaussian. Its initial standard deviation is 1.

    Returns:
        `Fit`.
    """
    found = scipy.optimize.minimize(
        lambda at: divergence(at[0], math.exp(at[1])), (start, 0.0)
    )
    return Fit(float(found.x[0]), math.exp(found.x[1]), float(found.fun))


def best_over_stds(divergence, mean):
    """The smallest divergence of a Gaussian of a given mean."""
    found = scipy.optimize.minimize_scalar(
        lambda at: divergence(mean, math.exp(at)), bounds=(-3.0, 2.0), method="bounded"
    )
    return float(found.fun)


def non_saturating_gradient(mean, std, points=20_000):
    """d/dμ of −E log D*(G(z)), G(z) = μ + std z, D* held fixed.

    Differentiates `losses.non_saturating_generator_loss` at the optimal logit
    log p_data − log p_G.

    Args:
        mean: μ. D* is the optimal discriminator for samples with this mean.
        std: standard deviation of the samples.
        points: number of values of z. They are quantiles, not random numbers.

    Returns:
        Float.
    """
    centres, data_std = data.toy.modes(TARGET)
    z = scipy.stats.norm.ppf((np.arange(points) + 0.5) / points)[:, None]
    fake = ops.convert_to_tensor(mean + std * z, "float32")

    def score(x):
        log_p = ops.logsumexp(
            -ops.square(x - centres.T.astype("float32")) / (2 * data_std**2),
            axis=1,
            keepdims=True,
        ) - math.log(data_std * len(centres))
        log_q = -ops.square((x - mean) / std) / 2 - math.log(std)
        return log_p - log_q

    def loss(shift):
        return losses.non_saturating_generator_loss(score(fake + shift))

    return float(backend.input_gradient(loss, ops.zeros((1, 1)))[0, 0])


def divergence_gradient(mean, std, width=1e-3):
    """d/dμ of KL(p_G‖p_data) − 2 JSD, by central differences."""

    def at(mean):
        return reverse(mean, std) - 2 * symmetric(mean, std)

    return (at(mean + width) - at(mean - width)) / (2 * width)


@dataclasses.dataclass(frozen=True)
class Directions:
    """Results of the demonstration.

    Attributes:
        forward: fits of the forward KL from each of `STARTS`.
        reverse: fits of the reverse KL from each of `STARTS`.
        forward_at: smallest forward KL at each of `MEANS`, array.
        reverse_at: smallest reverse KL at each of `MEANS`, array.
        generator_gradient: derivative of the non-saturating loss with respect to the
            mean of samples with std 1, at each of `MEANS`, array.
        divergence_gradient: the same of KL(p_G‖p_data) − 2 JSD, array.
    """

    forward: tuple
    reverse: tuple
    forward_at: np.ndarray
    reverse_at: np.ndarray
    generator_gradient: np.ndarray
    divergence_gradient: np.ndarray


def measure():
    """Fits Gaussians with both directions. Nothing here is random.

    Returns:
        `Directions`.
    """
    return Directions(
        forward=tuple(fit(forward, start) for start in STARTS),
        reverse=tuple(fit(reverse, start) for start in STARTS),
        forward_at=np.array([best_over_stds(forward, m) for m in MEANS]),
        reverse_at=np.array([best_over_stds(reverse, m) for m in MEANS]),
        generator_gradient=np.array([non_saturating_gradient(m, 1.0) for m in MEANS]),
        divergence_gradient=np.array([divergence_gradient(m, 1.0) for m in MEANS]),
    )


def summary(measured):
    """The results in one line."""

    def format_fits(fits):
        return ", ".join(f"N({round(f.mean, 2) + 0.0:g}, {f.std:.2f}²)" for f in fits)

    off = np.abs(measured.generator_gradient - measured.divergence_gradient).max()
    return (
        f"from means {', '.join(f'{start:g}' for start in STARTS)} forward KL ends at "
        f"{format_fits(measured.forward)} (KL {measured.forward[0].divergence:.3f}), "
        f"reverse KL at {format_fits(measured.reverse)} (KL "
        f"{measured.reverse[0].divergence:.3f}, log 2 = {math.log(2):.3f}); gradients "
        f"of the non-saturating loss and of KL - 2 JSD differ by at most {off:.1e}"
    )


def draw(path, measured=None):
    """Draws the fits, both divergences over the mean, and the gradients.

    Args:
        path: PNG to write.
        measured: result of `measure`, which is called by default.

    Returns:
        The results that were drawn.
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
            density = scipy.stats.norm.pdf(X, found.mean, found.std)
            left.plot(X, density, color, label=None if number else f"{name} KL")
    left.set_xlim(-6, 6)
    left.set_ylim(0, 1.2)
    left.set_xlabel("x")
    left.set_title("the best Gaussian", fontsize=10)
    figures.legend(left, loc="upper center", ncols=3, handlelength=0.8)

    middle.plot(MEANS, m.forward_at, "C0", label="forward KL")
    middle.plot(MEANS, m.reverse_at, "C3", label="reverse KL")
    middle.set_ylim(0, 2.6)
    middle.set_xlabel("mean of the Gaussian (best std)")
    middle.set_title("one minimum and two deep minima", fontsize=10)
    figures.legend(middle, loc="upper center", ncols=2)

    right.axhline(0, color="0.8", linewidth=1)
    right.plot(
        MEANS,
        m.divergence_gradient,
        color="0.75",
        linewidth=5,
        label="KL(p_G‖p_data) − 2 JSD",
    )
    right.plot(MEANS, m.generator_gradient, "C3", label="non-saturating loss at D*")
    right.set_xlabel("mean of the samples (std 1)")
    right.set_title("derivative with respect to the mean", fontsize=10)
    figures.legend(right, loc="upper left")
    figures.save(figure, path)
    return m
