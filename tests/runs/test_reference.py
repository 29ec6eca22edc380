import dataclasses
import json

import pytest
from small_networks import small_discriminator, small_generator
from tensorflow.python.framework import config  # the way back is not public

import gan_zoo
from gan_zoo import runs
from gan_zoo.runs.reference import keep_curves, published_curves, read_curves

SETTINGS = runs.Settings(
    image_size=8, batch_size=50, epochs=3, steps_per_epoch=2, features=None
)


def build(image_shape, preset):
    return gan_zoo.GAN(
        image_shape,
        4,
        generator=small_generator(image_shape, 4),
        discriminator=small_discriminator(image_shape, 4),
    )


RECIPE = runs.Recipe(build, name="tiny", model="GAN")


@pytest.fixture(scope="module", autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished run, called as its recipe is."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    assert runs.run(RECIPE, SETTINGS, folder, export=False) == 0
    return folder


def script_in(folder, monkeypatch):
    """As if a script of this folder ran."""
    monkeypatch.setattr("sys.argv", [str(folder / "some_recipe.py")])


def test_the_curves_of_a_run_stand_behind_those_of_the_next(
    finished, tmp_path, monkeypatch
):
    assert "the published run" not in (finished / "report.html").read_text()
    path = keep_curves(finished, tmp_path / "reference")
    assert path == tmp_path / "reference" / "tiny.csv"
    script_in(tmp_path, monkeypatch)
    again = tmp_path / "again"
    shorter = dataclasses.replace(SETTINGS, epochs=2, seed=1)
    runs.run(RECIPE, shorter, again, export=False)
    assert "Grey: the published run" in (again / "report.html").read_text()


def test_a_file_holds_settings_and_numbers_but_no_time_and_no_place(finished, tmp_path):
    settings, rows = read_curves(keep_curves(finished, tmp_path))
    assert settings == {
        "model": "GAN",
        "preset": "default",
        "dataset": "mnist_sample",
        "image_size": 8,
        "batch_size": 50,
        "load": {},
        "epochs": 3,
        "steps_per_epoch": 2,
        "seed": 0,
        "mixed_precision": "none",
        "features": None,
    }
    places = [(row["epoch"], row["step"]) for row in rows]
    assert places == [("1", "2"), ("2", "4"), ("3", "6")]
    assert "seconds" not in rows[0]
    lines = (finished / "metrics.csv").read_text().splitlines()
    place = lines[0].split(",").index("d_loss")
    for row, line in zip(rows, lines[1:], strict=True):
        value = float(line.split(",")[place])
        assert float(row["d_loss"]) == pytest.approx(value, rel=5e-4)
        assert len(row["d_loss"].lstrip("-0.").replace(".", "")) <= 4


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({}, True),
        ({"epochs": 99, "seed": 7, "steps_per_epoch": 5, "features": "mnist"}, True),
        ({"batch_size": 51}, False),
        ({"dataset": "fashion_mnist"}, False),
        ({"preset": "paper"}, False),
        ({"model": "LSGAN"}, False),
        ({"load": {"labels": True}}, False),
    ],
)
def test_curves_are_of_runs_with_the_same_data_and_batches(
    finished, tmp_path, monkeypatch, change, alike
):
    keep_curves(finished, tmp_path / "reference")
    script_in(tmp_path, monkeypatch)
    settings = {"model": "GAN", "preset": "default"} | dataclasses.asdict(SETTINGS)
    rows = published_curves("tiny", settings | change)
    assert len(rows) == (3 if alike else 0)
    assert published_curves("another", settings) == []
    assert published_curves(None, settings) == []


def test_a_run_that_is_not_finished_is_refused(tmp_path):
    (tmp_path / "metrics.csv").write_text("epoch,step\n1,2\n")
    with pytest.raises(ValueError, match=r"no settings.json and no results.json. Run"):
        keep_curves(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "change", [{"preset": "paper"}, {"dataset": "folder:/home/me/faces"}]
)
def test_a_run_that_nobody_can_repeat_is_refused(tmp_path, change):
    settings = {"preset": "default", "dataset": "mnist_sample"} | change
    for name in ("metrics.csv", "results.json"):
        (tmp_path / name).touch()
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    with pytest.raises(ValueError, match="default preset on data that everybody"):
        keep_curves(tmp_path, tmp_path)
