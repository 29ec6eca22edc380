import keras
import numpy as np
import pytest

import gan_zoo
from gan_zoo.callbacks import ForPlayers, StopOnNaN
from gan_zoo.networks.gan import mlp
from gan_zoo.optimizers import Lookahead

POINTS = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")


def tiny(**kwargs):
    networks = {"generator": mlp(3, 2, 4), "discriminator": mlp(2, 1, 4)}
    gan = gan_zoo.GAN((2,), 3, **networks, **kwargs)
    gan.compile(
        d_optimizer=keras.optimizers.SGD(0.1),
        g_optimizer=keras.optimizers.SGD(0.01),
    )
    return gan


def rates(gan):
    return [float(gan.optimizer_of(p).learning_rate.numpy()) for p in ("d", "g")]


def test_looks_at_every_value_and_names_the_step():
    gan = gan_zoo.GAN((8, 8, 1), 3)
    gan.steps.assign(7)
    callback = StopOnNaN()
    callback.set_model(gan)
    callback.on_train_batch_end(0)
    callback.on_train_batch_end(0, {"d_loss": 1.0, "g_loss": -3.0})
    for value in ("inf", "-inf", "nan"):
        logs = {"d_loss": 1.0, "g_loss": float(value)}
        message = f"g_loss became {value} at training step 7"
        with pytest.raises(FloatingPointError, match=message):
            callback.on_train_batch_end(0, logs)


def test_fit_stops_at_nan_unless_told_to_go_on():
    gan = tiny(ema=0.9)
    # No loss depends on the averages.
    gan.average_generator.layers[-1].kernel.assign(np.full((4, 2), np.nan))
    message = r"holds NaN .* at training step 2\..*stop_on_nan=False"
    with pytest.raises(FloatingPointError, match=message):
        gan.fit(POINTS, batch_size=8, verbose=0)
    gan.fit(POINTS, batch_size=8, verbose=0, stop_on_nan=False)
    assert gan.trained_steps == 4


def test_fit_stops_within_an_epoch_where_a_loss_is_nan():
    gan = tiny()
    gan.discriminator.layers[-1].bias.assign([np.nan])
    with pytest.raises(FloatingPointError, match=r"d_loss became nan at .* step 1\."):
        gan.fit(POINTS, batch_size=8, verbose=0)


def test_a_scheduler_sets_each_player_s_own_rate():
    gan = tiny()
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = gan.fit(POINTS, batch_size=8, epochs=2, verbose=0, callbacks=[halve])
    np.testing.assert_allclose(rates(gan), [0.025, 0.0025], rtol=1e-6)
    logged = history.history["learning_rate_g"]
    np.testing.assert_allclose(logged, [0.005, 0.0025], rtol=1e-6)


def test_a_plateau_reduces_the_rates_of_all_players_or_of_one():
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="d_loss", factor=0.1, patience=1, mode="max", min_delta=100.0
    )
    gan = tiny()
    gan.fit(POINTS, batch_size=8, epochs=3, verbose=0, callbacks=plateau)
    np.testing.assert_allclose(rates(gan), [0.1 * 0.01, 0.01 * 0.01], rtol=1e-5)
    gan = tiny()
    one = ForPlayers(plateau, ["g"])
    gan.fit(POINTS, batch_size=8, epochs=3, verbose=0, callbacks=[one])
    np.testing.assert_allclose(rates(gan), [0.1, 0.01 * 0.01], rtol=1e-5)
    with pytest.raises(ValueError, match=r"players out of \['d', 'g'\], got \['x'\]"):
        gan.fit(POINTS, verbose=0, callbacks=[ForPlayers(plateau, ["x"])])


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (lambda: keras.callbacks.SwapEMAWeights(), "ema=0.999"),
        (lambda: keras.callbacks.ModelCheckpoint("x.h5"), r"ModelCheckpoint\('gan"),
        (
            lambda: keras.callbacks.TensorBoard("x", write_steps_per_second=True),
            "one per player. Leave it out",
        ),
        (
            lambda: keras.callbacks.LearningRateScheduler(
                keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
            ),
            "Give a schedule to the optimizer",
        ),
        (lambda: keras.callbacks.LearningRateScheduler(0.1), "with a function of"),
    ],
)
def test_callbacks_that_cannot_work_are_refused_before_training(callback, message):
    gan = tiny()
    with pytest.raises(ValueError, match=message):
        gan.fit(POINTS, verbose=0, callbacks=[callback()])
    assert gan.trained_steps == 0


def in_a_container(*callbacks):
    return keras.callbacks.CallbackList(list(callbacks), add_history=True)


def in_lists(*callbacks):
    return [[callback] for callback in callbacks]


CONTAINERS = pytest.mark.parametrize("container", [in_a_container, in_lists])


@CONTAINERS
def test_what_a_container_holds_is_refused_as_in_a_list(container):
    gan = tiny()
    with pytest.raises(ValueError, match=r"ModelCheckpoint\('gan"):
        gan.fit(POINTS, callbacks=container(keras.callbacks.ModelCheckpoint("x.h5")))
    assert gan.trained_steps == 0


