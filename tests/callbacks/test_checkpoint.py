import json
import resource

import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.callbacks import RunCheckpoint
from gan_zoo.callbacks.checkpoint import (
    best_checkpoint,
    checkpoints,
    load_checkpoint,
)
from gan_zoo.networks.gan import mlp


def trained(steps=0, width=4):
    gan = gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, width), discriminator=mlp(2, 1, width), ema=0.9
    )
    gan.compile(d_optimizer="adam")
    for _ in range(steps):
        gan.train_step(tf.ones((4, 2)))
    return gan


def keeper(folder, gan, **kwargs):
    callback = RunCheckpoint(folder, steps_per_epoch=2, **kwargs)
    callback.set_model(gan)
    return callback


def test_saves_and_restores_everything(tmp_path):
    gan = trained(3)
    keeper(tmp_path, gan, seconds=lambda: 1.5).save()
    other = trained()
    state = keeper(tmp_path, other).restore(other)
    assert state["step"] == 3
    assert state["seconds"] == 1.5
    for a, b in zip(gan.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    for a, b in zip(
        gan.d_optimizer.variables, other.d_optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_keeps_the_newest_and_the_best(tmp_path):
    gan = trained()
    callback = keeper(tmp_path, gan, keep=2, monitor="val_x")
    for step, value in enumerate([3.0, 1.0, 2.0, 5.0]):
        gan.steps.assign(step)
        callback.on_epoch_end(step, {"val_x": value})
    assert sorted(p.name for p in checkpoints(tmp_path)) == [
        "step-000000002",
        "step-000000003",
    ]
    best = best_checkpoint(tmp_path)
    assert json.loads((best / "meta.json").read_text())["step"] == 1
    assert [p.name for p in tmp_path.glob("best-*")] == [best.name]
    load_checkpoint(best, gan)
    assert int(gan.steps.value) == 1
    largest = keeper(tmp_path / "max", gan, monitor="val_x", best_is="max")
    for step, value in enumerate((float("nan"), 1.0, 4.0, 2.0)):
        gan.steps.assign(step)
        largest.on_epoch_end(0, {"val_x": value})
    best = json.loads((best_checkpoint(tmp_path / "max") / "meta.json").read_text())
    assert best["logs"]["val_x"] == 4.0


def test_the_best_is_looked_for_again_after_a_kill(tmp_path):
    gan = trained(2)
    callback = keeper(tmp_path, gan, monitor="val_x")
    callback._keep_if_best = lambda *_: None  # killed before the copy
    callback.on_epoch_end(0, {"val_x": 1.0})
    assert best_checkpoint(tmp_path) is None
    keeper(tmp_path, gan, monitor="val_x").restore(gan)
    assert best_checkpoint(tmp_path).name == "best-000000002"


def test_weights_that_are_no_numbers_are_not_saved(tmp_path):
    gan = trained(1)
    keeper(tmp_path, gan).save()
    weight = gan.generator.trainable_variables[0]
    weight.assign(weight * float("nan"))
    gan.steps.assign(2)
    with pytest.raises(FloatingPointError, match="step 2; nothing was saved"):
        keeper(tmp_path, gan).save()
    assert [p.name for p in checkpoints(tmp_path)] == ["step-000000001"]


def test_saves_within_an_epoch_when_due_and_not_at_its_end(tmp_path):
    gan = trained(1)
    callback = keeper(tmp_path, gan, every_seconds=0.0)
    callback.on_train_batch_end(0)
    assert [p.name for p in checkpoints(tmp_path)] == ["step-000000001"]
    gan.steps.assign(2)  # the end of an epoch, which on_epoch_end saves
    callback.on_train_batch_end(1)
    assert len(checkpoints(tmp_path)) == 1
    patient = keeper(tmp_path, gan, every_seconds=3600.0)
    gan.steps.assign(3)
    patient.on_train_batch_end(0)
    assert len(checkpoints(tmp_path)) == 1


def test_another_model_s_checkpoint_is_refused(tmp_path):
    keeper(tmp_path, trained(1)).save()
    other = trained(width=8)
    with pytest.raises(ValueError, match="does not fit this GAN"):
        keeper(tmp_path, other).restore(other)


def test_an_empty_folder_restores_nothing(tmp_path):
    assert keeper(tmp_path / "none", trained()).restore(trained()) is None


def test_a_full_disk_keeps_the_last_good_checkpoint(tmp_path):
    gan = trained(1)
    callback = keeper(tmp_path, gan)
    callback.save()
    gan.steps.assign(2)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))  # as with no room left
    try:
        with pytest.raises(OSError, match=r"Free some space.*step-000000001"):
            callback.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [p.name for p in tmp_path.iterdir()] == ["step-000000001"]
    other = trained()
    assert keeper(tmp_path, other).restore(other)["step"] == 1
