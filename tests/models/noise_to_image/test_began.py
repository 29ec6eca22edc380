import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System

import gan_zoo
from gan_zoo.optimizers import Adam

SHAPE = (8, 8, 1)


def tiny(**kwargs):
    image = keras.Input(SHAPE)
    x = keras.layers.Conv2D(2, 3, 2, "same", activation="elu")(image)
    again = keras.layers.Conv2DTranspose(1, 3, 2, "same")(x)
    z = keras.Input((5,))
    made = keras.layers.Reshape(SHAPE)(keras.layers.Dense(64, "tanh")(z))
    return gan_zoo.BEGAN(
        SHAPE,
        5,
        generator=keras.Model(z, made),
        discriminator=keras.Model(image, again),
        balance_rate=0.1,
        **kwargs,
    )


ADAM = Adam, {"learning_rate": 1e-4, "beta_1": 0.5, "beta_2": 0.999}
SYSTEMS = {
    "BEGAN": System(
        tiny=tiny,
        settings={
            "image_shape": (64, 64, 3),
            "latent_dim": 64,
            "diversity_ratio": 0.5,
            "balance_rate": 1e-3,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
        },
        optimizers={"d": ADAM, "g": ADAM},
        rate={"d": 0.1, "g": 1.0},
    )
}
IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")


def test_the_energy_is_the_mean_difference_to_the_reconstruction():
    gan = tiny()
    again = gan.discriminator(IMAGES)
    (energy,) = gan.discriminate(tf.constant(IMAGES), {})
    wanted = np.abs(IMAGES - again).mean(axis=(1, 2, 3))[:, None]
    np.testing.assert_allclose(energy, wanted, rtol=1e-5)


def test_losses_by_hand():
    gan = tiny()
    gan.balance.assign(0.25)
    real, fake = tf.constant([[2.0], [4.0]]), tf.constant([[1.0], [3.0]])
    assert float(gan.discriminator_loss(real, fake)) == 3.0 - 0.25 * 2.0
    assert float(gan.generator_loss(fake)) == 2.0


@pytest.mark.parametrize(
    ("before", "real", "fake", "after"),
    [
        (0.5, 2.0, 0.6, 0.5 + 0.1 * (0.5 * 2.0 - 0.6)),
        (0.0, 1.0, 3.0, 0.0),  # kept in [0, 1]
        (1.0, 3.0, 0.1, 1.0),
    ],
)
def test_the_balance_by_hand(before, real, fake, after):
    gan = tiny()
    gan.balance.assign(before)
    gan.rebalance(tf.fill((4, 1), real), tf.fill((4, 1), fake))
    assert float(gan.balance.value) == pytest.approx(after, rel=1e-6)
    logs = {name: float(value) for name, value in gan.logs().items()}
    assert logs["convergence"] == pytest.approx(real + abs(0.5 * real - fake), rel=1e-6)
    assert logs["balance"] == pytest.approx(after, rel=1e-6)


def test_a_step_moves_k_by_the_energies_before_each_update():
    """With players that stand still the energies are those of the networks."""
    gan = tiny()
    gan.compile(
        d_optimizer=keras.optimizers.SGD(0.0), g_optimizer=keras.optimizers.SGD(0.0)
    )
    logs = gan.fit(IMAGES, batch_size=8, verbose=0).history
    real = logs["real_score"][0]
    fake = logs["g_loss"][0]
    wanted = np.clip(0.1 * (0.5 * real - fake), 0.0, 1.0)
    assert float(gan.balance.value) == pytest.approx(wanted, abs=1e-6)


def test_a_generator_that_lags_behind_takes_weight_from_the_discriminator_s_task():
    """k rises while generated images are reconstructed better than γ asks for."""
    gan = tiny(diversity_ratio=1.0)
    gan.compile(
        d_optimizer=keras.optimizers.SGD(0.0), g_optimizer=keras.optimizers.SGD(1.0)
    )
    first = gan.fit(IMAGES, batch_size=8, epochs=40, verbose=0).history
    # The generator makes what D reconstructs well; real images stay as they are.
    assert first["g_loss"][-1] < first["g_loss"][0]
    assert first["balance"][-1] > first["balance"][0]


def test_networks_that_do_not_reconstruct_are_refused():
    image = keras.Input(SHAPE)
    score = keras.layers.Dense(1)(keras.layers.Flatten()(image))
    with pytest.raises(ValueError, match="reconstructs images"):
        gan_zoo.BEGAN(
            SHAPE,
            5,
            generator=tiny().generator,
            discriminator=keras.Model(image, score),
        )
    for wrong in (0.0, 1.5, None):
        with pytest.raises(ValueError, match=r"diversity_ratio in \(0, 1\]"):
            tiny(diversity_ratio=wrong)


def test_reconstructions_are_not_taken_for_scores():
    callback = gan_zoo.callbacks.CollapseWarning(IMAGES)
    callback.set_model(tiny())
    logs = {}
    callback.on_epoch_end(0, logs)
    assert "sample_spread" in logs
    assert "score_spread" not in logs
