import types

import pytest

from gan_zoo.callbacks import StopWhen


def stopped_after(callback, values):
    """Number of epochs after which training stops, or None."""
    callback.set_model(types.SimpleNamespace(stop_training=False))
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_p": value})
        if callback.model.stop_training:
            return epoch + 1
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


def test_a_number_that_is_not_logged_is_named():
    with pytest.raises(ValueError, match=r"'val_q' in the logs, got \['val_p'\]"):
        stopped_after(StopWhen("val_q", above=0.0), [1.0])


@pytest.mark.parametrize("given", [{}, {"above": 1.0, "below": 0.0}])
def test_one_side_is_asked_for(given):
    with pytest.raises(ValueError, match="either above or below"):
        StopWhen("val_p", **given)
