import types

import keras
import numpy as np
import pytest

from gan_zoo.callbacks import StopWhen


def stopped_after(callback, values):
    """Number of epochs after which training stops, or None; a value None is no log."""
    callback.set_model(types.SimpleNamespace(stop_training=False))
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        logs = {"loss": 0.0} | ({} if value is None else {"val_p": value})
        callback.on_epoch_end(epoch, logs)
        if callback.model.stop_training:
            return epoch + 1
    callback.on_train_end()
    return None


def test_stops_once_the_value_is_reached(capsys):
    values = [0.0, 0.06, 0.04, 0.05, 0.2]
    assert stopped_after(StopWhen("val_p", above=0.05), values) == 2
    assert "epoch 2: val_p is 0.06" in capsys.readouterr().out
    assert stopped_after(StopWhen("val_p", above=0.05, patience=2), values) == 5
    assert stopped_after(StopWhen("val_p", above=0.05, patience=3), values) is None
    assert stopped_after(StopWhen("val_p", below=0.04), values[1:]) == 2


def test_nan_is_never_good():
    assert stopped_after(StopWhen("val_p", above=0.0), [float("nan")]) is None
    assert stopped_after(StopWhen("val_p", below=1.0), [float("nan")]) is None


def test_epochs_without_validation_count_neither_way():
    values = [None, 0.06, None, 0.05, 0.0, None, 0.06]
    assert stopped_after(StopWhen("val_p", above=0.05), values) == 2
    assert stopped_after(StopWhen("val_p", above=0.05, patience=2), values) == 4
    assert stopped_after(StopWhen("val_p", above=0.05, patience=3), values) is None


def test_goes_with_keras_validating_every_other_epoch():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 1), "float32")
    stop = StopWhen("val_loss", above=0.0)
    history = model.fit(
        x,
        x,
        epochs=5,
        validation_data=(x, x),
        validation_freq=2,
        callbacks=[stop],
        verbose=0,
    )
    assert history.epoch == [0, 1]


def test_a_second_run_counts_anew():
    callback = StopWhen("val_p", above=0.05, patience=2)
    assert stopped_after(callback, [0.0, 0.06]) is None
    assert stopped_after(callback, [0.06, 0.0, 0.06, 0.06]) == 4


def test_a_number_that_is_never_logged_is_named_early_and_at_the_end():
    callback = StopWhen("val_q", above=0.0)
    with (
        pytest.warns(
            UserWarning, match=r"'val_q' in the logs, got \['loss', 'val_p'\]"
        ),
        pytest.raises(ValueError, match=r"'val_q' in the logs"),
    ):
        stopped_after(callback, [1.0, 1.0])
    with pytest.raises(ValueError, match=r"got \['loss'\].*validation_data"):
        stopped_after(callback, [None])
    assert stopped_after(callback, []) is None  # resumed at its end: nothing to say


@pytest.mark.parametrize("given", [{}, {"above": 1.0, "below": 0.0}])
def test_one_side_is_asked_for(given):
    with pytest.raises(ValueError, match="either above or below"):
        StopWhen("val_p", **given)
