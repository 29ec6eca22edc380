import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from metrics.test_sources import all_of, picture
from testing import ROOT

import gan_zoo
from gan_zoo.metrics.model_sources import model_path
from gan_zoo.metrics.sources import open_source


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a finished run of a model with classes."""
    run = tmp_path_factory.mktemp("runs") / "cgan"
    gan = gan_zoo.CGAN((8, 8, 1), 3, num_classes=3)
    gan_zoo.export(gan, run / "export" / "1")
    gan.save(run / "model.keras")
    (run / "settings.json").write_text("{}")
    for i in range(5):
        picture(run / "samples" / f"epoch-{i}.png")
    return run


def test_an_exported_model_draws_as_many_as_asked_for(tmp_path):
    gan = gan_zoo.CGAN((8, 8, 1), 3, num_classes=3)
    gan_zoo.export(gan, tmp_path / "1")
    source = open_source(str(tmp_path / "1"), count=70)
    images = np.stack(all_of(source))
    assert images.shape == (70, 8, 8, 1)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(np.stack(all_of(source)), images)
    assert not np.array_equal(images[:6], images[64:])
    other = open_source(str(tmp_path / "1"), count=70, seed=1)
    assert other.key != source.key
    assert not np.array_equal(np.stack(all_of(other)), images)
    with pytest.raises(ValueError, match="needs the number of samples"):
        open_source(str(tmp_path / "1"))


def test_a_run_stands_for_its_model(run):
    exported = run / "export" / "1"
    assert model_path(run) == model_path(run / "export") == exported
    of_run = open_source(str(run), count=70)
    of_export = open_source(str(exported), count=70)
    of_file = open_source(str(run / "model.keras"), count=70)
    assert of_run.key == of_export.key != of_file.key
    images = np.stack(all_of(of_run))
    assert images.shape == (70, 8, 8, 1)
    np.testing.assert_array_equal(images, np.stack(all_of(of_export)))
    # The same samples: of the same seeds, and in bytes as well.
    np.testing.assert_array_equal(images, np.stack(all_of(of_file)))


def test_a_run_that_was_not_exported_stands_for_its_file(run, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.json").write_text("{}")
    (other / "checkpoints").mkdir()
    with pytest.raises(FileNotFoundError, match="neither export/1 nor") as caught:
        open_source(str(other), count=70)
    assert "Run its command again" in str(caught.value)
    (other / "model.keras").write_bytes((run / "model.keras").read_bytes())
    assert model_path(other) == other / "model.keras"


def test_the_newest_of_several_versions_is_taken(tmp_path):
    for version in ("9", "10", "notes"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    assert model_path(tmp_path) == tmp_path / "10"


def test_a_table_of_runs_says_how_its_runs_are_named(tmp_path):
    (tmp_path / "settings.json").write_text("{}")
    (tmp_path / "table.csv").touch()
    picture(tmp_path / "table.png")
    (tmp_path / "wgan").mkdir()
    with pytest.raises(FileNotFoundError, match=r"/ROW/COLUMN; its .*\['wgan'\]"):
        open_source(str(tmp_path), count=3)


def test_the_pictures_of_a_run_are_not_judged(run):
    for name in (run / "samples", run.parent, f"folder:{run}", f"folder:{run}@test"):
        with pytest.raises(ValueError, match="pictures show many samples each"):
            open_source(str(name), count=3)


def test_codes_and_classes_of_a_file(tmp_path):
    gan_zoo.InfoGAN((8, 8, 1), 3).save(tmp_path / "info.keras")
    images = np.stack(all_of(open_source(str(tmp_path / "info.keras"), count=7)))
    assert images.shape == (7, 8, 8, 1)
    assert images.dtype == np.uint8


def test_files_of_other_models_are_refused(tmp_path):
    path = tmp_path / "x.keras"

    def refused(message):
        with pytest.raises(ValueError, match=message):
            all_of(open_source(str(path), count=3))

    path.write_bytes(b"no model")
    refused("cannot be loaded")
    x = keras.Input((4,))
    keras.Model(x, keras.layers.Dense(2)(x)).save(path)
    refused("generates images from noise in .*got a Functional")
    gan_zoo.CycleGAN((8, 8, 3)).save(path)
    refused("got a CycleGAN")


def test_exports_of_other_models_are_refused(tmp_path):
    gan_zoo.export(gan_zoo.CycleGAN((8, 8, 3)), tmp_path / "1")
    with pytest.raises(ValueError, match="generates images from noise in"):
        all_of(open_source(str(tmp_path / "1"), count=3))


def test_models_of_points_are_refused(tmp_path):
    def network(inputs, units):
        x = keras.Input((inputs,))
        return keras.Model(x, keras.layers.Dense(units)(x))

    gan = gan_zoo.GAN((2,), 3, generator=network(3, 2), discriminator=network(2, 1))
    gan.save(tmp_path / "points.keras")
    with pytest.raises(ValueError, match=r"a model of images .*shape \(2,\)"):
        all_of(open_source(str(tmp_path / "points.keras"), count=3))


@pytest.mark.parametrize("of", [".", "model.keras"])
def test_from_the_command_line(run, tmp_path, of):
    """In a process that has imported no model yet."""
    real = np.random.default_rng(0).integers(0, 256, (40, 8, 8), "uint8")
    np.save(tmp_path / "real.npy", real)
    told = tmp_path / "told.json"
    command = [sys.executable, "-m", "gan_zoo.metrics", tmp_path / "real.npy", run / of]
    options = ["--features=mnist", "--metrics=frechet", "--count=40", f"--json={told}"]
    done = subprocess.run(
        [*map(str, command), *options, "--cache=false"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(told.read_text())["sides"][1]["images"] == 40
