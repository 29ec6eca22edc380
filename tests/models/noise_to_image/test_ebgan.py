import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both

import gan_zoo
from gan_zoo.models.noise_to_image.ebgan import pulling_away
from gan_zoo.networks import dcgan


def tiny(**kwargs):
    image = keras.Input(SHAPE)
    codes = keras.layers.Conv2D(2, 3, 2, "same", activation="elu")(image)
    again = keras.layers.Conv2DTranspose(1, 3, 2, "same")(codes)
    settings = {
        "generator": dcgan.dcgan_generator(SHAPE, 5, 4),
        "discriminator": keras.Model(image, [again, codes]),
        "margin": 5.0,
    }
    return gan_zoo.EBGAN(SHAPE, 5, **settings | kwargs)


SYSTEMS = {
    "EBGAN": System(
        tiny=tiny,
        settings={
            "image_shape": (64, 64, 3),
            "latent_dim": 100,
            "margin": 20.0,
            "pull_away_weight": 0.1,
            "critic_steps": 1,
            "prior": "normal",
            "ema": None,
        },
        optimizers=both(adam(2e-4, 0.5)),
        rate={"d": 0.002, "g": 0.02},
    )
}
IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")


def test_the_energy_is_the_norm_of_the_difference_to_the_reconstruction():
    gan = tiny()
    again, wanted_codes = gan.discriminator(IMAGES)
    energies, codes = gan.discriminate(tf.constant(IMAGES), {})
    wanted = [np.linalg.norm(difference) for difference in IMAGES - again]
    np.testing.assert_allclose(energies[:, 0], wanted, rtol=1e-5)
    np.testing.assert_allclose(codes, wanted_codes, rtol=1e-5)


def test_losses_by_hand():
    gan = tiny(margin=4.0, pull_away_weight=0.1)
    real, fake = tf.constant([[2.0], [4.0]]), tf.constant([[1.0], [7.0]])
    # (2 + 4) / 2 + (3 + 0) / 2: beyond the margin there is nothing to gain.
    assert float(gan.discriminator_loss(real, fake)) == 4.5
    codes = tf.constant([[1.0, 0.0], [1.0, 1.0]])
    loss, logs = gan.generator_objective([fake, codes], None)
    assert float(logs["pull_away"]) == pytest.approx(0.5)  # cos² 45°
    assert float(loss) == pytest.approx(4.0 + 0.1 * 0.5)


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        ([[1, 0], [0, 2]], 0.0),
        ([[1, 0], [-3, 0]], 1.0),  # opposite directions count as equal ones
        ([[1, 0], [0, 1], [1, 1]], (0.0 + 0.5 + 0.5) / 3),
        ([[1, 2]], 0.0),
    ],
)
def test_pulling_away_by_hand(codes, wanted):
    codes = tf.constant(codes, "float32")
    assert float(pulling_away(codes)) == pytest.approx(wanted, abs=1e-6)
    # Of maps, the numbers of all places are one code.
    assert float(pulling_away(codes[:, None, :])) == pytest.approx(wanted, abs=1e-6)


def test_gradients_at_a_perfect_reconstruction_and_at_a_code_of_zeros():
    image = keras.Input(SHAPE)
    gan = tiny(discriminator=keras.Model(image, [image * 1.0, image * 0.0]))
    x = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(x)
        energies, codes = gan.discriminate(x, {})
        loss = tf.reduce_sum(energies) + pulling_away(codes)
    assert np.all(np.isfinite(tape.gradient(loss, x)))


def test_generated_images_beyond_the_margin_do_not_move_the_discriminator():
    """The same D and real images: only images below the margin have a gradient."""
    gan = tiny()
    real, fake = tf.constant([[1.0]]), tf.Variable([[6.0], [4.0]])
    with tf.GradientTape() as tape:
        loss = gan.discriminator_loss(real, fake)
    np.testing.assert_allclose(tape.gradient(loss, fake), [[0.0], [-0.5]])


def test_pulling_away_spreads_the_codes_of_the_samples():
    """G against a D that stands still: with the term, samples differ more."""
    spreads = []
    for weight in (0.0, 50.0):
        gan = tiny(pull_away_weight=weight)
        gan.compile(
            d_optimizer=keras.optimizers.SGD(0.0),
            g_optimizer=keras.optimizers.Adam(0.01, beta_1=0.5),
        )
        logs = gan.fit(IMAGES, batch_size=8, epochs=60, verbose=0).history
        spreads.append(logs["pull_away"][-1])
    assert spreads[1] < 0.7 * spreads[0]


def test_other_discriminators_and_numbers_are_refused():
    image = keras.Input(SHAPE)
    score = keras.layers.Dense(1)(keras.layers.Flatten()(image))
    for outputs in ([score], [score, score], [image * 1.0]):
        with pytest.raises(ValueError, match="two outputs, reconstructions"):
            tiny(discriminator=keras.Model(image, outputs))
    for wrong in (0.0, -1.0, None):
        with pytest.raises(ValueError, match="margin above 0"):
            tiny(margin=wrong)
    with pytest.raises(ValueError, match="pull_away_weight"):
        tiny(pull_away_weight=-0.1)
