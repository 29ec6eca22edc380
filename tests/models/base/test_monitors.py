import keras
import numpy as np
import pytest
from models.system import arrays_for, data_for
from models.systems import SYSTEMS

import gan_zoo
from gan_zoo.callbacks import CollapseWarning, ForPlayers, StopWhen
from gan_zoo.data import toy
from gan_zoo.metrics import ModeCoverage
from gan_zoo.metrics.pixels import Pixels
from gan_zoo.networks.gan import mlp

POINTS = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")


class Unclear(gan_zoo.metrics.ImageMetric):
    """A number of which neither lower nor higher is better."""


def tiny(cls=gan_zoo.GAN, metrics=()):
    gan = cls((2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4))
    sgd = keras.optimizers.SGD
    gan.compile(metrics=list(metrics), d_optimizer=sgd(0.1), g_optimizer=sgd(0.01))
    return gan


def monitors(monitor, tmp_path):
    """Each of Keras's callbacks that keep the best epoch, without a mode."""
    best = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.weights.h5",
        monitor,
        save_best_only=True,
        save_weights_only=True,
    )
    plateau = keras.callbacks.ReduceLROnPlateau(monitor)
    one = keras.callbacks.ReduceLROnPlateau(monitor)
    stopping = keras.callbacks.EarlyStopping(monitor)
    given = [best, plateau, ForPlayers(one, ["g"]), stopping]
    return given, [best, plateau, one, stopping]


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [("val_modes", "max"), ("val_modes_kl", "min"), ("val_modes_quality", "max")],
)
def test_an_image_metric_says_which_epoch_is_best(tmp_path, monitor, mode):
    # So wide that each sample belongs to a mode.
    gan = tiny(metrics=[ModeCoverage(*toy.modes("ring"), within=1000.0)])
    given, watching = monitors(monitor, tmp_path)
    logs = gan.fit(
        POINTS, validation_data=POINTS, epochs=2, verbose=0, callbacks=given
    ).history
    best = {"max": max, "min": min}[mode]
    for callback in watching:
        assert callback.mode == mode
        assert callback.best == pytest.approx(best(logs[monitor]))


@pytest.mark.parametrize("monitor", ["d_loss", "val_nearer_pixels"])
@pytest.mark.parametrize("place", range(4))
def test_a_direction_that_is_not_clear_is_asked_for(tmp_path, monitor, place):
    unclear = Unclear(Pixels(), name="nearer_pixels")
    gan = tiny(metrics=[ModeCoverage(*toy.modes("ring")), unclear])
    given, watching = monitors(monitor, tmp_path)
    name = type(watching[place]).__name__
    message = rf"mode='min' or mode='max' for {name}\('{monitor}'\).*'modes_kl'"
    with pytest.raises(ValueError, match=message):
        gan.fit(POINTS, validation_data=POINTS, verbose=0, callbacks=given[place])
    assert gan.trained_steps == 0


@pytest.mark.parametrize(
    "make",
    [
        keras.callbacks.EarlyStopping,
        keras.callbacks.ReduceLROnPlateau,
        lambda: ForPlayers(keras.callbacks.ReduceLROnPlateau(), ["g"]),
        lambda: keras.callbacks.ModelCheckpoint("x.keras", save_best_only=True),
        lambda: keras.callbacks.ModelCheckpoint("x-{val_loss:.2f}.keras"),
        lambda: StopWhen("val_loss", below=0.1),
    ],
)
def test_a_name_that_the_logs_will_lack_is_refused_before_training(make):
    gan = tiny(metrics=[ModeCoverage(*toy.modes("ring"))])
    message = "asks for 'val_loss', which the logs will lack. .* d_loss, .*val_modes"
    with pytest.raises(ValueError, match=message):
        gan.fit(POINTS, validation_data=POINTS, verbose=0, callbacks=[make()])
    assert gan.trained_steps == 0


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("{}.keras", {}, "a file name with fields such as"),
        ("{epoch:02q}.keras", {}, "a file name with fields such as"),
        ("x{epoch.keras", {}, "a file name with fields such as"),
        ("{epoch}-{batch}.keras", {}, "saves after epochs"),
        ("x.keras", {"save_freq": 1, "save_best_only": True}, "save_freq='epoch'"),
    ],
)
def test_a_checkpoint_that_cannot_be_saved_is_refused(name, options, message):
    gan = tiny()
    saver = keras.callbacks.ModelCheckpoint(name, "d_loss", mode="min", **options)
    with pytest.raises(ValueError, match=message):
        gan.fit(POINTS, verbose=0, callbacks=[saver])
    assert gan.trained_steps == 0


