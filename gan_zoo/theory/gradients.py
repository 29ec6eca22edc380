"""Saturating and non-saturating losses, and their gradients for the generator.

With the logit s = D(G(z)), σ the sigmoid:

    saturating      log(1 − σ(s))   derivative −σ(s)         → 0 as s → −∞
    non-saturating  −log σ(s)       derivative −(1 − σ(s))   → −1

s → −∞ where D classifies the sample as fake with certainty. Both gradients have the
same sign and the same fixed point. But the gradient of the minimax objective vanishes
where the generator is worst.

References: Goodfellow et al. 2014, Generative Adversarial Nets, 1406.2661, section 3;
Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative Adversarial
Networks, 1701.04862, sections 2.2.1 and 2.2.2.
"""

import dataclasses

import keras
import numpy as np
from keras import ops

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp
from gan_zoo.theory import figures
from gan_zoo.theory.players import gradient_of_shift, shifted_noise

DATA = "gaussian1d"  # N(4, 0.5²)
START = (-2.0, 0.5)  # initial mean and std of the samples: they hardly overlap the data
LOGITS = np.linspace(-8.0, 8.0, 161)
OBJECTIVES = {
    "MinimaxGAN": gan_zoo.MinimaxGAN,
    "GAN": gan_zoo.GAN,
    "LSGAN": gan_zoo.LSGAN,
    "WGAN": gan_zoo.WGAN,
}
OPTIMIZERS = {
    "SGD": lambda: keras.optimizers.SGD(0.05),
    "Adam": lambda: keras.optimizers.Adam(5e-3, beta_1=0.5),
}


def on_a_line(cls, generator, discriminator=None, seed=0, **kwargs):
    """Builds a model of a class for points on a line, with small networks."""
    return cls(
        (1,),
        1,
        generator=generator,
        discriminator=discriminator
        or mlp(1, 1, 32, activation="leaky_relu", seed=seed),
        prior="normal",
        seed=seed,
        **kwargs,
    )


def derivatives(cls, logits=LOGITS):
    """d/ds of the generator's loss of a class, at single scores s.

    Args:
        cls: `gan_zoo.GAN` or a variant.
        logits: scores, array (n,).

    Returns:
        Array (n,).
    """
    gan = on_a_line(cls, shifted_noise(0.0))
    scores = ops.convert_to_tensor(logits, "float32")
    # The loss is a mean, and each score contributes one n-th of it.
    gradient = backend.input_gradient(
        lambda s: len(logits) * gan.generator_loss(s), scores
    )
    return ops.convert_to_numpy(gradient)


def fixed_generator_gradients(steps=500, seed=0):
    """Gradients of a fixed generator while D is trained against it.

    Args:
        steps: training steps of D, each on 256 points of the data and as many samples.
        seed: integer seed of the weights, the data and the noise.

    Returns:
        (steps, |dL_G/dθ| saturating, |dL_G/dθ| non-saturating), arrays (k,). θ is a
        shift of the samples.
    """
    gan = on_a_line(gan_zoo.GAN, shifted_noise(*START), seed=seed)
    minimax = on_a_line(gan_zoo.MinimaxGAN, gan.generator, gan.discriminator)
    with backend.draws((seed, 0)):
        fake = ops.convert_to_numpy(gan.sample(gan.latents(1000)))
    rows = [(0, gradient_of_shift(minimax, fake), gradient_of_shift(gan, fake))]

    def record(epoch, logs):
        both = [gradient_of_shift(model, fake) for model in (minimax, gan)]
        rows.append((10 * (epoch + 1), *both))

    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5), steps_per_execution=10
    )
    _fit(gan, steps, record, seed)
    return tuple(np.abs(np.array(rows).T))


def train_from_distance(cls, optimizer, steps=600, seed=0):
    """Trains a generator that starts six units away from the data.

    D takes five updates for each update of G, which keeps it near its optimum.

    Args:
        cls: `gan_zoo.MinimaxGAN` or `gan_zoo.GAN`.
        optimizer: Keras optimizer of the generator. D has Adam.
        steps: training steps.
        seed: integer seed of the weights, the data and the noise.

    Returns:
        (steps, mean of the samples after each of them), arrays (k,).
    """
    gan = on_a_line(
        cls, shifted_noise(*START, trainable=True), seed=seed, critic_steps=5
    )
    rows = [(0, START[0])]

    def record(epoch, logs):
        shift = gan.generator.get_weights()[1]
        rows.append((10 * (epoch + 1), float(shift[0])))

    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        g_optimizer=optimizer,
        steps_per_execution=10,
    )
    _fit(gan, steps, record, seed)
    return tuple(np.array(rows).T)


