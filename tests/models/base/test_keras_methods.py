"""What Keras's own methods do with a system: files, evaluation, single batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.base.test_adversarial import assert_allclose_lists, points, tiny
from models.noise_to_image import test_cgan
from models.system import arrays_for
from models.systems import SYSTEMS
from replicas import two_replicas

import gan_zoo
from gan_zoo import backend


def state(model):
    """Everything a resumed run must have again."""
    variables = [*model.weights]
    for player in model.players:
        variables += model.optimizer_of(player).variables
    return [v.numpy() for v in variables]


def assert_equal_states(a, b):
    for left, right in zip(state(a), state(b), strict=True):
        np.testing.assert_array_equal(left, right)


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


def test_replicas_share_the_batch_of_a_step():
    """As in `fit`, so that the step is that of one device."""

    def built(**options):
        gan = tiny(critic_steps=3)
        sgd = {f"{p}_optimizer": keras.optimizers.SGD(0.1) for p in "dg"}
        gan.compile(**sgd, **options)
        return gan

    one = built()
    with two_replicas().scope():
        two = built()
    two.set_weights(one.get_weights())
    values = [gan.train_on_batch(points(12)) for gan in (one, two)]
    np.testing.assert_allclose(*values, rtol=1e-5)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(ValueError, match="9 rows cannot be shared evenly by 2"):
        two.train_on_batch(points(9))
    with two_replicas().scope():
        two = built(steps_per_execution=2)
    with pytest.raises(ValueError, match="steps_per_execution=1 for a step"):
        two.train_on_batch(points(12))


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
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        models[1].train_on_batch(images, labels, np.ones(4, "float32"))


def test_a_batch_that_holds_no_whole_minibatches_is_refused():
    gan = tiny(critic_steps=3)
    gan.compile()
    # Also once Keras has traced a step of any number of rows.
    for rows in (9, 6):
        gan.train_on_batch(points(rows))
    with pytest.raises(ValueError, match="a multiple of 3 rows, got 8"):
        gan.train_on_batch(points(8))


IMAGES, LABELS = arrays_for(test_cgan.tiny().batch, 4)[0], np.arange(4) % 3
NOT_A_BATCH = {
    "labels out of range": ((IMAGES, LABELS + 1), {}, "labels from 0 to 2"),
    "0 ... 255": ((127.5 * IMAGES + 127.5, LABELS), {}, r"127\.5 - 1"),
    "NaN": ((np.nan * IMAGES, LABELS), {}, "finite numbers"),
    "bytes": ((IMAGES.astype("uint8"), LABELS), {}, "got uint8"),
    "float labels": ((IMAGES, LABELS + 0.0), {}, "labels to be integers"),
    "another shape": ((IMAGES[:, :7], LABELS), {}, "another size"),
    "fewer labels": ((IMAGES, LABELS[:3]), {}, "as many labels as images, got 3"),
    "no labels": ((IMAGES,), {}, r"expects batches \(images, labels\)"),
    "no rows": ((IMAGES[:0], LABELS[:0]), {}, r"at least one row.*\(0, 8, 8, 1\)"),
    "nothing": ((None,), {}, "arrays, got nothing"),
    "a data set": ((tf.data.Dataset.range(2),), {}, "one batch, got a data set"),
    "weights": ((IMAGES, LABELS), {"sample_weight": LABELS}, "sample_weight is not"),
}


@pytest.mark.parametrize("jit_compile", [False, True])
def test_one_batch_is_checked_as_fit_checks_data(jit_compile):
    model = test_cgan.tiny()
    model.compile(
        metrics=[gan_zoo.metrics.FrechetDistance(flat_features())],
        jit_compile=jit_compile,
    )
    before = model.get_weights()
    errors = ValueError, TypeError, tf.errors.InvalidArgumentError
    for arrays, options, message in NOT_A_BATCH.values():
        for method in (model.train_on_batch, model.test_on_batch):
            with pytest.raises(errors, match=message):
                method(*arrays, **options)
    with pytest.raises(TypeError, match="class_weight is not supported"):
        model.train_on_batch(IMAGES, LABELS, class_weight={0: 2.0})
    assert model.trained_steps == 0
    assert_allclose_lists(before, model.get_weights(), 0)


def test_one_batch_may_have_more_images_of_one_domain():
    model = SYSTEMS["CycleGAN"].tiny()
    model.compile(run_eagerly=True)
    logs = model.train_on_batch(IMAGES, IMAGES[:3], return_dict=True)
    assert np.isfinite(list(logs.values())).all()
    assert model.trained_steps == 1
