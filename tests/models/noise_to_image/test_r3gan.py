import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System

import gan_zoo
from gan_zoo import backend, optimizers
from gan_zoo.models.noise_to_image.r3gan import CONFIGURATIONS
from gan_zoo.networks.r3gan import r3gan_discriminator, r3gan_generator


def tiny(num_classes=None, **kwargs):
    sizes = {"widths": [8, 8], "blocks": 1, "group": 8, "num_classes": num_classes}
    defaults = {"gamma": 1.0, "decay_steps": 20, "ema": 0.9}
    return gan_zoo.R3GAN(
        SHAPE,
        5,
        num_classes=num_classes,
        generator=r3gan_generator(SHAPE, 5, **sizes),
        discriminator=r3gan_discriminator(SHAPE, **sizes),
        **(defaults | kwargs),
    )


def of_classes():
    return tiny(num_classes=3)


def scheduled_adam(steps):
    return optimizers.Adam, {
        "learning_rate": optimizers.Cosine(2e-4, 5e-5, steps),
        "beta_1": 0.0,
        "beta_2": optimizers.Cosine(0.9, 0.99, steps),
        "epsilon": 1e-8,
    }


SYSTEMS = {
    "R3GAN": System(
        tiny=tiny,
        settings={
            "image_shape": (32, 32, 3),
            "latent_dim": 64,
            "num_classes": None,
            "gamma": 0.05,
            "decay_steps": 39_062,
            "critic_steps": 1,
            "prior": "normal",
            "ema": 0.5 ** (512 / 5e6),
        },
        optimizers={"d": scheduled_adam(39_062), "g": scheduled_adam(39_062)},
    ),
    "R3GAN of classes": System(tiny=of_classes),
}


def scores_and_images():
    gan = tiny()
    real, fake = (
        tf.random.stateless_uniform((4, *SHAPE), (0, k), -1, 1) for k in range(2)
    )
    return gan, real, fake


def test_the_penalty_is_half_gamma_times_both_squared_gradients():
    gan, real, fake = scores_and_images()
    real_outputs, fake_outputs, penalty = gan.outputs_and_penalty(
        lambda x: gan.discriminate(x, {}), real, fake
    )
    squares = []
    for images, outputs in ((real, real_outputs), (fake, fake_outputs)):
        np.testing.assert_allclose(outputs[0], gan.discriminator(images), atol=1e-6)
        gradient = backend.input_gradient(gan.discriminator, images).numpy()
        squares.append((gradient**2).sum((1, 2, 3)).mean())
    assert float(penalty) == pytest.approx(0.5 * sum(squares), rel=1e-5)


@pytest.mark.parametrize(
    ("step", "share"), [(0, 1.0), (10, 0.55), (20, 0.1), (99, 0.1)]
)
def test_gamma_falls_to_a_tenth(step, share):
    gan, real, fake = scores_and_images()

    def penalty():
        return float(
            gan.outputs_and_penalty(lambda x: [gan.discriminator(x)], real, fake)[2]
        )

    first = penalty()
    gan.steps.assign(step)
    assert penalty() == pytest.approx(share * first, rel=1e-5)


def test_losses_compare_each_real_image_with_a_generated_one():
    gan = tiny()
    real, fake = tf.constant([[1.0], [-2.0]]), tf.constant([[0.5], [1.0]])
    margins = np.array([0.5, -3.0])
    wanted = np.log1p(np.exp(-margins)).mean()
    assert float(gan.discriminator_loss(real, fake)) == pytest.approx(wanted, rel=1e-6)
    loss, _ = gan.generator_objective([fake], lambda: [real])
    wanted = np.log1p(np.exp(margins)).mean()
    assert float(loss) == pytest.approx(wanted, rel=1e-6)


def test_the_half_life_of_the_average_grows_from_zero():
    gan = tiny(ema=0.5 ** (1 / 8))  # a half-life of 8 steps
    decays = [float(gan.decay_after(np.float32(t), gan.ema)) for t in (0, 10, 20, 50)]
    np.testing.assert_allclose(decays, [0, 0.5 ** (1 / 4), gan.ema, gan.ema], rtol=1e-5)


def test_optimizers_follow_their_schedules_by_updates():
    gan = tiny(critic_steps=2)
    gan.compile()
    for player, steps in (("d", 40), ("g", 20)):
        adam = gan.optimizer_of(player)
        assert adam.beta_2.steps == steps
        assert float(adam.learning_rate) == pytest.approx(2e-4)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_configurations_of_the_authors(name, monkeypatch):
    chosen = CONFIGURATIONS[name]
    small = {"widths": None, "blocks": 1}
    made = {}

    def generator(image_shape, **sizes):
        made["g"] = sizes
        levels = len(sizes.get("widths") or range(image_shape[0].bit_length() - 2))
        sizes = sizes | small | {"widths": [16] * levels}
        return r3gan_generator(image_shape, **sizes)

    def discriminator(image_shape, **sizes):
        levels = image_shape[0].bit_length() - 2
        return r3gan_discriminator(
            image_shape, **(sizes | small | {"widths": [16] * levels})
        )

    module = "gan_zoo.models.noise_to_image.r3gan"
    monkeypatch.setattr(f"{module}.r3gan_generator", generator)
    monkeypatch.setattr(f"{module}.r3gan_discriminator", discriminator)
    gan = gan_zoo.R3GAN.configured(name)
    assert gan.image_shape == chosen.image_shape
    assert gan.gamma == chosen.gamma
    assert gan.decay_steps * chosen.batch_size == pytest.approx(chosen.images, rel=1e-4)
    half_life = np.log(0.5) / np.log(gan.ema) * chosen.batch_size
    assert half_life == pytest.approx(chosen.half_life, rel=1e-6)
    if chosen.width:
        assert made["g"]["widths"] == [1536] * (4 if "32" in name else 5)


def test_configured_takes_the_place_of_single_settings():
    with pytest.raises(ValueError, match=r"Expected name to be one of .*'ffhq256'"):
        gan_zoo.R3GAN.configured("ffhq")
    networks = tiny().networks
    gan = gan_zoo.R3GAN.configured(
        "ffhq64", image_shape=SHAPE, latent_dim=5, gamma=3.0, **networks
    )
    assert gan.gamma == 3.0
    assert gan.decay_steps == 78_125


def test_samples_are_clipped_and_training_images_are_not():
    gan = tiny(ema=None)
    last = gan.generator.layers[-1]
    last.kernel.assign(100.0 * last.kernel)
    with backend.draws((0, 0)):
        assert np.abs(gan.generated(gan.latents(4), {})).max() > 1
    assert np.abs(gan.generate(4)).max() == 1.0


@pytest.mark.parametrize(
    "wrong", [{"gamma": -1.0}, {"decay_steps": 0}, {"num_classes": 1}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"Expected {next(iter(wrong))}"):
        gan_zoo.R3GAN(SHAPE, 5, **wrong)


def test_a_schedule_of_beta_2_survives_a_file(tmp_path):
    gan = tiny()
    gan.compile()
    images = tf.random.stateless_uniform((8, *SHAPE), (1, 1), -1, 1)
    gan.fit(images, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.fit(images, batch_size=4, verbose=0)
    for a, b in zip(gan.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(a, b)
