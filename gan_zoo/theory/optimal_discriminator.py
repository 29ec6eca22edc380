"""The optimal discriminator: what D learns while G is fixed.

For a fixed generator the discriminator that maximises

    V(D, G) = E log D(x) + E log(1 − D(G(z)))

is D*(x) = p_data(x) / (p_data(x) + p_G(x)), and V(D*, G) = 2 JSD(p_data, p_G) −
2 log 2. Here data and samples are Gaussian, so both densities are known. `gan_zoo.GAN`
is trained on them with `fit`, and its generator is frozen.

Reference: Goodfellow et al. 2014, Generative Adversarial Nets, 1406.2661, Proposition 1
and Theorem 1.
"""

import dataclasses
import math

import keras
import numpy as np
import scipy.stats

import gan_zoo
from gan_zoo.networks.gan import mlp
from gan_zoo.theory import figures
from gan_zoo.theory.divergences import jensen_shannon
from gan_zoo.theory.players import shifted_noise

DATA = "gaussian1d"  # N(4, 0.5²)
DIFFERENT, SAME = (3.0, 1.0), (4.0, 0.5)  # (mean, std) of the samples
X = np.linspace(-4.0, 10.0, 2801)
STEP = X[1] - X[0]
STOPS = (10, 50)  # D is drawn after these steps and after the last


def optimum(p_data, p_model):
    """D*(x) = p_data / (p_data + p_G); NaN where both densities are 0.

    Args:
        p_data: density of the data, array.
        p_model: density of the samples at the same points.
    """
    total = np.asarray(p_data) + p_model
    return p_data / np.where(total > 0, total, np.nan)


def value(scores, p_data, p_model, step):
    """V(D, G) = ∫ p_data log σ(s) + p_G log(1 − σ(s)).

    Args:
        scores: logits s of the discriminator at evenly spaced points, array (n,).
        p_data: density of the data at these points.
        p_model: density of the samples at these points.
        step: distance between neighbouring points.

    Returns:
        Float, at most 2 JSD − 2 log 2.
    """
    on_data = -np.logaddexp(0, -scores)  # log sigmoid(s)
    on_model = -np.logaddexp(0, scores)  # log(1 - sigmoid(s))
    return float(np.sum(p_data * on_data + p_model * on_model) * step)


@dataclasses.dataclass(frozen=True)
class Training:
    """A discriminator's training against a fixed generator.

    Attributes:
        p_data: density of the data at `X`.
        p_model: density of the samples at `X`.
        steps: training steps after which D was recorded, array (k,).
        probability: D(x) after each of them, array (k, len(X)).
        values: V(D, G) after each of them, array (k,).
        best: 2 JSD(p_data, p_G) − 2 log 2.
    """

    p_data: np.ndarray
    p_model: np.ndarray
    steps: np.ndarray
    probability: np.ndarray
    values: np.ndarray
    best: float

    @property
    def error(self):
        """Mean of |D − D*| at the end, over data and samples."""
        weight = (self.p_data + self.p_model) / 2
        off = np.abs(self.probability[-1] - optimum(self.p_data, self.p_model))
        return float(np.nansum(weight * off) * STEP)


def train(mean, std, steps=3000, seed=0):
    """Trains the discriminator of `gan_zoo.GAN` against samples N(mean, std²).

    Args:
        mean: mean of the samples.
        std: their standard std.
        steps: training steps, each on 512 points of the data and as many samples.
        seed: integer seed of the weights, the data and the noise.

    Returns:
        `Training`.
    """
    gan = gan_zoo.GAN(
        (1,),
        1,
        generator=shifted_noise(mean, std),
        discriminator=mlp(1, 1, 64, seed=seed),
        seed=seed,
    )
    decay = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    gan.compile(d_optimizer=keras.optimizers.Adam(decay))
    seen = np.union1d(np.geomspace(1, steps, 40).astype(int), STOPS)
    scores = []

    def record(batch, logs):
        if batch + 1 in seen:
            logits = gan.discriminator(X[:, None].astype("float32"))
            scores.append(keras.ops.convert_to_numpy(logits)[:, 0].astype("float64"))

    data, _ = gan_zoo.data.toy.batches(DATA, 512, seed, start=0)
    gan.fit(
        data,
        steps_per_epoch=steps,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=record)],
    )
    p_data = gan_zoo.data.toy.density(DATA, X[:, None])
    p_model = scipy.stats.norm.pdf(X, mean, std)
    return Training(
        p_data,
        p_model,
        steps=seen,
        probability=1 / (1 + np.exp(-np.stack(scores))),
        values=np.array([value(s, p_data, p_model, STEP) for s in scores]),
        best=2 * jensen_shannon(p_data, p_model, STEP) - 2 * math.log(2),
    )


