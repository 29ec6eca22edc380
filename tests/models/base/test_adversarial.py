import keras
import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo import backend
from gan_zoo.models.base.adversarial import AdversarialModel, answer
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


def state(model):
    """Everything a resumed run must have again."""
    variables = [*model.weights]
    for player in model.players:
        variables += model.optimizer_of(player).variables
    return [v.numpy() for v in variables]


def assert_equal_states(a, b):
    for left, right in zip(state(a), state(b), strict=True):
        np.testing.assert_array_equal(left, right)


def test_bare_compile_uses_the_paper_s_optimizers():
    gan = tiny()
    gan.compile()
    assert isinstance(gan.d_optimizer, keras.optimizers.SGD)
    assert gan.optimizer is None
    assert gan.d_optimizer.built
    assert gan.g_optimizer.built


def test_compile_refuses_unknown_optimizers_and_metrics():
    gan = tiny()
    with pytest.raises(TypeError, match="d_optimizer, g_optimizer"):
        gan.compile(optimizer="adam")
    with pytest.raises(TypeError, match="FrechetDistance"):
        gan.compile(metrics=["accuracy"])
    psnr = gan_zoo.metrics.PeakSignalToNoise
    with pytest.raises(ValueError, match="got psnr twice"):
        gan.compile(metrics=[psnr(), psnr(border=0)])


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        ({}, r"a or b\."),
        ({"encode": None, "generate": None}, r"a or b or generate\(\) or enc"),
    ],
)
def test_predict_names_what_the_system_has(more, ways):
    system = type("System", (AdversarialModel,), more)
    networks = {name: mlp(2, 1, 4) for name in "ab"}
    model = system({"g": networks})
    with pytest.raises(NotImplementedError, match=f"several networks: use {ways}"):
        model.call(np.zeros((1, 2)))


def test_answers_are_float32_as_many_as_the_network_has():
    x = keras.Input((2,), dtype="float16")
    double = keras.layers.Rescaling(2.0, dtype="float16")(x)
    one, two = keras.Model(x, double), keras.Model(x, [double, x])
    half = tf.constant([[0.5, 3.0]], tf.float16)
    given = answer(one, half), *answer(two, half)
    assert [y.dtype for y in given] == [tf.float32] * 3
    for y, expected in zip(given, ([[1, 6]], [[1, 6]], [[0.5, 3]]), strict=True):
        np.testing.assert_array_equal(y, expected)


def test_averages_that_keras_would_forget_are_refused():
    adam = keras.optimizers.Adam(1e-3, use_ema=True)
    with pytest.raises(ValueError, match=r"ema=0\.999"):
        tiny().compile(g_optimizer=adam)
    used = keras.optimizers.Adam(1e-3, use_ema=True, ema_overwrite_frequency=2)
    tiny().compile(g_optimizer=used)


def test_values_without_a_column_are_named():
    class Terse(gan_zoo.GAN):
        tracked = ("d_loss", "g_loss")

    gan = tiny(Terse)
    gan.compile()
    with pytest.raises(ValueError, match=r"'fake_score', 'real_score'.*`tracked`"):
        gan.fit(points(), batch_size=32, verbose=0)


def test_a_seed_of_numpy_is_saved_as_an_int():
    assert type(tiny(seed=np.int64(3)).get_config()["seed"]) is int
    with pytest.raises(ValueError, match=r"got 0\.5"):
        tiny(seed=0.5)


def test_each_player_has_an_optimizer_of_its_own():
    adam = keras.optimizers.Adam(1e-3)
    with pytest.raises(ValueError, match=r"one object for several.*g_optimizer="):
        tiny().compile(d_optimizer=adam, g_optimizer=adam)
    tiny().compile(d_optimizer="adam", g_optimizer="adam")


def test_a_player_s_update_leaves_the_others_alone():
    gan = tiny(gan_zoo.DCGAN)
    gan.compile()
    before = gan.generator.get_weights()
    with gan.draws("here"):
        gan.update_discriminator(tf.constant(points()))
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_ema_starts_at_the_first_weights_and_follows_the_formula():
    gan = tiny(ema=0.9)
    gan.compile()
    kept = gan.generator.get_weights()
    assert_allclose_lists(gan.average_generator.get_weights(), kept, 0)
    for _ in range(3):
        gan.train_step(tf.constant(points(8)))
        kept = [
            0.9 * a + 0.1 * b
            for a, b in zip(kept, gan.generator.get_weights(), strict=True)
        ]
    assert_allclose_lists(gan.average_generator.get_weights(), kept, 1e-6)
    (used,) = gan.sampling_networks
    assert used is gan.average_generator
    assert not gan.average_generator.trainable_variables


def assert_allclose_lists(a, b, atol):
    for left, right in zip(a, b, strict=True):
        np.testing.assert_allclose(left, right, atol=atol)


