"""Dirac-GAN: the smallest game in which training does not converge.

The data is the single point 0, the samples are the single point θ, and the
discriminator is linear, D(x) = ψ x. The only equilibrium is θ = ψ = 0. Each gradient
step moves along

    v(θ, ψ) = (−dL_G/dθ, −dL_D/dψ)

L_G and L_D are the losses and penalties of the classes of `gan_zoo`. Every game here is
a model of `gan_zoo` whose generator is θ and whose discriminator is ψ. Its `train_step`
with SGD takes the same steps as `descend(..., alternating=True)`.

The eigenvalues of v's Jacobian describe training near the equilibrium. ±i f'(0) is a
rotation, and simultaneous steps of finite size then increase the radius. A negative
real part means convergence.

Reference: Mescheder et al. 2018, Which Training Methods for GANs do actually Converge?,
1801.04406, sections 2 and 3.
"""

import dataclasses
import functools
import math

import keras
import numpy as np
import scipy.stats
from keras import ops

import gan_zoo
from gan_zoo import backend
from gan_zoo.objectives import penalties
from gan_zoo.theory import figures

START = (1.5, 1.0)  # θ, ψ
RATE = 0.1
STEPS = 500
EDGE = 2.6  # the figure shows −EDGE ≤ θ, ψ ≤ EDGE


class R1GAN(gan_zoo.GAN):
    """The non-saturating GAN with the penalty γ/2 E ‖∇ D(x)‖² on the data."""

    gamma = 0.5

    def penalty(self, score, real, fake):
        """γ/2 E ‖∇ D(x)‖²."""
        return self.gamma / 2 * penalties.zero_centred_penalty(score, real)


class R1WGAN(gan_zoo.WGANGP):
    """WGAN-GP with target gradient norm 0 on the data, in place of 1."""

    gamma = 0.5

    def penalty(self, score, real, fake):
        """γ/2 E ‖∇ f(x)‖²."""
        return self.gamma / 2 * penalties.zero_centred_penalty(score, real)


@dataclasses.dataclass(frozen=True)
class Game:
    """An objective of `gan_zoo` for the players θ and ψ.

    Args:
        gan: model whose losses, `penalty`, `critic_steps` and `clipping` are used.
        noise: standard deviation of the noise added to data and samples before D sees
            them (instance noise).
    """

    gan: gan_zoo.GAN
    noise: float = 0.0


def game(cls, theta=START[0], psi=START[1], noise=0.0, **kwargs):
    """The `Game` of a class with the players at (θ, ψ).

    Args:
        cls: `gan_zoo.GAN` or a variant that overrides hooks.
        theta: the sample.
        psi: weight of the discriminator.
        noise: see `Game`.
        **kwargs: further arguments of the class.
    """
    z, x = keras.Input((1,)), keras.Input((1,))
    # θ is a bias. Its layer's input is 0, so the layer's kernel never changes.
    point = keras.layers.Dense(1)(keras.layers.Rescaling(0.0)(z))
    linear = keras.layers.Dense(1, use_bias=False)
    generator, discriminator = keras.Model(z, point), keras.Model(x, linear(x))
    generator.set_weights([np.zeros((1, 1)), np.array([theta])])
    discriminator.set_weights([np.array([[psi]])])
    kwargs = {"critic_steps": 1} | kwargs
    gan = cls((1,), 1, generator=generator, discriminator=discriminator, **kwargs)
    return Game(gan, noise)


# The weight of (|ψ| − 1)². The default 10 is too large for a learning rate of 0.1.
_WEIGHT = {"gradient_penalty": 0.5}
_CLIPPED = {"clip": 1.0, "warmup_generator_steps": 0, "warmup_critic_steps": 1}
# Without a bias D(0) is 0, so the targets of LSGAN are symmetric about 0.
_SYMMETRIC = {"targets": (-1.0, 1.0, 1.0)}


