import keras
import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp


def points(n=64, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype("float32")


def tiny(cls=gan_zoo.GAN, **kwargs):
    """A GAN of points in the plane with a dropout layer, to see its masks resume."""
    x = keras.Input((2,))
    h = keras.layers.Dense(8, "relu")(x)
    h = gan_zoo.layers.Dropout(0.3)(h)
    discriminator = keras.Model(x, keras.layers.Dense(1)(h))
    return cls((2,), 3, generator=mlp(3, 2, 8), discriminator=discriminator, **kwargs)


def test_values_without_a_column_are_named():
    class Chatty(gan_zoo.GAN):
        tracked = ("d_loss", "g_loss")

        def discriminator_objective(self, real, fake, **beside):
            loss, logs = super().discriminator_objective(real, fake, **beside)
            return loss, logs | {"second": loss, "first": loss}

    gan = tiny(Chatty)
    gan.compile()
    with pytest.raises(ValueError, match=r"'first', 'second'.*`tracked`"):
        gan.fit(points(), batch_size=32, verbose=0)


def test_the_usual_columns_come_by_their_names():
    class Terse(gan_zoo.GAN):
        tracked = ("d_loss", "g_loss")

    class Telling(gan_zoo.GAN):
        tracked = ("d_loss", "g_loss", "penalty", "real_score")

        def penalty(self, score, real, fake):
            return 0.25

    for system in (Terse, Telling):
        gan = tiny(system)
        gan.compile()
        logs = gan.fit(points(), batch_size=32, verbose=0).history
        assert set(logs) == set(system.tracked)
    assert logs["penalty"] == [0.25]


def test_a_player_s_update_leaves_the_others_alone():
    gan = tiny(gan_zoo.DCGAN)
    gan.compile()
    before = gan.generator.get_weights()
    with gan.draws("here"):
        gan.update_discriminator(tf.constant(points()))
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_ema_starts_at_the_first_weights_and_follows_the_formula():
    """By hand: the decay of the first steps is 1/10, 2/11 and 3/12."""
    gan = tiny(ema=0.2)
    gan.compile()
    kept = gan.generator.get_weights()
    assert_allclose_lists(gan.average_generator.get_weights(), kept, 0)
    for decay in (0.1, 2 / 11, 0.2):  # no more than ema
        gan.train_step(tf.constant(points(8)))
        new = gan.generator.get_weights()
        kept = [decay * a + (1 - decay) * b for a, b in zip(kept, new, strict=True)]
        assert_allclose_lists(gan.average_generator.get_weights(), kept, 1e-6)
    used = gan.sampling_networks
    assert used["generator"] is gan.average_generator
    assert used["discriminator"] is gan.discriminator
    assert not gan.average_generator.trainable_variables


def test_late_in_training_the_decay_is_ema():
    gan = tiny(ema=0.9)
    gan.compile()
    for steps, decay in ((79, 80 / 89), (80, 0.9), (10_000, 0.9)):
        gan.steps.assign(steps)
        gan.average_generator.set_weights(kept := gan.generator.get_weights())
        gan.train_step(tf.constant(points(8)))
        new = gan.generator.get_weights()
        wanted = [decay * a + (1 - decay) * b for a, b in zip(kept, new, strict=True)]
        assert_allclose_lists(gan.average_generator.get_weights(), wanted, 1e-6)


def test_after_some_hundred_steps_the_averages_are_where_the_weights_are():
    """Of the first weights 0.999³⁰⁰ = 0.74 would be left without the lower decay."""
    gan = gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8), ema=0.999
    )
    gan.compile(d_optimizer=keras.optimizers.Adam(1e-2), g_optimizer="adam")
    start = gan.generator.get_weights()
    far = points(300 * 32) + np.float32([6.0, -6.0])
    gan.fit(far, batch_size=32, verbose=0)
    assert gan.trained_steps == 300

    def distance(a, b):
        pairs = zip(a, b, strict=True)
        return sum(np.sum(np.square(x - y)) for x, y in pairs) ** 0.5

    now, average = gan.generator.get_weights(), gan.average_generator.get_weights()
    moved = distance(start, now)
    assert moved > 1.0
    assert distance(average, now) < 0.25 * moved
    current = gan.generate(500, averaged=False).mean(axis=0)
    assert np.linalg.norm(current) > 1.0  # at first they are at the origin
    drawn = gan.generate(500).mean(axis=0)
    assert np.linalg.norm(drawn - current) < 0.3 * np.linalg.norm(current)


def assert_allclose_lists(a, b, atol):
    for left, right in zip(a, b, strict=True):
        np.testing.assert_allclose(left, right, atol=atol)


def test_latents_of_a_step_do_not_depend_on_what_ran_before():
    gan = tiny(seed=4)
    gan.compile()
    gan.steps.assign(10)
    with gan.draws("site"):
        first = gan.latents(4)
    gan.generate(3)
    with gan.draws("site"):
        again = gan.latents(4)
    gan.steps.assign(11)
    with gan.draws("site"):
        later = gan.latents(4)
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first, later).any()


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_scales_losses_and_stays_finite(policy):
    keras.mixed_precision.set_dtype_policy(policy)
    gan = tiny(ema=0.9)
    gan.compile()
    scaled = isinstance(gan.g_optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")
    assert all(v.dtype == "float32" for v in gan.trainable_variables)
    gan.fit(points(160), batch_size=8, epochs=2, verbose=0)
    assert all(np.isfinite(w).all() for w in gan.get_weights())


def test_the_step_counter_and_seed_place_every_draw():
    with backend.draws(tiny(seed=1)._seed_of(5, "x")):
        a = backend.normal((3,))
    with backend.draws(tiny(seed=1)._seed_of(5, "y")):
        b = backend.normal((3,))
    assert not np.isclose(a, b).any()


# `update`.