def test_keras_file_resumes_bit_for_bit(tmp_path):
    data = tf.data.Dataset.from_tensor_slices(points(64)).batch(8, drop_remainder=True)
    gan = tiny(ema=0.9, seed=1)
    gan.compile(d_optimizer="adam")
    gan.fit(data, epochs=1, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_equal_states(gan, loaded)
    assert isinstance(loaded.d_optimizer, keras.optimizers.Adam)
    gan.fit(data, epochs=2, verbose=0)
    loaded.fit(data, epochs=2, verbose=0)
    assert_equal_states(gan, loaded)


def test_weights_file_and_config_round_trip(tmp_path):
    gan = tiny(ema=0.9, critic_steps=2)
    gan.save_weights(tmp_path / "gan.weights.h5")
    again = gan_zoo.GAN.from_config(gan.get_config())
    assert again.get_config()["critic_steps"] == 2
    again.load_weights(tmp_path / "gan.weights.h5")
    assert_allclose_lists(gan.get_weights(), again.get_weights(), 0)


def test_a_system_has_no_one_forward_pass():
    with pytest.raises(NotImplementedError, match=r"several networks.*generate"):
        tiny()(points(2))


def flat_features():
    """A feature network whose features are the pixels."""
    x = keras.Input((4, 4, 1))
    return keras.Model(x, keras.layers.Flatten()(x), name="pixels")


def test_evaluate_and_validation_report_image_metrics_and_disturb_nothing():
    images = np.random.default_rng(0).uniform(-1, 1, (16, 4, 4, 1)).astype("float32")
    test = tf.data.Dataset.from_tensor_slices(images).batch(8, drop_remainder=True)
    gan, plain = gan_zoo.GAN((4, 4, 1), 3), gan_zoo.GAN((4, 4, 1), 3)
    plain.set_weights(gan.get_weights())
    gan.compile(metrics=[gan_zoo.metrics.FrechetDistance(flat_features())])
    plain.compile()
    history = gan.fit(
        test, validation_data=test, epochs=2, verbose=0, callbacks=[StopEarly()]
    ).history
    assert len(history["val_frechet_pixels"]) == 2
    plain.fit(test, epochs=2, verbose=0)
    for a, b in zip(gan.players.values(), plain.players.values(), strict=True):
        assert_allclose_lists(a[0].get_weights(), b[0].get_weights(), 0)
    value = gan.evaluate(test, return_dict=True, verbose=0)["frechet_pixels"]
    assert value == pytest.approx(history["val_frechet_pixels"][-1])
    assert "16 real, 16 fake" in gan.protocols()["frechet_pixels"]
    # By the same latents, from the definition.
    fakes = []
    for batch in range(2):
        with backend.draws(gan._seed_of(batch, "evaluate")):
            fakes.append(gan.sample(gan.latents(8)).numpy().reshape(8, -1))
    fake, real = np.concatenate(fakes).astype("float64"), images.reshape(16, -1)
    wanted = gan_zoo.metrics.frechet_distance(
        real.mean(0), np.cov(real.T.astype("float64")), fake.mean(0), np.cov(fake.T)
    )
    assert value == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(ValueError, match="metrics to compile"):
        plain.evaluate(test)


class StopEarly(keras.callbacks.EarlyStopping):
    """EarlyStopping that watches an image metric, as a user would."""

    def __init__(self):
        super().__init__(monitor="val_frechet_pixels", mode="min", patience=5)


def test_keras_keeps_the_best_model_by_an_image_metric(tmp_path):
    images = np.random.default_rng(0).uniform(-1, 1, (8, 4, 4, 1)).astype("float32")
    gan = gan_zoo.GAN((4, 4, 1), 3)
    gan.compile(metrics=[gan_zoo.metrics.FrechetDistance(flat_features())])
    path = tmp_path / "best.keras"
    best = keras.callbacks.ModelCheckpoint(
        path, monitor="val_frechet_pixels", mode="min", save_best_only=True
    )
    history = gan.fit(
        images,
        batch_size=4,
        epochs=4,
        validation_data=images,
        verbose=0,
        callbacks=[best],
    ).history["val_frechet_pixels"]
    kept = keras.models.load_model(path)
    assert kept.trained_steps == 2 * (1 + int(np.argmin(history)))
    assert best.best == pytest.approx(min(history))


def test_a_metric_of_two_numbers_reports_both():
    images = np.random.default_rng(0).uniform(-1, 1, (8, 4, 4, 1)).astype("float32")
    gan = gan_zoo.GAN((4, 4, 1), 3)
    gan.compile(metrics=[gan_zoo.metrics.KernelDistance(flat_features(), subsets=2)])
    values = gan.evaluate(images, batch_size=4, return_dict=True, verbose=0)
    assert list(values) == ["kernel_pixels", "kernel_pixels_std"]
    assert list(gan.protocols()) == list(values)
    history = gan.fit(images, batch_size=4, validation_data=images, verbose=0).history
    assert len(history["val_kernel_pixels_std"]) == 1


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
