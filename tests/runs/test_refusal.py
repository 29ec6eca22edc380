import dataclasses
import sys

import numpy as np
import pytest
from inputs.systems import TextGAN
from PIL import Image
from small_networks import small_discriminator, small_generator
from tensorflow.python.framework import config  # the way back is not public
from testing import flags_of_its_own

import gan_zoo
from gan_zoo.callbacks import SampleGrid
from gan_zoo.networks.gan import mlp
from gan_zoo.runs import experiment
from gan_zoo.runs.refusal import Refusal, refusing

SMALL = experiment.Settings(batch_size=50, epochs=2, steps_per_epoch=3, features=None)


def build(image_shape, preset):
    return gan_zoo.GAN(
        image_shape,
        generator=small_generator(image_shape),
        discriminator=small_discriminator(image_shape),
    )


RECIPE = experiment.Recipe(build)


@pytest.fixture(autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


@pytest.mark.parametrize("error", [ValueError("x"), FileNotFoundError("x")])
def test_what_the_user_caused_becomes_a_refusal(error):
    with pytest.raises(Refusal, match=r"^x$") as caught, refusing(ValueError, OSError):
        raise error
    assert caught.value.__cause__ is error


def test_other_errors_stay_what_they_are():
    with pytest.raises(KeyError), refusing(ValueError, OSError):
        raise KeyError("x")


def test_a_refusal_stays_itself():
    first = Refusal("x")
    with pytest.raises(Refusal) as caught, refusing(ValueError):
        raise first
    assert caught.value is first


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, OSError])
def test_a_refusal_is_of_the_types_of_its_causes(kind):
    assert issubclass(Refusal, kind)


# What a run refuses.


def test_a_folder_that_cannot_be_written_is_an_early_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match=r"cannot be written.*--run_dir"):
        experiment.run(RECIPE, SMALL, tmp_path / "file" / "run")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mixed_precision": "half"}, "mixed_precision"),
        ({"epochs": 0}, "epochs"),
        ({"steps_per_epoch": 0}, "steps_per_epoch"),
        ({"steps_per_epoch": -3}, "steps_per_epoch"),
        ({"seed": -1}, "seed"),
        ({"strategy": "many"}, "strategy"),
        ({"strategy": "parameter_server"}, "strategy"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 100_000}, "batch"),
        ({"image_size": -1}, "image_size"),
        ({"features": "foo"}, "feature network .* got 'foo'"),
        ({"features": "keras/foo"}, "foo"),
        ({"dataset": "mnist_samlpe"}, "Did you mean 'mnist_sample'"),
        ({"dataset": "folder:/nonexistent"}, "/nonexistent"),
        ({"dataset": "folder:"}, "path of a folder"),
    ],
)
def test_bad_settings_are_refused_and_may_be_corrected(tmp_path, change, message):
    with pytest.raises(Refusal, match=message):
        experiment.run(RECIPE, dataclasses.replace(SMALL, **change), tmp_path)
    assert not (tmp_path / "settings.json").exists()


def test_data_without_what_the_model_needs_are_refused(tmp_path):
    recipe = experiment.Recipe(lambda image_shape, preset: TextGAN.build())
    settings = dataclasses.replace(SMALL, image_size=4)
    message = r"TextGAN expects batches \(images, texts\)"
    with pytest.raises(Refusal, match=message):
        experiment.run(recipe, settings, tmp_path)


def test_folders_that_may_be_splits_or_classes_are_refused(tmp_path):
    for name in ("train", "other"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        picture = np.random.default_rng(0).integers(0, 256, (28, 28)).astype("uint8")
        Image.fromarray(picture).save(tmp_path / "photos" / name / "1.png")
    settings = dataclasses.replace(SMALL, dataset=f"folder:{tmp_path / 'photos'}")
    with pytest.raises(Refusal, match="--splits=true"):
        experiment.run(RECIPE, settings, tmp_path / "run")


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--dataset=folder:/nonexistent", "/nonexistent"),
        ("--batch_size=100000", "at least one full batch of 100000"),
        ("--strategy=foo", "Expected --strategy"),
        ("--features=foo", "Expected the name of a feature network"),
    ],
)
def test_a_flag_that_cannot_be_is_told_in_one_message(
    tmp_path, monkeypatch, flag, message
):
    monkeypatch.setattr(sys, "argv", ["gan.py", f"--run_dir={tmp_path}", flag])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        experiment.main(RECIPE)
    assert message in exit.value.code  # which Python prints, with exit code 1


def test_a_size_that_the_networks_do_not_take_is_refused(tmp_path):
    recipe = experiment.Recipe(lambda image_shape, preset: gan_zoo.DCGAN(image_shape))
    settings = dataclasses.replace(SMALL, image_size=5)
    with pytest.raises(Refusal, match="at least 7 pixels a side"):
        experiment.run(recipe, settings, tmp_path)


@pytest.mark.parametrize(
    ("features", "message"),
    [("mnist", r"vectors of shape \(2,\)"), (None, "which can be drawn as a picture")],
)
def test_points_are_refused_where_images_are_drawn_or_measured(
    tmp_path, features, message
):
    recipe = experiment.Recipe(
        lambda image_shape, preset: gan_zoo.GAN(
            image_shape, 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4)
        )
    )
    settings = dataclasses.replace(
        SMALL, dataset="toy:ring", image_size=None, features=features
    )
    with pytest.raises(Refusal, match=message):
        experiment.run(recipe, settings, tmp_path)


def test_a_file_that_is_deleted_during_the_run_is_told_in_one_message(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [tmp_path / f"{i}.png" for i in range(12)]
    for picture in pictures:
        pixels = rng.integers(0, 256, (28, 28)).astype("uint8")
        Image.fromarray(pixels).save(picture)

    class Deleting(SampleGrid):
        def on_train_begin(self, logs=None):
            for picture in pictures:
                picture.unlink()

    recipe = experiment.Recipe(build, grid=lambda folder, *_: Deleting(folder))
    settings = dataclasses.replace(
        SMALL, dataset=f"folder:{tmp_path}", batch_size=2, load={"test_fraction": 0}
    )
    message = r"^\S+\.png could be decoded .* or pass .*--on_bad_file=skip.*place\.$"
    with pytest.raises(Refusal, match=message):
        experiment.run(recipe, settings, tmp_path / "run")


@pytest.mark.parametrize("steps", [0, -3])
def test_a_run_stops_after_a_step_at_least(tmp_path, steps):
    with pytest.raises(Refusal, match=f"--stop_after of at least 1, got {steps}"):
        experiment.run(RECIPE, SMALL, tmp_path, stop_after=steps)


def test_a_fault_of_a_recipe_keeps_its_type(tmp_path):
    def faulty(image_shape, preset):
        raise ValueError("of the recipe")

    with pytest.raises(ValueError, match="of the recipe") as caught:
        experiment.run(experiment.Recipe(faulty), SMALL, tmp_path)
    assert type(caught.value) is ValueError
