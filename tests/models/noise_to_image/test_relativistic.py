import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, small_networks

import gan_zoo
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam

CLASSES = (
    gan_zoo.RelativisticGAN,
    gan_zoo.RelativisticAverageGAN,
    gan_zoo.RelativisticAverageLSGAN,
    gan_zoo.RelativisticAverageHingeGAN,
)
ADAM = Adam, {"learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999}


def tiny(system):
    return system(SHAPE, 5, **small_networks())


SYSTEMS = {
    system.__name__: System(
        tiny=lambda system=system: tiny(system),
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "normal",
            "ema": None,
        },
        optimizers={"d": ADAM, "g": ADAM},
        rate={"d": 0.02, "g": 2.0},
    )
    for system in CLASSES
}

REAL, FAKE = np.float32([[2.0], [0.0]]), np.float32([[1.0], [-1.0]])


def log_sigmoid(t):
    return -np.log1p(np.exp(-t))


@pytest.mark.parametrize(
    ("system", "d_loss", "g_loss"),
    [
        # Each real score is 1 above its partner.
        (CLASSES[0], -log_sigmoid(1), -log_sigmoid(-1)),
        # E D(x) = 1 and E D(G(z)) = 0: margins 2 and 0 to the mean of the others.
        (CLASSES[1], *(-log_sigmoid(s * 2) - log_sigmoid(0.0) for s in (1, -1))),
        (CLASSES[2], 2 * (1 + 1) / 2, 2 * (9 + 1) / 2),
        (CLASSES[3], 2 * (0 + 1) / 2, 2 * (3 + 1) / 2),
    ],
)
def test_losses_by_hand(system, d_loss, g_loss):
    gan = tiny(system)
    np.testing.assert_allclose(gan.discriminator_loss(REAL, FAKE), d_loss, rtol=1e-6)
    np.testing.assert_allclose(gan.relativistic_loss(FAKE, REAL), g_loss, rtol=1e-6)


@pytest.mark.parametrize("system", CLASSES)
def test_the_discriminator_s_loss_is_symmetric_in_both_sides(system):
    """Real and generated images with the signs of all scores turned, and exchanged."""
    gan = tiny(system)
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(2, 6, 1)).astype("float32")
    np.testing.assert_allclose(
        gan.discriminator_loss(real, fake),
        gan.discriminator_loss(-fake, -real),
        rtol=1e-6,
    )


@pytest.mark.parametrize("system", CLASSES)
def test_real_images_take_part_in_the_generator_s_gradient(system):
    """Of a standard GAN the scores of real images do not move the generator."""
    gan = tiny(system)
    real, fake = tf.Variable(REAL), tf.Variable(FAKE)
    with tf.GradientTape() as tape:
        loss = gan.relativistic_loss(fake, real)
    by_fake, by_real = tape.gradient(loss, (fake, real))
    assert (by_fake.numpy() < 0).all()  # upwards
    assert (by_real.numpy() > 0).all()  # downwards
    np.testing.assert_allclose(np.sum(by_fake), -np.sum(by_real), rtol=1e-5)


def test_the_generator_s_step_depends_on_the_real_images():
    """One SGD step on other images, with the discriminator standing still."""

    def moved(images):
        keras.utils.set_random_seed(0)
        gan = tiny(gan_zoo.RelativisticGAN)
        gan.compile(d_optimizer=keras.optimizers.SGD(0.0), g_optimizer="sgd")
        gan.fit(images, batch_size=4, verbose=0)
        return gan.generator.get_weights()

    images = np.random.default_rng(0).uniform(-1, 1, (4, *SHAPE)).astype("float32")
    first, second = moved(images), moved(images / 2)
    assert any((a != b).any() for a, b in zip(first, second, strict=True))


def test_a_margin_loss_of_one_s_own():
    class Paired(gan_zoo.RelativisticGAN):
        margin_loss = staticmethod(losses.hinge_margin_loss)

    np.testing.assert_allclose(tiny(Paired).relativistic_loss(REAL, FAKE), 0.0)
    np.testing.assert_allclose(tiny(Paired).relativistic_loss(FAKE, REAL), 2.0)
