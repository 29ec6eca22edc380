import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both

import gan_zoo
from gan_zoo.networks.gan import mlp
from gan_zoo.networks.wgan_gp import wgan_gp_critic, wgan_gp_generator


def of_images():
    return gan_zoo.WGANGP(
        SHAPE,
        5,
        generator=wgan_gp_generator(SHAPE, 5, 4),
        discriminator=wgan_gp_critic(SHAPE, 4),
        critic_steps=2,
    )


SYSTEMS = {
    "WGANGP": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 128,
            "critic_steps": 5,
            "prior": "normal",
            "ema": None,
            "gradient_penalty": 10,
        },
        optimizers=both(adam(1e-4, 0.0, 0.9)),
    ),
}


def tiny(**kwargs):
    return gan_zoo.WGANGP(
        (2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8), **kwargs
    )


def test_the_critic_s_loss_is_the_difference_of_its_means():
    gan, real, fake = tiny(), np.array([[2.0], [4.0]]), np.array([[-1.0], [0.0]])
    assert float(gan.discriminator_loss(real, fake)) == -3.5
    loss, logs = gan.discriminator_objective([real], [fake])
    assert float(loss) == -3.5
    assert {name: float(value) for name, value in logs.items()} == {"wasserstein": 3.5}


def test_logs_are_the_equation_s_terms():
    gan = tiny(critic_steps=1, gradient_penalty=7.0)
    gan.compile(d_optimizer=keras.optimizers.SGD(0.0), g_optimizer="sgd")
    x = tf.random.stateless_normal((16, 2), (0, 1))
    logs = {k: float(v) for k, v in gan.train_step(x).items()}
    np.testing.assert_allclose(
        logs["d_loss"], -logs["wasserstein"] + logs["penalty"], rtol=1e-5
    )


def test_the_critic_s_estimate_finds_the_distance_of_two_points():
    """Points at distance 3: the slope s that maximises 3 s - 10 (s - 1)^2 is 1.15."""
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    generator.set_weights([np.zeros((1, 2)), np.array([3.0, 0.0])])
    generator.trainable = False
    gan = gan_zoo.WGANGP((2,), 1, generator=generator, discriminator=mlp(2, 1, 32))
    keras.utils.set_random_seed(1)
    gan.compile(d_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0, beta_2=0.9))
    data = tf.data.Dataset.from_tensors(tf.zeros((32, 2))).repeat(600)
    gan.fit(data, verbose=0)
    logs = gan.fit(data.take(50), verbose=0).history
    assert logs["wasserstein"][0] == pytest.approx(3 * 1.15, rel=0.01)


def test_a_weight_below_0_is_refused():
    with pytest.raises(ValueError, match=r"gradient_penalty to be .* 0, got -1"):
        gan_zoo.WGANGP((28, 28, 1), gradient_penalty=-1)
    for value in (None, "10"):
        with pytest.raises(ValueError, match=f"gradient_penalty .* got {value!r}"):
            gan_zoo.WGANGP((28, 28, 1), gradient_penalty=value)


def test_the_config_keeps_the_penalty():
    copy = gan_zoo.WGANGP.from_config(tiny(gradient_penalty=7.0).get_config())
    assert copy.gradient_penalty == 7
