import numpy as np
import pytest

import gan_zoo
from gan_zoo.theory import gradients

LOGITS = np.array([-20.0, -2.0, 0.0, 1.0, 20.0])
SIGMOID = 1 / (1 + np.exp(-LOGITS))


@pytest.mark.parametrize(
    ("cls", "wanted"),
    [
        (gan_zoo.MinimaxGAN, -SIGMOID),
        (gan_zoo.GAN, -(1 - SIGMOID)),
        (gan_zoo.LSGAN, LOGITS - 1),
        (gan_zoo.WGAN, -np.ones(5)),
    ],
    ids=lambda value: getattr(value, "__name__", "derivative"),
)
def test_slopes_at_known_logits(cls, wanted):
    np.testing.assert_allclose(gradients.derivatives(cls, LOGITS), wanted, rtol=1e-4)


def test_a_trained_discriminator_gives_the_saturating_loss_no_gradient():
    steps, saturating, other = gradients.fixed_generator_gradients(300)
    assert steps[-1] == 300
    assert saturating[-1] < 0.01 < 1 < other[-1]
    assert saturating[-1] < saturating[0] / 10


def test_only_the_non_saturating_generator_reaches_distant_data():
    """With plain gradient descent; Adam divides a small gradient by its own size."""
    optimizer = gradients.OPTIMIZERS["SGD"]
    runs = [
        gradients.train_from_distance(cls, optimizer(), steps=150)
        for cls in (gan_zoo.MinimaxGAN, gan_zoo.GAN)
    ]
    (steps, stuck), (_, arrived) = runs
    assert (steps[0], steps[-1], stuck[0]) == (0, 150, -2.0)
    assert abs(stuck[-1] + 2.0) < 0.2
    assert abs(arrived[-1] - 4.0) < 0.5


def test_the_picture_and_the_line(tmp_path):
    steps = np.array([0.0, 10.0])
    measured = gradients.Gradients(
        dict.fromkeys(gradients.OBJECTIVES, gradients.LOGITS),
        (steps, np.array([0.1, 0.001]), np.array([0.1, 3.0])),
        {("GAN", "SGD"): (steps, np.array([-2.0, 1.5]))},
    )
    assert gradients.draw(tmp_path / "g.png", measured) is measured
    assert (tmp_path / "g.png").stat().st_size < 100_000
    line = gradients.summary(measured)
    assert "1.0e-03 saturating, 3.00 non-saturating" in line
    assert "GAN with SGD 1.50" in line