def _fit(gan, steps, record, seed):
    data, _ = gan_zoo.data.toy.batches(DATA, 256, seed, start=0)
    gan.fit(
        data,
        steps_per_epoch=10,
        epochs=steps // 10,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=record)],
    )


@dataclasses.dataclass(frozen=True)
class Gradients:
    """Results of the demonstration.

    Attributes:
        derivatives: d/ds of each of `OBJECTIVES` at `LOGITS`, dict of arrays.
        fixed_generator: result of `fixed_generator_gradients`.
        runs: results of `train_from_distance`, by (class name, name of the optimizer).
    """

    derivatives: dict
    fixed_generator: tuple
    runs: dict


def measure(seed=0):
    """Measures derivatives of four objectives, and trains the generators.

    Args:
        seed: integer seed of the weights, the data and the noise.

    Returns:
        `Gradients`.
    """
    return Gradients(
        {name: derivatives(cls) for name, cls in OBJECTIVES.items()},
        fixed_generator_gradients(seed=seed),
        {
            (name, optimizer): train_from_distance(OBJECTIVES[name], make(), seed=seed)
            for optimizer, make in OPTIMIZERS.items()
            for name in ("MinimaxGAN", "GAN")
        },
    )


def summary(measured):
    """The results in one line."""
    steps, saturating, other = measured.fixed_generator
    ends = ", ".join(
        f"{name} with {optimizer} {means[-1]:.2f}"
        for (name, optimizer), (_, means) in measured.runs.items()
    )
    step = next(iter(measured.runs.values()))[0][-1]
    return (
        f"after {steps[-1]:.0f} steps of D the gradient is {saturating[-1]:.1e} "
        f"saturating, {other[-1]:.2f} non-saturating; from {START[0]:g} towards data "
        f"at 4 the samples' mean gets in {step:.0f} steps to: {ends}"
    )


def draw(path, measured=None):
    """Draws the derivatives, the gradient while D learns, and four trainings.

    Args:
        path: PNG to write.
        measured: result of `measure`, which is called by default.

    Returns:
        The results that were drawn.
    """
    m = measured or measure()
    colors = dict(zip(OBJECTIVES, ("C3", "C0", "C1", "C2"), strict=True))
    figure = figures.new(10.4, 3.3)
    left, middle, right = figure.subplots(1, 3)

    for name, curve in m.derivatives.items():
        left.plot(LOGITS, curve, colors[name], label=name)
    left.set_ylim(-3.2, 1.2)
    left.set_xlabel("score s of a sample")
    left.set_ylabel("dL_G / ds")
    left.set_title("derivative of the generator's loss", fontsize=10)
    figures.legend(left, loc="lower right")

    steps, saturating, other = m.fixed_generator
    middle.semilogy(steps, other, colors["GAN"], label="non-saturating (GAN)")
    middle.semilogy(steps, saturating, colors["MinimaxGAN"], label="saturating")
    middle.set_xlabel("steps of D, G is fixed")
    middle.set_ylabel("|dL_G / dθ|")
    middle.set_title("gradient while D learns", fontsize=10)
    figures.legend(middle, loc="center right")

    right.axhline(4.0, color="0.6", linewidth=1, linestyle=":")
    for (name, optimizer), (steps, means) in m.runs.items():
        style = "-" if optimizer == "SGD" else "--"
        right.plot(
            steps, means, colors[name], linestyle=style, label=f"{name}, {optimizer}"
        )
    right.text(0, 4.15, "data", fontsize=8, color="0.4")
    right.set_ylim(-2.5, 8.0)
    right.set_xlabel("steps of G, five of D each")
    right.set_ylabel("mean of the samples")
    right.set_title("training from a distance", fontsize=10)
    figures.legend(right, loc="upper center", ncols=2, fontsize=7.5)
    figures.save(figure, path)
    return m
