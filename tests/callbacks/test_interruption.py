import os
import signal

import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.callbacks import Interrupted, Interruption, RunCheckpoint
from gan_zoo.callbacks.checkpoint import checkpoints
from gan_zoo.networks.gan import mlp


@pytest.fixture
def gan():
    gan = gan_zoo.GAN((2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4))
    gan.compile()
    return gan


def listening(folder, gan, **kwargs):
    """The callback in the middle of a training of three steps an epoch."""
    checkpoint = RunCheckpoint(folder, steps_per_epoch=3)
    callback = Interruption(checkpoint, **kwargs)
    for each in (checkpoint, callback):
        each.set_model(gan)
    callback.on_train_begin()
    return callback


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step_that_runs_and_saves_it(tmp_path, gan, sign):
    before = signal.getsignal(sign)
    callback = listening(tmp_path, gan)
    gan.train_step(tf.ones((4, 2)))
    callback.on_train_batch_end(0)  # nobody has asked
    os.kill(os.getpid(), sign)
    gan.train_step(tf.ones((4, 2)))  # goes on
    with pytest.raises(Interrupted, match="Stopped at step 2, saved"):
        callback.on_train_batch_end(1)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-000000002"]
    assert signal.getsignal(sign) is before


def test_a_second_ctrl_c_is_answered_at_once(tmp_path, gan):
    answered = []
    before = signal.signal(signal.SIGINT, lambda *_: answered.append("at once"))
    try:
        callback = listening(tmp_path, gan)
        os.kill(os.getpid(), signal.SIGINT)
        assert not answered
        os.kill(os.getpid(), signal.SIGINT)
        assert answered == ["at once"]
        callback.on_train_end()
    finally:
        signal.signal(signal.SIGINT, before)


def test_at_the_last_step_of_an_epoch_the_epoch_is_finished_first(tmp_path, gan):
    callback = listening(tmp_path, gan, stop_after=3)
    gan.steps.assign(3)
    callback.on_train_batch_end(2)
    assert not checkpoints(tmp_path)
    with pytest.raises(Interrupted, match="step 3"):
        callback.on_epoch_end(0)  # the checkpoint, which stands before, has saved


def test_stops_after_so_many_steps(tmp_path, gan):
    callback = listening(tmp_path, gan, stop_after=2)
    gan.steps.assign(1)
    callback.on_train_batch_end(0)
    gan.steps.assign(2)
    with pytest.raises(Interrupted):
        callback.on_train_batch_end(1)


def test_runs_that_save_at_epoch_ends_only_stop_there(tmp_path, gan):
    callback = listening(tmp_path, gan, stop_after=1)
    callback.checkpoint.every_seconds = None
    gan.steps.assign(2)
    callback.on_train_batch_end(1)
    with pytest.raises(Interrupted):
        callback.on_epoch_end(0)
