import pytest

import gan_zoo
from gan_zoo.callbacks import StopOnNaN


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