def measure(seed=0):
    """Trains with samples unlike the data and with samples distributed as the data.

    Args:
        seed: integer seed of the weights, the data and the noise.

    Returns:
        (`Training`, `Training`).
    """
    return train(*DIFFERENT, seed=seed), train(*SAME, seed=seed)


def summary(measured):
    """The results in one line."""
    other, same = measured
    return (
        f"D is {other.error:.4f} from p_data / (p_data + p_G) on average, V = "
        f"{other.values[-1]:.4f} (2 JSD - 2 log 2 = {other.best:.4f}); with p_G = "
        f"p_data D is {same.error:.4f} from 1/2, V = {same.values[-1]:.4f} "
        f"(-2 log 2 = {same.best:.4f})"
    )


def draw(path, measured=None):
    """Draws densities and D on the left, V(D, G) during training on the right.

    Args:
        path: PNG to write.
        measured: result of `measure`, which is called by default.

    Returns:
        The results that were drawn.
    """
    measured = measured or measure()
    other, same = measured
    figure = figures.new(10.4, 3.3)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 1.0, 1.0))
    _draw_densities(left, other, (*STOPS, other.steps[-1]))
    left.set_title("samples unlike the data", fontsize=10)
    figures.legend(left, fontsize=7.5, loc="upper left")
    _draw_densities(middle, same, (same.steps[-1],))
    middle.set_title("samples like the data", fontsize=10)
    for training, color, name in ((other, "C0", "unlike"), (same, "C2", "like")):
        right.axhline(training.best, color="0.6", linewidth=1, linestyle="--")
        right.plot(training.steps, training.values, color=color, label=name)
    right.text(1.2, other.best + 0.015, "2 JSD − 2 log 2", fontsize=8, color="0.4")
    right.text(40, same.best - 0.035, "−2 log 2", fontsize=8, color="0.4")
    right.set_xscale("log")
    right.set_ylim(-1.55, -0.85)
    right.set_xlabel("steps of D")
    right.set_title("V(D, G) rises to its bound", fontsize=10)
    figures.legend(right, title="samples", title_fontsize=8, loc="center right")
    figures.save(figure, path)
    return measured


def _draw_densities(axes, training, stops):
    axes.plot(X, training.p_model, "g-", label="sample density")
    axes.plot(X, training.p_data, "k:", linewidth=2, label="data density")
    # Where both densities are this small, the batches had hardly any points.
    rare = np.maximum(training.p_data, training.p_model) < 1e-4
    best = np.where(rare, np.nan, optimum(training.p_data, training.p_model))
    axes.plot(X, best, color="0.75", linewidth=5, label="D*(x)")
    for number, stop in enumerate(stops):
        row = training.steps.searchsorted(stop)
        shade = 0.35 + 0.65 * (number + 1) / len(stops)
        curve = np.where(rare, np.nan, training.probability[row])
        axes.plot(
            X,
            curve,
            color="C0",
            alpha=shade,
            linewidth=1.3,
            label=f"D(x), step {stop}",
        )
    axes.set_xlim(-0.5, 7.5)
    axes.set_ylim(-0.03, 1.3)
    axes.set_xlabel("x")
