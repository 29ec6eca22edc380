"""JSD is constant where two supports do not overlap. W1 is not.

Data and samples are uniform on two segments of length 1, at a distance θ. Then

    JSD = log 2 · min(|θ|, 1)        W1 = |θ|

Beyond |θ| = 1, JSD is log 2 and its derivative with respect to θ is 0. The derivative
of W1 is still ±1. The gradient of a generator comes from its discriminator. The trained
discriminator of `gan_zoo.MinimaxGAN` measures JSD and gives no gradient. The critic of
`gan_zoo.WGANGP` measures W1 and gives one. Two single points at a distance θ are the
extreme case: JSD = log 2 for every θ except 0.

References: Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative
Adversarial Networks, 1701.04862, section 2; Arjovsky et al. 2017, Wasserstein GAN,
1701.07875, example 1.
"""

import dataclasses
import math

import keras
import numpy as np
from keras import ops

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp
from gan_zoo.theory import figures
from gan_zoo.theory.players import gradient_of_shift, scores, shifted_noise

THETAS = np.arange(-2.25, 2.5, 0.5)
BATCH = 256


def segments_jsd(theta):
    """JSD of uniform densities on two segments of length 1, at a distance θ."""
    return math.log(2) * np.minimum(np.abs(theta), 1.0)


def points_jsd(theta):
    """JSD of two points at a distance θ: log 2, or 0 where they are equal."""
    return np.where(np.equal(theta, 0), 0.0, math.log(2))


def jsd_by_discriminator(gan, real, fake):
    """½ V(D, G) + log 2, which is JSD for an optimal D, and less for any other.

    Args:
        gan: a trained `gan_zoo.GAN` or `gan_zoo.MinimaxGAN` on (1,) vectors.
        real: data, float32 array (n, 1).
        fake: samples, float32 array (n, 1).

    Returns:
        Float.
    """
    loss = gan.discriminator_loss(scores(gan, real), scores(gan, fake))
    return math.log(2) - float(loss) / 2


def w1_by_critic(gan, real, fake):
    """(E f(x) − E f(G(z))) / max |f'|: W1 for an optimal critic, less for any other.

    A critic whose gradient norm is at most K measures at most K · W1. The largest
    gradient norm is found at 2,000 points that cover the range of data and samples.

    Args:
        gan: a trained `gan_zoo.WGAN` or `gan_zoo.WGANGP` on (1,) vectors.
        real: data, float32 array (n, 1).
        fake: samples, float32 array (n, 1).

    Returns:
        Float.
    """
    ends = [f(points) for f in (np.min, np.max) for points in (real, fake)]
    x = np.linspace(min(ends), max(ends), 2000, dtype="float32")[:, None]
    x = ops.convert_to_tensor(x)
    gradients = backend.input_gradient(lambda x: scores(gan, x), x)
    largest_norm = float(ops.max(ops.abs(gradients)))
    difference = float(ops.mean(scores(gan, real)) - ops.mean(scores(gan, fake)))
    return difference / largest_norm if largest_norm else 0.0


def train_discriminator(cls, theta, length=1.0, steps=1000, seed=0, **kwargs):
    """Trains a discriminator against fixed samples at a distance θ from the data.

    Args:
        cls: `gan_zoo.MinimaxGAN`, `gan_zoo.WGAN`, `gan_zoo.WGANGP` or the like.
        theta: shift of the samples.
        length: length of the segments; 0 for two single points.
        steps: training steps of 256 points.
        seed: integer seed of the weights, the data and the noise.
        **kwargs: further arguments of the class.

    Returns:
        (model, 10,000 points of the data (n, 1), as many samples).
    """
    points = np.random.default_rng(seed).uniform(-0.5, 0.5, (steps * BATCH, 1))
    real = (length * points).astype("float32")
    discriminator = mlp(1, 1, 64, seed=seed)
    # Starts with f' = 0. In one dimension the penalty (|f'| − 1)² has a minimum on
    # either side of 0. A critic that starts near the wrong one stays there.
    discriminator.layers[-1].kernel.assign(
        ops.zeros_like(discriminator.layers[-1].kernel)
    )
    gan = cls(
        (1,),
        1,
        generator=shifted_noise(theta, length / 2),
        discriminator=discriminator,
        prior="uniform",  # on [-1, 1)
        critic_steps=1,
        seed=seed,
        **kwargs,
    )
    rate = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    gan.compile(d_optimizer=keras.optimizers.Adam(rate, beta_1=0.5))
    # The points are in random order already. Keras's shuffling takes no seed.
    gan.fit(real, batch_size=BATCH, shuffle=False, verbose=0)
    with backend.draws((seed, 0)):
        fake = gan.sample(gan.latents(10_000))
    return gan, real[:10_000], ops.convert_to_numpy(fake)


