import keras
import numpy as np
import pytest
import tensorflow as tf
from models.noise_to_image import test_cgan
from models.system import arrays_for

import gan_zoo
from gan_zoo import backend
from gan_zoo.models.base.adversarial import AdversarialModel
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


def test_averages_that_keras_would_forget_are_refused():
    adam = keras.optimizers.Adam(1e-3, use_ema=True)
    with pytest.raises(ValueError, match=r"ema=0\.999"):
        tiny().compile(g_optimizer=adam)
    used = keras.optimizers.Adam(1e-3, use_ema=True, ema_overwrite_frequency=2)
    tiny().compile(g_optimizer=used)


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


# `update`.


class Decayed(AdversarialModel):
    """Minimises E ‖sum of its networks‖², what the layers add besides."""

    tracked = ("loss",)

    def __init__(self, **networks):
        super().__init__({"g": networks})

    def paper_optimizers(self):
        return {"g": keras.optimizers.SGD(0.5)}

    def step(self, x):
        def objective():
            outputs = [network(x) for network in self.players["g"]]
            loss = keras.ops.mean(keras.ops.square(sum(outputs)))
            return loss, {"loss": loss}, outputs

        return self.update("g", objective)


def decayed(weight, regularizer=None, activity=None):
    """A layer y = w x of one number."""
    return keras.layers.Dense(
        1,
        use_bias=False,
        kernel_initializer=keras.initializers.Constant(weight),
        kernel_regularizer=regularizer,
        activity_regularizer=activity,
    )


def of_layer(layer):
    x = keras.Input((1,))
    return keras.Model(x, layer(x))


def test_update_hands_back_what_else_the_objective_returns():
    model = Decayed(one=of_layer(decayed(2.0)))
    model.compile()
    (outputs,) = model.step(tf.constant([[1.0], [3.0]]))
    np.testing.assert_allclose(outputs, [[2.0], [6.0]])
    nothing = model.update("g", lambda: (tf.reduce_sum(model.one(tf.ones((1, 1)))), {}))
    assert nothing is None


def test_update_adds_the_layers_own_losses_and_does_not_log_them():
    """By hand: w ← w − ½ (2 w E x² + 2 · 0.1 w)."""
    regularizer = keras.regularizers.L2(0.1)
    model = Decayed(one=of_layer(decayed(2.0, regularizer)))
    model.compile()
    model.step(tf.constant([[1.0], [0.5]]))
    (kernel,) = model.variables_of("g")
    wanted = 2.0 - 0.5 * (2 * 2.0 * 0.625 + 2 * 0.1 * 2.0)
    np.testing.assert_allclose(kernel, [[wanted]], rtol=1e-6)
    assert float(model.logs()["loss"]) == pytest.approx(4 * 0.625)


def test_update_adds_what_layers_ask_of_their_outputs():
    """By hand: Keras divides a sum over the batch by its rows."""
    model = Decayed(one=of_layer(decayed(2.0, activity=keras.regularizers.L2(0.1))))
    model.compile()
    model.step(tf.constant([[1.0], [0.5]]))
    (kernel,) = model.variables_of("g")
    wanted = 2.0 - 0.5 * 2 * 2.0 * (1 + 0.1) * 0.625
    np.testing.assert_allclose(kernel, [[wanted]], rtol=1e-6)


def test_update_adds_a_shared_layer_s_loss_once():
    """By hand: w ← w − ½ (8 w + 2 · 0.1 w) for (2 w)² at x = 1."""
    shared = decayed(2.0, keras.regularizers.L2(0.1))
    model = Decayed(one=of_layer(shared), two=of_layer(shared))
    model.compile()
    model.step(tf.ones((4, 1)))
    (kernel,) = model.variables_of("g")
    wanted = 2.0 - 0.5 * (8 * 2.0 + 2 * 0.1 * 2.0)
    np.testing.assert_allclose(kernel, [[wanted]], rtol=1e-6)


def test_update_leaves_other_players_losses_alone():
    gan = gan_zoo.GAN(
        (1,), 1, generator=of_layer(decayed(2.0)), discriminator=of_layer(decayed(0.5))
    )
    strong = keras.regularizers.L2(1e6)
    other = gan_zoo.GAN(
        (1,),
        1,
        generator=of_layer(decayed(2.0, strong)),
        discriminator=of_layer(decayed(0.5)),
    )
    for model in (gan, other):
        model.compile()
        with model.draws("here"):
            model.update_discriminator(tf.ones((4, 1)))
    np.testing.assert_array_equal(*(m.variables_of("d")[0] for m in (gan, other)))


# Keras's own ways to take one step.


@pytest.mark.parametrize("critic_steps", [1, 3])
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_train_on_batch_takes_the_step_that_fit_takes(critic_steps, run_eagerly):
    data = tf.data.Dataset.from_tensor_slices(points(4 * critic_steps * 2)).batch(4)
    by_fit = tiny(critic_steps=critic_steps, ema=0.9)
    by_batch = tiny(critic_steps=critic_steps, ema=0.9)
    by_batch.set_weights(by_fit.get_weights())
    for model in (by_fit, by_batch):
        model.compile(run_eagerly=run_eagerly)
    history = by_fit.fit(data, verbose=0).history
    logs = []
    for batch in backend.join_batches(data, critic_steps):
        logs.append(by_batch.train_on_batch(batch.numpy(), return_dict=True))
    assert by_batch.trained_steps == by_fit.trained_steps == 2
    for a, b in zip(state(by_fit), state(by_batch), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert set(logs[0]) == set(history)
    for name, (mean,) in history.items():
        # Keras starts the means of a batch anew.
        assert np.mean([each[name] for each in logs]) == pytest.approx(mean, abs=1e-5)


def test_train_on_batch_takes_labels_as_fit_does():
    models = test_cgan.tiny(), test_cgan.tiny()
    models[1].set_weights(models[0].get_weights())
    images, labels = arrays_for(models[0].batch, 4)[0], np.arange(4) % 3
    for model in models:
        model.compile()
    for _ in range(3):
        models[0].fit(images, labels, shuffle=False, batch_size=4, verbose=0)
    values = models[1].train_on_batch(images, labels)
    assert len(values) == len(models[1].tracked)
    models[1].train_on_batch((images, labels))
    models[1].train_on_batch({"labels": labels, "images": images})
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        models[1].train_on_batch(images, labels + 1)
    with pytest.raises(TypeError, match="counts every image alike"):
        models[1].train_on_batch(images, labels, np.ones(4, "float32"))


def test_a_batch_that_holds_no_whole_minibatches_is_refused():
    gan = tiny(critic_steps=3)
    gan.compile()
    with pytest.raises(ValueError, match="a multiple of 3 rows, got 8"):
        gan.train_on_batch(points(8))
