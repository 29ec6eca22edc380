import csv
import dataclasses
import json
import re
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import replicas
import tensorflow as tf
from inputs.systems import TextGAN
from PIL import Image
from small_networks import small_discriminator, small_generator
from tensorflow.python.framework import config  # the way back is not public
from testing import ROOT

import gan_zoo
from gan_zoo import SemiSupervisedGAN, backend
from gan_zoo.callbacks.checkpoint import checkpoints
from gan_zoo.networks import improved
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.runs import experiment

SMALL = experiment.Settings(
    batch_size=50, epochs=2, steps_per_epoch=3, features=None, seed=1
)


def build(image_shape, preset):
    return gan_zoo.GAN(
        image_shape,
        generator=small_generator(image_shape),
        discriminator=small_discriminator(image_shape),
    )


RECIPE = experiment.Recipe(build, title="test")


@pytest.fixture(autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


def tensors(folder):
    """Every number of the newest checkpoint of a run."""
    newest = max(checkpoints(folder / "checkpoints"))
    reader = tf.train.load_checkpoint(str(newest / "state"))
    return {
        name: reader.get_tensor(name)
        for name in reader.get_variable_to_shape_map()
        if not name.startswith(("save_counter", "_CHECKPOINTABLE"))
    }


def logs(folder):
    with open(folder / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: float(v) for k, v in r.items() if k != "seconds"} for r in rows]


