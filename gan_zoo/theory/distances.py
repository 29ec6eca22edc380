"""Why a distance matters: JSD is stuck where two supports do not meet, W1 is not.

Data and samples are evenly spread over segments of length 1, θ apart. Then

    JSD = log 2 · min(|θ|, 1)        W1 = |θ|

so that beyond |θ| = 1 JSD stays at log 2 and its slope in θ is 0, whereas W1 keeps its
slope of 1. A generator feels this through its opponent: `gan_zoo.MinimaxGAN`'s
discriminator, trained well, measures JSD and lets no gradient through;
`gan_zoo.WGANGP`'s critic measures W1 and does. Two single points θ apart are the
extreme case: JSD = log 2 wherever θ is not 0.

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
    """JSD of two uniform densities on segments of length 1 that are θ apart."""
    return math.log(2) * np.minimum(np.abs(theta), 1.0)


def points_jsd(theta):
    """JSD of two points θ apart: log 2, or 0 where they are the same."""
    return np.where(np.equal(theta, 0), 0.0, math.log(2))


def jsd_by_discriminator(gan, real, fake):
    """½ V(D, G) + log 2, which is JSD when D is optimal, else less.

    Args:
        gan: a trained `gan_zoo.GAN` or `gan_zoo.MinimaxGAN` on (1,) vectors.
        real: data, float32 array (n, 1).
        fake: samples, float32 array (n, 1).
    """
    loss = gan.discriminator_loss(scores(gan, real), scores(gan, fake))
    return math.log(2) - float(loss) / 2


def w1_by_critic(gan, real, fake):
    """(E f(x) − E f(G(z))) / max |f'|, which is W1 for an optimal critic, else less.

    A critic of slope K measures K W1. The slope is the largest one at 2,000 points
    between the outermost of all data and samples.

    Args: as `jsd_by_discriminator`, for a critic.
    """
    ends = [f(points) for f in (np.min, np.max) for points in (real, fake)]
    x = np.linspace(min(ends), max(ends), 2000, dtype="float32")[:, None]
    x = ops.convert_to_tensor(x)
    slopes = backend.input_gradient(lambda x: scores(gan, x), x)
    steepest = float(ops.max(ops.abs(slopes)))
    difference = float(ops.mean(scores(gan, real)) - ops.mean(scores(gan, fake)))
    return difference / steepest if steepest else 0.0


def opponent(cls, theta, length=1.0, steps=1000, seed=0, **kwargs):
    """Trains an opponent against samples that stand still, θ away from the data.

    Args:
        cls: `gan_zoo.MinimaxGAN`, `gan_zoo.WGAN`, `gan_zoo.WGANGP` or the like.
        theta: shift of the samples.
        length: of the segments; 0 for two single points.
        steps: training steps of 256 points.
        seed: integer from which weights, data and noise come.
        **kwargs: further arguments of the class.

    Returns:
        (the model, 10,000 points of data (n, 1), as many samples).
    """
    points = np.random.default_rng(seed).uniform(-0.5, 0.5, (steps * BATCH, 1))
    real = (length * points).astype("float32")
    judge = mlp(1, 1, 64, seed=seed)
    # Flat at first. In one dimension the penalty (|f'| − 1)² has a valley on either
    # side of 0, and a critic that starts in the wrong one stays there.
    judge.layers[-1].kernel.assign(ops.zeros_like(judge.layers[-1].kernel))
    gan = cls(
        (1,),
        1,
        generator=shifted_noise(theta, length / 2),
        discriminator=judge,
        prior="uniform",  # on [-1, 1)
        critic_steps=1,
        seed=seed,
        **kwargs,
    )
    rate = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    gan.compile(d_optimizer=keras.optimizers.Adam(rate, beta_1=0.5))
    # The points come in random order already; Keras's shuffling has no seed.
    gan.fit(real, batch_size=BATCH, shuffle=False, verbose=0)
    with backend.draws((seed, 0)):
        fake = gan.sample(gan.latents(10_000))
    return gan, real[:10_000], ops.convert_to_numpy(fake)


@dataclasses.dataclass(frozen=True)
class Distances:
    """What was found at each θ; arrays of one number per θ.

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
    """Trains the four opponents at each θ.

    Args:
        thetas: shifts of the samples, none of them 0.
        seed: integer from which weights, data and noise come.

    Returns:
        `Distances`.
    """
    rows = []
    for theta in map(float, thetas):
        judge = opponent(gan_zoo.MinimaxGAN, theta, seed=seed)
        critic = opponent(gan_zoo.WGANGP, theta, seed=seed)
        points = [
            w1_by_critic(*opponent(cls, theta, length=0.0, seed=seed, **kwargs))
            for cls, kwargs in ((gan_zoo.WGAN, CLIPPED), (gan_zoo.WGANGP, {}))
        ]
        rows.append(
            [
                theta,
                segments_jsd(theta),
                jsd_by_discriminator(*judge),
                w1_by_critic(*critic),
                gradient_of_shift(judge[0], judge[2]),
                gradient_of_shift(critic[0], critic[2]),
                *points,
            ]
        )
    return Distances(*np.array(rows).T)


def summary(measured):
    """What was found, in one line."""
    m = measured
    apart = np.abs(m.theta) > 1
    near, far = np.abs(m.theta[apart]).min(), np.abs(m.theta).max()
    pulls = np.abs(m.gradient_by_critic)
    off, clipped_off = (
        np.abs(w1 - np.abs(m.theta)).max() for w1 in (m.w1_by_critic, m.points_clipped)
    )
    return (
        f"from |theta| = {near:g} to {far:g} JSD stays {math.log(2):.4f} (D measures "
        f"{m.jsd_by_d[apart].min():.4f} to {m.jsd_by_d[apart].max():.4f}), its "
        f"gradient at most {np.abs(m.gradient_by_d[apart]).max():.1e}; the critic is "
        f"within {off:.3f} of W1 = |theta|, its gradient {pulls.min():.2f} to "
        f"{pulls.max():.2f}; two points: the clipped critic is within "
        f"{clipped_off:.3f} of |theta|"
    )


def draw(path, measured=None):
    """Draws both distances, the gradients they give, and the case of two points.

    Args:
        path: PNG to write.
        measured: what `measure` returned; by default it is called.

    Returns:
        What was drawn.
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
    middle.set_title("what reaches the generator", fontsize=10)
    middle.set_ylabel("|dL_G / dθ|")

    right.plot(theta, np.abs(theta), "C0", linewidth=1, label="W1, exactly")
    right.plot(m.theta, m.points_clipped, "C1^", markersize=6, label="WGAN's critic")
    right.plot(
        m.theta, m.points_penalised, "C0o", markersize=3.5, label="WGAN-GP's critic"
    )
    stuck = np.where(theta == 0, np.nan, points_jsd(theta))
    right.plot(theta, stuck, "C3", linewidth=1, label="JSD, exactly")
    right.plot(0, points_jsd(0), "C3.")
    right.set_title("two points", fontsize=10)
    for axes in (left, middle, right):
        axes.set_xlabel("θ, how far the samples are from the data", fontsize=9)
    for axes in (left, right):
        axes.set_ylim(-0.1, 3.6)
        figures.legend(axes, loc="upper center", ncols=2)
    middle.set_ylim(1e-5, 1e2)
    figures.legend(middle, loc="upper center")
    figures.save(figure, path)
    return m