def games():
    """A dict from title to `Game`, for every game that is drawn."""
    return {
        "GAN, minimax": game(gan_zoo.MinimaxGAN),
        "GAN, non-saturating": game(gan_zoo.GAN),
        "LSGAN": game(gan_zoo.LSGAN, **_SYMMETRIC),
        "Hinge": game(gan_zoo.HingeGAN),
        "WGAN, no clipping": game(gan_zoo.WGAN, **_CLIPPED | {"clip": 1e6}),
        "WGAN, |ψ| ≤ 1": game(gan_zoo.WGAN, **_CLIPPED),
        "WGAN-GP": game(gan_zoo.WGANGP, **_WEIGHT),
        "WGAN-GP, 5 critic steps": game(gan_zoo.WGANGP, **_WEIGHT, critic_steps=5),
        "DRAGAN": game(gan_zoo.DRAGAN, **_WEIGHT),
        "GAN, instance noise": game(gan_zoo.GAN, noise=1.0),
        "GAN, R1 (R2 the same)": game(R1GAN),
        "WGAN, R1": game(R1WGAN),
    }


@functools.cache
def _noise(count=64):
    """Quantiles of the standard normal distribution, scaled to variance 1."""
    points = scipy.stats.norm.ppf((np.arange(count) + 0.5) / count)
    return (points / points.std()).astype("float32")[None, :]


def _points_and_score(game, theta, psi):
    """Data, samples and D of n games together, from tensors θ and ψ (n, 1)."""
    noise = game.noise * _noise() if game.noise else np.zeros((1, 1), "float32")
    # (n, 1) + (1, m) -> (n m, 1), each game with its m noisy copies
    real = ops.reshape(ops.zeros_like(theta) + noise, (-1, 1))
    fake = ops.reshape(theta + noise, (-1, 1))
    weights = ops.repeat(psi, noise.shape[1], axis=0)
    return real, fake, lambda x: weights * x


def generator_step(game, theta, psi):
    """−dL_G/dθ of n games, tensor (n, 1), from tensors (n, 1)."""

    def loss(theta):
        _, fake, score = _points_and_score(game, theta, psi)
        # The loss is a mean, and each game contributes one n-th of it.
        value = theta.shape[0] * game.gan.generator_loss(score(fake))
        return value + 0.0 * ops.sum(theta)  # a gradient where the loss has no θ

    return -backend.input_gradient(loss, theta)


def discriminator_step(game, theta, psi):
    """−dL_D/dψ of n games, tensor (n, 1), from tensors (n, 1)."""

    def loss(psi):
        real, fake, score = _points_and_score(game, theta, psi)
        with backend.draws((0, 0)):  # the place does not matter here
            penalty = game.gan.penalty(score, real, fake)
        value = game.gan.discriminator_loss(score(real), score(fake)) + penalty
        return psi.shape[0] * value + 0.0 * ops.sum(psi)

    return -backend.input_gradient(loss, psi)


def field(game, theta, psi):
    """v(θ, ψ) of a game at n points.

    Args:
        game: `Game`.
        theta: array (n,).
        psi: array (n,).

    Returns:
        (−dL_G/dθ, −dL_D/dψ), arrays (n,).
    """
    at = [
        ops.convert_to_tensor(np.reshape(v, (-1, 1)), "float32") for v in (theta, psi)
    ]
    return tuple(
        ops.convert_to_numpy(step(game, *at))[:, 0]
        for step in (generator_step, discriminator_step)
    )


def eigenvalues(game):
    """Eigenvalues of v's Jacobian at θ = ψ = 0, by differentiating v.

    Args:
        game: `Game` whose losses are smooth at 0. Penalties with target gradient norm
            1 are not.

    Returns:
        Complex array (2,).
    """
    # Two tensors, since the tape would take a single one for both θ and ψ.
    theta, psi = ops.zeros((1, 1)), ops.zeros((1, 1))

    def row(step):
        rows = (
            backend.input_gradient(lambda t: step(game, t, psi) + 0.0 * t, theta),
            backend.input_gradient(lambda p: step(game, theta, p) + 0.0 * p, psi),
        )
        return [float(each[0, 0]) for each in rows]

    jacobian = np.array([row(generator_step), row(discriminator_step)])
    return np.linalg.eigvals(jacobian).astype(complex)