def test_a_run_killed_twenty_times_ends_as_the_run_in_peace(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "kill_run.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split("killed ")[-1]) >= 20
    peace, killed = tensors(tmp_path / "peace"), tensors(tmp_path / "killed")
    assert peace.keys() == killed.keys()
    for name, value in peace.items():
        np.testing.assert_array_equal(value, killed[name], err_msg=name)
    # Not those between epochs, which are a matter of time.
    for picture in (tmp_path / "peace" / "samples").glob("epoch-*"):
        other = tmp_path / "killed" / "samples" / picture.name
        assert picture.read_bytes() == other.read_bytes()
    # Only in the logs may the last bit differ: TensorFlow's graph optimiser adds the
    # terms of a loss in an order that is not the same in every process.
    for one, other in zip(
        *(logs(tmp_path / run) for run in ("peace", "killed")), strict=True
    ):
        assert one == pytest.approx(other, rel=1e-6)


def test_a_finished_run_leaves_everything_and_runs_again_at_once(tmp_path, capsys):
    assert experiment.run(RECIPE, SMALL, tmp_path / "run") == 0
    run = tmp_path / "run"
    for name in ("metrics.csv", "report.html", "results.json", "samples.gif"):
        assert (run / name).stat().st_size > 0
    assert len(list((run / "samples").glob("epoch-*.png"))) == 2
    assert list((run / "tensorboard").iterdir())
    loaded = tf.saved_model.load(str(run / "export" / "1"))
    assert loaded.signatures["serving_default"]
    again = keras.models.load_model(run / "model.keras")
    assert again.trained_steps == 6
    z = np.random.default_rng(0).normal(size=(5, again.latent_dim)).astype("float32")
    served = loaded.signatures["serving_default"](z=tf.constant(z))["images"]
    np.testing.assert_array_equal(again.sample_in_batches(z), served)
    before = tensors(run)
    assert experiment.run(RECIPE, SMALL, run) == 0
    assert "Resuming" in capsys.readouterr().out
    for name, value in tensors(run).items():
        np.testing.assert_array_equal(value, before[name])


def test_more_epochs_continue_a_finished_run(tmp_path):
    longer = dataclasses.replace(SMALL, epochs=3)
    experiment.run(RECIPE, longer, tmp_path / "straight", export=False)
    experiment.run(RECIPE, SMALL, tmp_path / "run", export=False)
    experiment.run(RECIPE, longer, tmp_path / "run", export=False)
    for name, value in tensors(tmp_path / "straight").items():
        np.testing.assert_array_equal(value, tensors(tmp_path / "run")[name])


@pytest.mark.parametrize(
    ("fixed_epochs", "suggested"), [(False, ["--epochs=6"] * 2), (True, [])]
)
def test_a_longer_run_is_suggested_than_what_was_trained(
    tmp_path, capsys, fixed_epochs, suggested
):
    recipe = dataclasses.replace(RECIPE, fixed_epochs=fixed_epochs)
    trained = dataclasses.replace(SMALL, epochs=3)
    asked = trained if fixed_epochs else dataclasses.replace(SMALL, epochs=1)
    for settings in (trained, asked):
        experiment.run(recipe, settings, tmp_path, export=False)
    assert re.findall(r"--epochs=\d+$", capsys.readouterr().out, re.M) == suggested


def test_the_report_names_model_and_preset(tmp_path):
    recipe = dataclasses.replace(RECIPE, model="LSGAN")
    experiment.run(recipe, SMALL, tmp_path, preset="paper", export=False)
    report = (tmp_path / "report.html").read_text()
    assert "<td>model<td>LSGAN" in report
    assert "<td>preset<td>paper" in report


def test_stopping_in_the_middle_of_an_epoch_and_going_on(tmp_path):
    experiment.run(RECIPE, SMALL, tmp_path / "straight", export=False)
    code = experiment.run(RECIPE, SMALL, tmp_path / "run", export=False, stop_after=4)
    assert code == 130
    newest = max(checkpoints(tmp_path / "run" / "checkpoints"))
    assert json.loads((newest / "meta.json").read_text())["step"] == 4
    assert experiment.run(RECIPE, SMALL, tmp_path / "run", export=False) == 0
    for name, value in tensors(tmp_path / "straight").items():
        np.testing.assert_array_equal(value, tensors(tmp_path / "run")[name])


def test_stopping_at_the_last_step_of_an_epoch_loses_nothing_of_it(tmp_path):
    code = experiment.run(RECIPE, SMALL, tmp_path, export=False, stop_after=3)
    assert code == 130
    assert [r["epoch"] for r in logs(tmp_path)] == [1]
    assert (tmp_path / "samples" / "epoch-0001.png").exists()
    experiment.run(RECIPE, SMALL, tmp_path, export=False)
    assert [r["epoch"] for r in logs(tmp_path)] == [1, 2]


def test_two_replicas_run_stop_judge_and_export(tmp_path, monkeypatch):
    made = []

    def make_strategy(name):
        made.append(name)
        return replicas.two_replicas()  # a second strategy would mix up its sums

    monkeypatch.setattr(backend, "make_strategy", make_strategy, raising=False)

    def dcgan(shape, preset):
        return gan_zoo.DCGAN(
            shape,
            4,
            generator=dcgan_generator(shape, 4, 4),
            discriminator=dcgan_discriminator(shape, 4),
            ema=0.9,
        )

    recipe = experiment.Recipe(dcgan)
    settings = experiment.Settings(
        image_size=8, batch_size=8, epochs=2, steps_per_epoch=4, strategy="mirrored"
    )
    assert experiment.run(recipe, settings, tmp_path, stop_after=6) == 130
    assert experiment.run(recipe, settings, tmp_path) == 0
    assert made == ["mirrored", "mirrored"]
    assert [r["step"] for r in logs(tmp_path)] == [4, 8]
    assert "val_frechet_mnist" in logs(tmp_path)[0]
    assert (tmp_path / "export" / "1" / "saved_model.pb").exists()
    assert (tmp_path / "checkpoints" / "best.json").exists()


def test_a_model_of_texts_takes_them_from_the_data_up_to_the_report(tmp_path):
    captions = {"labels": "name", "channels": 1}
    settings = experiment.Settings(
        dataset="emoji_sample/noto",
        image_size=4,
        batch_size=8,
        epochs=1,
        steps_per_epoch=2,
        features="mnist",
        load=captions,
    )
    recipe = experiment.Recipe(lambda image_shape, preset: TextGAN.build())
    assert experiment.run(recipe, settings, tmp_path) == 0
    assert (tmp_path / "report.html").exists()
    assert (tmp_path / "neighbours.png").exists()
    assert "sample_spread" in logs(tmp_path)[0]
    # 64 images of 4 x 4, twice enlarged, with a line between them, over the caption.
    with Image.open(tmp_path / "samples" / "epoch-0001.png") as picture:
        assert picture.height == 2 * (8 * 5 - 1) + 18


def test_a_model_s_own_metric_and_the_recipe_s_numbers_reach_the_report(tmp_path):
    def classifier(image_shape, preset, class_names):
        return SemiSupervisedGAN(
            image_shape,
            4,
            num_classes=len(class_names),
            generator=improved.semi_supervised_generator(image_shape, 4, 8),
            discriminator=improved.semi_supervised_classifier(image_shape, 10, (8,)),
        )

    def measure(model, test, settings):
        return [("batch_size", float(settings.batch_size), "as given")]

    labels = {"labels": True, "labels_per_class": 5}
    settings = dataclasses.replace(SMALL, load=labels, epochs=1)
    recipe = experiment.Recipe(classifier, measure=measure)
    experiment.run(recipe, settings, tmp_path, export=False)
    results = {
        name: value
        for name, value, _ in json.loads((tmp_path / "results.json").read_text())[
            "results"
        ]
    }
    assert results["batch_size"] == 50
    (row,) = logs(tmp_path)
    assert row["val_accuracy"] == pytest.approx(results["accuracy"])


def test_an_epoch_without_a_step_is_an_error(tmp_path):
    huge = dataclasses.replace(SMALL, batch_size=9000, steps_per_epoch=None)
    recipe = experiment.Recipe(lambda shape, preset: gan_zoo.GAN(shape, critic_steps=2))
    with pytest.raises(ValueError, match="no training step"):
        experiment.run(recipe, huge, tmp_path)


def test_a_planned_run_cannot_be_made_longer(tmp_path):
    fixed_epochs = experiment.Recipe(build, fixed_epochs=True)
    experiment.run(fixed_epochs, SMALL, tmp_path, export=False)
    with pytest.raises(ValueError, match="--epochs: 2 then, 3 now"):
        experiment.run(fixed_epochs, dataclasses.replace(SMALL, epochs=3), tmp_path)


def test_other_settings_in_the_same_folder_are_refused(tmp_path):
    experiment.run(RECIPE, SMALL, tmp_path, export=False)
    other = dataclasses.replace(SMALL, batch_size=25)
    with pytest.raises(ValueError, match="--batch_size: 50 then, 25 now"):
        experiment.run(RECIPE, other, tmp_path, export=False)


def test_another_model_in_the_same_folder_is_refused(tmp_path):
    one, other = (
        dataclasses.replace(RECIPE, model=model) for model in ("GAN", "LSGAN")
    )
    experiment.run(one, SMALL, tmp_path, export=False)
    with pytest.raises(ValueError, match="--model: 'GAN' then, 'LSGAN' now"):
        experiment.run(other, SMALL, tmp_path, export=False)


def test_nan_stops_the_run_and_names_the_step(tmp_path):
    class Poisoned(gan_zoo.GAN):
        def generator_loss(self, fake_scores):
            bad = keras.ops.where(self.steps < 4, 1.0, float("nan"))
            return super().generator_loss(fake_scores) * bad

    def poisoned(image_shape, preset):
        return Poisoned(
            image_shape,
            generator=small_generator(image_shape),
            discriminator=small_discriminator(image_shape),
        )

    recipe = experiment.Recipe(poisoned)
    with pytest.raises(FloatingPointError, match=r"g_loss became nan at .* step 5"):
        experiment.run(recipe, SMALL, tmp_path, export=False)
    assert all(np.isfinite(v).all() for v in tensors(tmp_path).values())


def test_ctrl_c_ends_cleanly_and_resumes(tmp_path):
    recipe = tmp_path / "recipe.py"
    recipe.write_text(
        "import gan_zoo\n"
        "from gan_zoo.runs import experiment\n"
        "if __name__ == '__main__':\n"
        "    long = experiment.Settings(\n"
        "        epochs=500, steps_per_epoch=20, features=None)\n"
        "    build = lambda shape, preset: gan_zoo.GAN(shape)\n"
        "    experiment.main(experiment.Recipe(build, long))\n"
    )
    command = [sys.executable, recipe, f"--run_dir={tmp_path / 'run'}", "--noexport"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    grid = tmp_path / "run" / "samples" / "epoch-0001.png"
    deadline = time.monotonic() + 120
    while not grid.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Run the same command again to go on." in output
    assert checkpoints(tmp_path / "run" / "checkpoints")