@CONTAINERS
def test_what_a_container_holds_works_as_in_a_list(container):
    gan, epochs = tiny(), []
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda e, _: epochs.append(e))
    for turn in (1, 2):
        given = container(halve, note)
        history = gan.fit(POINTS, epochs=2, verbose=0, callbacks=given).history
        assert len(history["d_loss"]) == 2
        assert epochs == [0, 1] * turn
    np.testing.assert_allclose(rates(gan), [0.1 / 16, 0.01 / 16], rtol=1e-6)
    gan.discriminator.layers[-1].bias.assign([np.nan])
    with pytest.raises(FloatingPointError, match="d_loss became nan"):
        gan.fit(POINTS, verbose=0, callbacks=given)
    gan.fit(POINTS, verbose=0, callbacks=given, stop_on_nan=False)


def test_keras_s_other_callbacks_work(tmp_path):
    gan = tiny()
    gan.fit(
        POINTS,
        batch_size=8,
        epochs=2,
        verbose=0,
        callbacks=[
            keras.callbacks.ModelCheckpoint(tmp_path / "gan.keras"),
            keras.callbacks.ModelCheckpoint(
                tmp_path / "gan.weights.h5", save_weights_only=True
            ),
            keras.callbacks.EarlyStopping("d_loss", mode="min"),
            keras.callbacks.CSVLogger(tmp_path / "log.csv"),
            keras.callbacks.TerminateOnNaN(),
            keras.callbacks.BackupAndRestore(tmp_path / "backup"),
        ],
    )
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.trained_steps == gan.trained_steps
    fresh = tiny()
    fresh.load_weights(tmp_path / "gan.weights.h5")
    for a, b in zip(gan.get_weights(), fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
        lambda: keras.callbacks.ReduceLROnPlateau("d_loss", mode="min", patience=1),
    ],
)
def test_a_schedule_is_not_changed_by_a_callback(make):
    gan = tiny()
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    gan.compile(g_optimizer=keras.optimizers.SGD(schedule))
    message = rf"of 'g' .* a schedule, which {type(make()).__name__} cannot change"
    with pytest.raises(ValueError, match=message):
        gan.fit(POINTS, verbose=0, callbacks=[make()])
    assert gan.trained_steps == 0
    gan.fit(POINTS, epochs=2, verbose=0, callbacks=[ForPlayers(make(), ["d"])])
    assert gan.trained_steps == 2


@pytest.mark.parametrize("wrap", [Lookahead, keras.optimizers.LossScaleOptimizer])
def test_a_schedule_inside_an_optimizer_is_found(wrap):
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    gan = tiny()
    gan.compile(g_optimizer=wrap(keras.optimizers.SGD(schedule)))
    with pytest.raises(ValueError, match="a schedule"):
        gan.fit(POINTS, verbose=0, callbacks=[halve])
    gan.compile(g_optimizer=wrap(keras.optimizers.SGD(0.1)))
    gan.fit(POINTS, verbose=0, callbacks=[halve])


def test_only_what_changes_rates_is_for_players():
    plateau = keras.callbacks.ReduceLROnPlateau("d_loss", mode="min")
    for other in (
        keras.callbacks.EarlyStopping("d_loss", mode="min"),
        keras.callbacks.LearningRateScheduler,
        None,
    ):
        with pytest.raises(TypeError, match="callback that changes learning rates"):
            ForPlayers(other, ["g"])
    with pytest.raises(ValueError, match="one player at least"):
        ForPlayers(plateau, [])


class WarmUp(keras.callbacks.Callback):
    """A user's callback, which sets rates before batches."""

    def on_train_batch_begin(self, batch, logs=None):
        for optimizer in self.model.optimizer.optimizers:
            optimizer.learning_rate = 0.5


def test_a_user_s_callback_sets_the_rates_of_some_players():
    gan = tiny()
    gan.fit(POINTS, verbose=0, callbacks=[ForPlayers(WarmUp(), ["g"])])
    np.testing.assert_allclose(rates(gan), [0.1, 0.5], rtol=1e-6)


class OneOptimizer(keras.callbacks.Callback):
    """A user's callback, which expects a model of one optimizer."""

    def on_epoch_begin(self, epoch, logs=None):
        self.change(self.model)


class Reads(OneOptimizer):
    def change(self, model):
        return model.optimizer.learning_rate


class Writes(OneOptimizer):
    def change(self, model):
        model.optimizer.learning_rate = 0.5


class WritesAsAdvised(OneOptimizer):
    def change(self, model):
        model.d_optimizer.learning_rate = 0.5


@pytest.mark.parametrize("callback", [Reads(), Writes()])
def test_a_callback_that_expects_one_optimizer_is_told_which_there_are(callback):
    gan = tiny()
    with pytest.raises(AttributeError) as caught:
        gan.fit(POINTS, verbose=0, callbacks=[callback])
    (note,) = caught.value.__notes__
    assert "The optimizer of a GAN is None" in note
    assert "d_optimizer, g_optimizer" in note
    assert note.endswith("write self.model.d_optimizer.learning_rate.")
    gan.fit(POINTS, verbose=0, callbacks=[WritesAsAdvised()])
    np.testing.assert_allclose(rates(gan), [0.5, 0.01], rtol=1e-6)
