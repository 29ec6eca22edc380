import numpy as np
import tensorflow as tf
from models.system import SHAPE, System, adam, both

import gan_zoo
from gan_zoo.networks.gan import maxout_discriminator, mlp, relu_generator


def of_images():
    return gan_zoo.MinimaxGAN(
        SHAPE,
        5,
        generator=relu_generator(SHAPE, 5, 16),
        discriminator=maxout_discriminator(SHAPE, 8, 2),
        ema=0.9,
    )


SYSTEMS = {
    "MinimaxGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "normal",
            "ema": None,
        },
        optimizers=both(adam(2e-4, 0.5)),
        rate={"d": 1.0, "g": 2000.0},
    ),
}


def tiny(system):
    return system((2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4))


def test_the_loss_by_hand():
    """E log(1 − σ(s)): log ½ where D cannot tell, and −log(1 + e^s) elsewhere."""
    gan = tiny(gan_zoo.MinimaxGAN)
    scores = tf.constant([[0.0], [2.0]])
    wanted = np.mean([np.log(0.5), -np.log1p(np.exp(2.0))])
    np.testing.assert_allclose(gan.generator_loss(scores), wanted, rtol=1e-6)


def test_its_gradient_vanishes_where_the_discriminator_is_sure():
    """d/ds log(1 − σ(s)) = −σ(s), while the non-saturating loss keeps −σ(−s)."""
    scores = tf.Variable([[-10.0]])
    gradients = []
    for system in (gan_zoo.MinimaxGAN, gan_zoo.GAN):
        with tf.GradientTape() as tape:
            loss = tiny(system).generator_loss(scores)
        gradients.append(float(tape.gradient(loss, scores)[0, 0]))
    sigmoid = 1 / (1 + np.exp(10.0))
    np.testing.assert_allclose(gradients, [-sigmoid, sigmoid - 1], rtol=1e-5)


def test_the_discriminator_s_loss_is_that_of_gan():
    scores = tf.constant([[1.0]]), tf.constant([[-1.0]])
    losses = [
        float(tiny(system).discriminator_loss(*scores))
        for system in (gan_zoo.MinimaxGAN, gan_zoo.GAN)
    ]
    assert losses[0] == losses[1]