def descend(game, alternating, start=START, steps=STEPS, rate=RATE):
    """Runs gradient descent of both players.

    Alternating steps are those of `GAN.train_step`: `critic_steps` steps of ψ, then one
    step of θ at the new ψ. Simultaneous steps update both from the same point. ψ is
    clipped after its step if the model clips weights.

    Args:
        game: `Game`.
        alternating: True for alternating steps, False for simultaneous ones.
        start: initial (θ, ψ).
        steps: number of steps of θ.
        rate: learning rate of both players.

    Returns:
        Array (steps + 1, 2) of (θ, ψ).
    """
    clipping = getattr(game.gan, "clipping", None)  # of WGAN
    clip = clipping.clip if clipping else math.inf

    def psi_step(theta, psi):
        return ops.clip(psi + rate * discriminator_step(game, theta, psi), -clip, clip)

    def step(theta, psi):
        new = psi
        for _ in range(game.gan.critic_steps if alternating else 1):
            new = psi_step(theta, new)
        current = new if alternating else psi
        return theta + rate * generator_step(game, theta, current), new

    step = backend.function(step)
    at = [ops.convert_to_tensor([[value]], "float32") for value in start]
    path = [start]
    for _ in range(steps):
        at = step(*at)
        path.append([float(value[0, 0]) for value in at])
    return np.array(path)


@dataclasses.dataclass(frozen=True)
class Trajectories:
    """Trajectories of one game.

    Attributes:
        simultaneous: array (STEPS + 1, 2) of (θ, ψ); None with several critic steps,
            which are never simultaneous.
        alternating: array (STEPS + 1, 2) of (θ, ψ).
        field: (θ, ψ, v_θ, v_ψ), each an array (k, k), for the figure.
    """

    simultaneous: np.ndarray | None
    alternating: np.ndarray
    field: tuple


def measure():
    """Trains every game. Nothing here is random.

    Returns:
        Dict of title to `Trajectories`.
    """
    axis = np.linspace(-EDGE, EDGE, 14)
    theta, psi = np.meshgrid(axis, axis)
    return {
        name: Trajectories(
            None if each.gan.critic_steps > 1 else descend(each, alternating=False),
            descend(each, alternating=True),
            (theta, psi, *(v.reshape(theta.shape) for v in field(each, theta, psi))),
        )
        for name, each in games().items()
    }


def farthest(path, last=100):
    """Largest distance from the equilibrium in the last steps of a trajectory."""
    return float(np.linalg.norm(path[-last:], axis=1).max())


def summary(measured):
    """The results in one line."""

    def format_distance(path):
        return "-" if path is None else f"{farthest(path):.3f}"

    ends = (
        f"{name} {format_distance(m.simultaneous)} / {format_distance(m.alternating)}"
        for name, m in measured.items()
    )
    return (
        "distance from the equilibrium in the last 100 of "
        f"{STEPS} steps, simultaneous / alternating: " + "; ".join(ends)
    )


def draw(path, measured=None):
    """Draws one panel per game, with the field and both trajectories.

    Args:
        path: PNG to write.
        measured: result of `measure`, which is called by default.

    Returns:
        The results that were drawn.
    """
    measured = measured or measure()
    figure = figures.new(9.6, 7.6)
    panels = figure.subplots(3, 4, sharex=True, sharey=True)
    for axes, (name, m) in zip(panels.flat, measured.items(), strict=True):
        theta, psi, along_theta, along_psi = m.field
        length = np.hypot(along_theta, along_psi)
        length[length == 0] = 1.0
        axes.quiver(
            theta,
            psi,
            along_theta / length,
            along_psi / length,
            color="0.78",
            scale=22,
            width=0.005,
        )
        axes.plot(*START, "k.", markersize=7)
        axes.plot(0, 0, "k+", markersize=9)
        _draw_path(axes, m.simultaneous, "C1", 0.03, "left")
        _draw_path(axes, m.alternating, "C0", 0.97, "right")
        axes.set_title(name, fontsize=9.5)
        axes.set_xlim(-EDGE, EDGE)
        axes.set_ylim(-EDGE, EDGE)
        axes.set_aspect("equal")
    for axes in panels[-1]:
        axes.set_xlabel("θ, the sample")
    for axes in panels[:, 0]:
        axes.set_ylabel("ψ, weight of D")
    figure.suptitle(
        "orange: simultaneous steps, blue: alternating; numbers: farthest from + in "
        "the last 100 steps",
        fontsize=9.5,
    )
    figures.save(figure, path)
    return measured


def _draw_path(axes, path, color, place, side):
    if path is None:
        return
    axes.plot(*path.T, color, linewidth=0.9)
    axes.text(
        place,
        0.03,
        f"{farthest(path):.2f}",
        color=color,
        fontsize=8,
        ha=side,
        transform=axes.transAxes,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )
