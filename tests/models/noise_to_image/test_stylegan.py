import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, both

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.stylegan import stylegan_discriminator, stylegan_generator

SHAPE = (16, 16, 1)


def of_images():
    shape = (8, 8, 1)
    return gan_zoo.StyleGAN(
        shape,
        8,
        generator=stylegan_generator(
            shape, 8, 8, 2, width=8, capacity=64, activation="tanh"
        ),
        discriminator=stylegan_discriminator(shape, 8, 64),
        r1=1.0,
        r1_interval=2,
        ema=0.9,
    )


SYSTEMS = {
    "StyleGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (32, 32, 1),
            "latent_dim": 512,
            "critic_steps": 1,
            "prior": "normal",
            "ema": 0.999,
            "r1": 10,
            "r1_interval": 1,
        },
        optimizers=both(adam(1e-3, 0.0, 0.99, epsilon=1e-8)),
        rate=0.005,
        rows=8,  # a whole group of the minibatch standard deviation for each replica
    ),
}


def tiny(**kwargs):
    defaults = {"ema": None, "r1": 1.0}
    return gan_zoo.StyleGAN(
        SHAPE,
        8,
        generator=stylegan_generator(SHAPE, 8, 8, 2, width=8, capacity=64),
        discriminator=stylegan_discriminator(SHAPE, 8, 64),
        **(defaults | kwargs),
    )


def latents(n, seed=0):
    return tf.random.stateless_normal((n, 8), (seed, 1))


def test_truncation_is_the_line_from_the_mean_style():
    gan = tiny()
    mapping = gan.generator.get_layer("mapping")
    mapping.get_layer("mean_style").mean.assign(np.arange(8) / 8)
    z = latents(3)
    w = mapping(z).numpy()
    mean = np.arange(8) / 8
    for psi in (0.0, 0.5, 1.0):
        wanted = mean + psi * (w - mean)
        for layer in range(6):
            np.testing.assert_allclose(gan.styles(z, psi)[:, layer], wanted, atol=1e-6)
    images = gan.generate(4, seed=1, truncation=0.0)
    np.testing.assert_allclose(images[0], images[3], atol=1e-6)


def test_mixing_swaps_exactly_the_chosen_layers():
    gan = tiny()
    for layer in gan.generator.get_layer("synthesis").layers:
        if "noise" in layer.name:
            layer.strength.assign(np.full(layer.strength.shape, 0.1))
    z, z2 = latents(2, 0), latents(2, 5)
    own, other = gan.sample(z).numpy(), gan.sample(z2).numpy()
    np.testing.assert_allclose(gan.mix(z, z2, layers=[]), own, atol=1e-6)
    np.testing.assert_allclose(gan.mix(z, z2, layers=range(6)), other, atol=1e-6)
    styles = gan.styles(z).numpy()
    styles[:, 4:] = gan.styles(z2).numpy()[:, 4:]
    np.testing.assert_allclose(
        gan.mix(z, z2, layers=[4, 5]), gan.synthesise(styles), atol=1e-6
    )


def test_training_images_of_one_latent_differ_by_noise_and_mixing_only():
    gan = tiny()
    z = tf.repeat(latents(1), 4, 0)
    with backend.draws((0, 0)):
        mixed = gan.generator(z, training=True).numpy()
    assert np.ptp(mixed, axis=0).max() > 1e-3  # style mixing
    np.testing.assert_allclose(np.ptp(gan.generator(z), axis=0), 0, atol=1e-6)


def test_lazy_r1_is_applied_at_its_interval_and_scaled():
    gan = tiny(r1=4.0, r1_interval=3)
    x = tf.random.stateless_normal((4, *SHAPE), (0, 1))

    def score(images):
        return gan.discriminate(images, {})[0]

    gradient = backend.input_gradient(score, x)
    r1 = float(tf.reduce_mean(tf.reduce_sum(gradient**2, axis=(1, 2, 3))))
    for step, wanted in ((0, 3 * 4 / 2 * r1), (1, 0.0), (2, 0.0), (3, 6 * r1)):
        gan.steps.assign(step)
        assert float(gan.penalty(score, x, None)) == pytest.approx(wanted, rel=1e-4)


def test_a_generator_without_mapping_is_refused():
    with pytest.raises(ValueError, match="'mapping', 'synthesis'"):
        gan_zoo.StyleGAN((28, 28, 1), 100, generator=gan_zoo.GAN().generator)