def test_numbers_in_file_names_are_filled_in(tmp_path):
    name = tmp_path / "{epoch:02d}-{g_loss:.1f}.keras"
    tiny().fit(POINTS, verbose=0, callbacks=[keras.callbacks.ModelCheckpoint(name)])
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("01-")


@pytest.mark.parametrize("monitor", ["g_loss", "val_loss", "unknown"])
def test_a_checkpoint_of_every_epoch_needs_no_mode(tmp_path, monitor):
    """Its monitor is not used."""
    name = tmp_path / "{epoch}.keras"
    saver = keras.callbacks.ModelCheckpoint(name, monitor)
    tiny().fit(POINTS, epochs=2, verbose=0, callbacks=[saver])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1.keras", "2.keras"]


def test_keras_s_metrics_say_which_epoch_is_best():
    model = SYSTEMS["SemiSupervisedGAN"].tiny()
    model.compile(run_eagerly=True)
    images, labels = arrays_for(model.test_batch, 8)
    stop = keras.callbacks.EarlyStopping("val_accuracy")
    data = data_for(model, steps=1)
    model.fit(data, validation_data=(images, labels), verbose=0, callbacks=[stop])
    assert stop.mode == "max"


def test_numbers_of_the_validation_need_one():
    gan = tiny(metrics=[ModeCoverage(*toy.modes("ring"), within=1000.0)])
    stop = StopWhen("val_modes", above=1.0)
    with pytest.raises(ValueError, match=r"need fit\(..., validation_data=test\)"):
        gan.fit(POINTS, verbose=0, callbacks=[stop])
    assert gan.trained_steps == 0
    history = gan.fit(
        POINTS, validation_split=0.5, epochs=3, verbose=0, callbacks=[stop]
    )
    assert history.epoch == [0]


def test_numbers_that_other_callbacks_log_are_known():
    rate = "learning_rate_g"
    stop = keras.callbacks.EarlyStopping("sample_spread", mode="max", patience=9)
    gan = tiny()
    with pytest.raises(ValueError, match=r"'sample_spread'.*lack"):
        gan.fit(POINTS, verbose=0, callbacks=[stop])
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    below = StopWhen(rate, below=0.004)
    callbacks = [CollapseWarning(POINTS, grace=99), halve, below, stop]
    assert gan.fit(POINTS, epochs=9, verbose=0, callbacks=callbacks).epoch == [0, 1]


class AddsToLogs(keras.callbacks.Callback):
    """A user's callback, of which nobody knows what it logs."""

    def on_epoch_end(self, epoch, logs=None):
        logs["own"] = 1.0


class OwnStep(gan_zoo.GAN):
    """A user's model whose step logs more than `tracked` names."""

    def train_step(self, data):
        return super().train_step(data) | {"own": 1.0}


def test_names_that_a_user_s_own_code_may_log_are_not_refused():
    stop = StopWhen("own", above=1.0)
    history = tiny().fit(POINTS, epochs=3, verbose=0, callbacks=[AddsToLogs(), stop])
    assert history.epoch == [0]
    add = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(own=1.0)
    )
    history = tiny().fit(POINTS, epochs=3, verbose=0, callbacks=[add, stop])
    assert history.epoch == [0]
    history = tiny(OwnStep).fit(POINTS, epochs=3, verbose=0, callbacks=[stop])
    assert history.epoch == [0]