@dataclasses.dataclass(frozen=True)
class Distances:
    """Results of the demonstration: arrays of one number per θ.

    Attributes:
        theta: the shifts.
        jsd: JSD of the segments, exactly.
        jsd_by_d: what the discriminator of `gan_zoo.MinimaxGAN` measures.
        w1_by_critic: what the critic of `gan_zoo.WGANGP` measures.
        gradient_by_d: dL_G/dθ through that discriminator.
        gradient_by_critic: dL_G/dθ through that critic.
        points_clipped: of two points, what the critic of `gan_zoo.WGAN` measures.
        points_penalised: of two points, what the critic of `gan_zoo.WGANGP` measures.
    """

    theta: np.ndarray
    jsd: np.ndarray
    jsd_by_d: np.ndarray
    w1_by_critic: np.ndarray
    gradient_by_d: np.ndarray
    gradient_by_critic: np.ndarray
    points_clipped: np.ndarray
    points_penalised: np.ndarray


CLIPPED = {"clip": 0.1, "warmup_generator_steps": 0, "warmup_critic_steps": 1}


def measure(thetas=THETAS, seed=0):
    """Trains the four discriminators at each θ.

    Args:
        thetas: shifts of the samples, none of them 0.
        seed: integer seed of the weights, the data and the noise.

    Returns:
        `Distances`.
    """
    rows = []
    for theta in map(float, thetas):
        discriminator = train_discriminator(gan_zoo.MinimaxGAN, theta, seed=seed)
        critic = train_discriminator(gan_zoo.WGANGP, theta, seed=seed)
        points = [
            w1_by_critic(
                *train_discriminator(cls, theta, length=0.0, seed=seed, **kwargs)
            )
            for cls, kwargs in ((gan_zoo.WGAN, CLIPPED), (gan_zoo.WGANGP, {}))
        ]
        rows.append(
            [
                theta,
                segments_jsd(theta),
                jsd_by_discriminator(*discriminator),
                w1_by_critic(*critic),
                gradient_of_shift(discriminator[0], discriminator[2]),
                gradient_of_shift(critic[0], critic[2]),
                *points,
            ]
        )
    return Distances(*np.array(rows).T)


def summary(measured):
    """The results in one line."""
    m = measured
    apart = np.abs(m.theta) > 1
    near, far = np.abs(m.theta[apart]).min(), np.abs(m.theta).max()
    gradients = np.abs(m.gradient_by_critic)
    off, clipped_off = (
        np.abs(w1 - np.abs(m.theta)).max() for w1 in (m.w1_by_critic, m.points_clipped)
    )
    return (
        f"from |theta| = {near:g} to {far:g} JSD stays {math.log(2):.4f} (D measures "
        f"{m.jsd_by_d[apart].min():.4f} to {m.jsd_by_d[apart].max():.4f}), its "
        f"gradient at most {np.abs(m.gradient_by_d[apart]).max():.1e}; the critic is "
        f"within {off:.3f} of W1 = |theta|, its gradient {gradients.min():.2f} to "
        f"{gradients.max():.2f}; two points: the clipped critic is within "
        f"{clipped_off:.3f} of |theta|"
    )


def draw(path, measured=None):
    """Draws both distances, their gradients, and the case of two points.

    Args:
        path: PNG to write.
        measured: result of `measure`, which is called by default.

    Returns:
        The results that were drawn.
    """
    m = measured or measure()
    theta = np.linspace(m.theta.min(), m.theta.max(), 401)
    figure = figures.new(10.4, 3.3)
    left, middle, right = figure.subplots(1, 3)

    left.plot(theta, np.abs(theta), "C0", linewidth=1, label="W1, exactly")
    left.plot(m.theta, m.w1_by_critic, "C0o", markersize=5, label="WGAN-GP's critic")
    left.plot(theta, segments_jsd(theta), "C3", linewidth=1, label="JSD, exactly")
    left.plot(m.theta, m.jsd_by_d, "C3s", markersize=4.5, label="MinimaxGAN's D")
    left.set_title("two segments of length 1", fontsize=10)
    left.set_ylabel("distance")

    by_d, by_critic = np.abs(m.gradient_by_d), np.abs(m.gradient_by_critic)
    middle.semilogy(m.theta, by_critic, "C0o-", markersize=5, label="WGAN-GP's critic")
    middle.semilogy(m.theta, by_d, "C3s-", markersize=4.5, label="MinimaxGAN's D")
    middle.set_title("gradient of the generator", fontsize=10)
    middle.set_ylabel("|dL_G / dθ|")

    right.plot(theta, np.abs(theta), "C0", linewidth=1, label="W1, exactly")
    right.plot(m.theta, m.points_clipped, "C1^", markersize=6, label="WGAN's critic")
    right.plot(
        m.theta, m.points_penalised, "C0o", markersize=3.5, label="WGAN-GP's critic"
    )
    jsd = np.where(theta == 0, np.nan, points_jsd(theta))
    right.plot(theta, jsd, "C3", linewidth=1, label="JSD, exactly")
    right.plot(0, points_jsd(0), "C3.")
    right.set_title("two points", fontsize=10)
    for axes in (left, middle, right):
        axes.set_xlabel("θ, distance of the samples from the data", fontsize=9)
    for axes in (left, right):
        axes.set_ylim(-0.1, 3.6)
        figures.legend(axes, loc="upper center", ncols=2)
    middle.set_ylim(1e-5, 1e2)
    figures.legend(middle, loc="upper center")
    figures.save(figure, path)
    return m
