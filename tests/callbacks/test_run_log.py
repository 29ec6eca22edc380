import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import gan_zoo
from gan_zoo.callbacks import RunLog, SampleGrid
from gan_zoo.callbacks.run_log import read_log


def curve(folder, tag):
    """Points (step, value) of one of TensorBoard's curves, in the order written."""
    points = []
    for file in sorted((folder / "tensorboard").iterdir()):
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            points += [
                (event.step, float(tf.make_ndarray(value.tensor)))
                for value in event.summary.value
                if value.tag == tag
            ]
    return points


def images(folder):
    """Pictures of TensorBoard's `samples`, as (step, pixels)."""
    found = []
    for file in sorted((folder / "tensorboard").iterdir()):
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                if value.tag == "samples":
                    width, height, *pictures = tf.make_ndarray(value.tensor)
                    (pixels,) = (tf.io.decode_png(png).numpy() for png in pictures)
                    assert pixels.shape[:2] == (int(height), int(width))
                    found.append((event.step, pixels))
    return found


def sitting(folder, gan, epochs):
    """One process's part of a run, two steps to an epoch."""
    log = RunLog(folder)
    log.set_model(gan)
    log.on_train_begin()
    for epoch, value in epochs.items():
        gan.steps.assign(2 * (epoch + 1))
        log.on_epoch_end(epoch, {"d_loss": value})
    return log


def test_log_rewrites_repeated_epochs_and_adds_up_time(tmp_path):
    gan = gan_zoo.GAN((8, 8, 1), 3)
    log = RunLog(tmp_path, seconds=100.0)
    log.set_model(gan)
    log.on_train_begin()
    for epoch, value in ((0, 1.0), (1, 2.0), (2, 3.0), (1, 5.0)):
        log.on_epoch_end(epoch, {"d_loss": value})
    rows = read_log(tmp_path / "metrics.csv")
    assert [(r["epoch"], float(r["d_loss"])) for r in rows] == [("1", 1.0), ("2", 5.0)]
    assert 100 <= float(rows[0]["seconds"]) < 160
    log.on_epoch_end(2, {"d_loss": 1.0, "val_x": 4.0})  # a column that came later
    assert read_log(tmp_path / "metrics.csv")[2]["val_x"] == "4.0"


def test_a_resumed_run_draws_every_epoch_once(tmp_path):
    gan = gan_zoo.GAN((8, 8, 1), 3)
    sitting(tmp_path, gan, {0: 1.0, 1: 2.0, 2: 3.0})
    assert curve(tmp_path, "d_loss") == [(2, 1.0), (4, 2.0), (6, 3.0)]
    gan.steps.assign(4)  # killed before the third epoch was saved: it is repeated
    again = sitting(tmp_path, gan, {2: 5.0})
    assert curve(tmp_path, "d_loss") == [(2, 1.0), (4, 2.0), (6, 5.0)]
    assert curve(tmp_path, "epoch") == []
    again.on_train_begin()  # the next `fit` of the same sitting draws nothing anew
    again.on_epoch_end(3, {"d_loss": 7.0})
    assert [step for step, _ in curve(tmp_path, "seconds")] == [2, 4, 6, 6]
    rows = [float(row["d_loss"]) for row in read_log(tmp_path / "metrics.csv")]
    assert rows == [1.0, 2.0, 5.0, 7.0]


def test_tensorboard_has_each_saved_picture_once(tmp_path):
    gan = gan_zoo.GAN((8, 8, 1), 3)

    def begun():
        log = RunLog(tmp_path)
        grid = SampleGrid(tmp_path / "samples", count=4, scale=1)
        grid.listeners.append(log.show)
        for callback in (log, grid):
            callback.set_model(gan)
            callback.on_train_begin()
        return grid

    grid = begun()
    gan.steps.assign(2)
    grid.save_between_epochs()
    for epoch, step in enumerate((5, 10)):
        gan.steps.assign(step)
        grid.on_epoch_end(epoch)
    assert [step for step, _ in images(tmp_path)] == [2, 5, 10]
    with Image.open(tmp_path / "samples" / "epoch-0002.png") as picture:
        shown = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(images(tmp_path)[-1][1], shown)
    assert shown.shape[0] == 17 + 18  # the grid and its caption
    # Killed before the second epoch was saved, which is repeated.
    gan.steps.assign(5)
    grid = begun()
    assert [step for step, _ in images(tmp_path)] == [2, 5]
    gan.steps.assign(10)
    grid.on_epoch_end(1)
    assert [step for step, _ in images(tmp_path)] == [2, 5, 10]


def test_tensorboard_can_be_left_out(tmp_path):
    log = RunLog(tmp_path, tensorboard=False)
    log.set_model(gan_zoo.GAN((8, 8, 1), 3))
    log.on_train_begin()
    log.on_epoch_end(0, {"d_loss": 0.5})
    log.show(tmp_path / "samples" / "epoch-0001.png")
    assert [p.name for p in tmp_path.iterdir()] == ["metrics.csv"]


def test_time_stands_still_outside_of_training(tmp_path):
    log = RunLog(tmp_path, seconds=12.5, tensorboard=False)
    assert log.seconds == 12.5
    log.on_train_begin()
    assert log.seconds == pytest.approx(12.5, abs=1.0)
    assert log.seconds > 12.5
