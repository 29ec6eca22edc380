import keras
import numpy as np
import pytest

import gan_zoo
from gan_zoo.theory import dirac

THETA, PSI = np.array([1.5, -0.4, 0.0]), np.array([1.0, 0.7, -2.0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        (
            "GAN, minimax",
            (PSI * sigmoid(PSI * THETA), -THETA * sigmoid(PSI * THETA)),
        ),
        (
            "GAN, non-saturating",
            (PSI * sigmoid(-PSI * THETA), -THETA * sigmoid(PSI * THETA)),
        ),
        ("WGAN, no clipping", (PSI, -THETA)),
        ("WGAN-GP", (PSI, -THETA - np.sign(PSI) * (np.abs(PSI) - 1))),
        ("WGAN, R1", (PSI, -THETA - 0.5 * PSI)),
        ("LSGAN", (PSI * (1 - PSI * THETA), -THETA * (1 + PSI * THETA))),
        ("Hinge", (PSI, -THETA * (PSI * THETA > -1))),
    ],
)
def test_the_field_by_hand(title, wanted):
    """Each of three games played at once has its own gradient."""
    got = dirac.field(dirac.games()[title], THETA, PSI)
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


class R2GAN(dirac.R1GAN):
    """The penalty of R1, on the samples."""

    def penalty(self, score, real, fake):
        return super().penalty(score, fake, real)


def test_r2_is_r1_here_since_d_is_linear():
    one, two = (
        dirac.field(dirac.game(cls), THETA, PSI) for cls in (dirac.R1GAN, R2GAN)
    )
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("GAN, minimax", 0.5j),  # f'(0) of f(t) = -log(1 + exp(-t))
        ("GAN, non-saturating", 0.5j),
        ("WGAN, no clipping", 1.0j),  # f'(0) of f(t) = t
        # -γ/2 + √(γ²/4 - f'(0)²), γ 0.5
        ("GAN, R1 (R2 the same)", -0.25 + 1j * 0.1875**0.5),
        ("WGAN, R1", -0.25 + 1j * 0.9375**0.5),
        # f''(0) σ² + √(f''(0)² σ⁴ - f'(0)²), f''(0) -1/4
        ("GAN, instance noise", -0.25 + 1j * 0.1875**0.5),
    ],
)
def test_eigenvalues_at_the_equilibrium_are_the_paper_s(title, wanted):
    """Sections 2 and 3 of the paper: a conjugate pair."""
    got = dirac.eigenvalues(dirac.games()[title])
    np.testing.assert_allclose(got[got.imag.argmax()], wanted, atol=1e-4)
    np.testing.assert_allclose(got[got.imag.argmin()], np.conj(wanted), atol=1e-4)


@pytest.fixture(scope="module")
def measured():
    return dirac.measure()


def radius(path):
    return np.linalg.norm(path, axis=1)


@pytest.mark.parametrize("title", ["GAN, minimax", "WGAN, no clipping"])
def test_the_unregularised_games_circle(measured, title):
    """v is at right angles to (θ, ψ), so that only a finite step leaves the circle."""
    v = dirac.field(dirac.games()[title], THETA, PSI)
    np.testing.assert_allclose(THETA * v[0] + PSI * v[1], 0, atol=1e-6)
    outwards = radius(measured[title].simultaneous)
    assert (np.diff(outwards) > 0).all()  # simultaneous steps spiral outwards
    around = radius(measured[title].alternating)
    assert 1.6 < around.min() < around.max() < 2.0  # alternating ones go round


def test_wgan_s_ellipse_and_spiral(measured):
    """Alternating, θ² + ψ² − hθψ stays; else the radius grows by √(1 + h²) a step."""
    game, h = measured["WGAN, no clipping"], dirac.RATE
    theta, psi = game.alternating.T
    ellipse = theta**2 + psi**2 - h * theta * psi
    np.testing.assert_allclose(ellipse, ellipse[0], rtol=1e-3)
    growth = radius(game.simultaneous)[1:] / radius(game.simultaneous)[:-1]
    np.testing.assert_allclose(growth, (1 + h**2) ** 0.5, rtol=1e-4)


@pytest.mark.parametrize(
    "title", ["GAN, R1 (R2 the same)", "WGAN, R1", "GAN, instance noise"]
)
def test_zero_centred_penalties_and_noise_converge(measured, title):
    for path in (measured[title].simultaneous, measured[title].alternating):
        assert dirac.farthest(path) < 0.01


@pytest.mark.parametrize(
    "title", ["WGAN, |ψ| ≤ 1", "WGAN-GP", "WGAN-GP, 5 critic steps", "DRAGAN"]
)
def test_penalties_with_target_1_and_clipping_do_not_converge(measured, title):
    """Whatever finite number of critic steps."""
    assert dirac.farthest(measured[title].alternating) > 0.9


def test_clipping_keeps_the_weight_within_the_clip(measured):
    game = measured["WGAN, |ψ| ≤ 1"]
    for path in (game.simultaneous, game.alternating):
        assert np.abs(path[1:, 1]).max() == 1.0


@pytest.mark.parametrize(
    ("cls", "kwargs"),
    [
        (gan_zoo.MinimaxGAN, {}),
        (gan_zoo.LSGAN, {}),
        (gan_zoo.WGANGP, {"gradient_penalty": 0.5, "critic_steps": 3}),
        (
            gan_zoo.WGAN,
            {"clip": 1.0, "warmup_generator_steps": 0, "warmup_critic_steps": 1},
        ),
        (dirac.R1GAN, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_alternating_descent_is_the_zoo_s_training_step(cls, kwargs):
    """The same path as `fit` on points at 0 with SGD."""
    game = dirac.game(cls, **kwargs)
    wanted = dirac.descend(game, alternating=True, steps=20)
    game.gan.compile(
        d_optimizer=keras.optimizers.SGD(dirac.RATE),
        g_optimizer=keras.optimizers.SGD(dirac.RATE),
    )
    rows = 4 * 20 * game.gan.critic_steps
    game.gan.fit(np.zeros((rows, 1), "float32"), batch_size=4, verbose=0)
    at = game.gan.generator.get_weights()[1][0], game.gan.discriminator.get_weights()[0]
    np.testing.assert_allclose(np.ravel(at[0]), wanted[-1, 0], atol=1e-5)
    np.testing.assert_allclose(np.ravel(at[1]), wanted[-1, 1], atol=1e-5)
    assert game.gan.trained_steps == 20


def test_the_picture_and_the_line(measured, tmp_path):
    assert dirac.draw(tmp_path / "d.png", measured) is measured
    assert (tmp_path / "d.png").stat().st_size < 100_000
    line = dirac.summary(measured)
    assert f"DRAGAN {dirac.farthest(measured['DRAGAN'].simultaneous):.3f} / " in line
    assert "WGAN-GP, 5 critic steps - / " in line
