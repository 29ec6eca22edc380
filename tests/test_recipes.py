"""Every recipe from its command line to its report, for two steps."""

import ast
import json
import runpy
import sys

import numpy as np
import pytest
from PIL import Image
from tensorflow.python.framework import config  # the way back is not public
from testing import ROOT, flags_of_its_own

RECIPES = sorted((ROOT / "recipes").glob("*.py"))
CONDITIONAL = ("cgan_mnist", "acgan_mnist", "projection_mnist", "semi_supervised_mnist")
# What is measured without training.
STUDIES = {"metric_study"}
# Recipes of many runs, of minutes even where each is short.
TABLES = {"robustness_mnist"}
# Their data must be downloaded; a folder of images stands in.
DOWNLOADED = {
    "dcgan_faces": 64,
    "lsgan_faces": 64,
    "sngan_cifar10": 32,
    "vae_faces": 64,
}


@pytest.fixture(autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


def folder_of_images(folder, side):
    folder.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3))
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{number:02}.png")
    return folder


def slow_if_a_table(recipe):
    marks = [pytest.mark.slow] if recipe.stem in TABLES else []
    return pytest.param(recipe, id=recipe.stem, marks=marks)


@pytest.mark.parametrize("recipe", [slow_if_a_table(r) for r in RECIPES])
def test_recipe_runs_from_its_flags_to_its_report(recipe, tmp_path, monkeypatch):
    run = tmp_path / "run"
    arguments = [f"--run_dir={run}", "--epochs=1", "--steps_per_epoch=2", "--noexport"]
    if recipe.stem in STUDIES:
        arguments = [f"--run_dir={run}", "--count=40"]
    if recipe.stem in DOWNLOADED:
        images = folder_of_images(tmp_path / "images", DOWNLOADED[recipe.stem])
        arguments += [f"--dataset=folder:{images}", "--batch_size=2"]
    monkeypatch.setattr(sys, "argv", [str(recipe), *arguments])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        runpy.run_path(str(recipe), run_name="__main__")
    assert not exit.value.code
    if recipe.stem in STUDIES:
        assert (run / "study.png").exists()
    elif recipe.stem in TABLES:
        assert (run / "table.png").exists()
    else:
        assert "<img" in (run / "report.html").read_text()


@pytest.mark.parametrize("name", CONDITIONAL)
def test_classes_are_those_of_the_data(name):
    recipe = runpy.run_path(str(ROOT / "recipes" / f"{name}.py"))
    for preset in ("default", "paper"):
        model = recipe["build"]((28, 28, 1), preset, num_classes=3)
        assert model.num_classes == 3


def test_a_conditional_recipe_on_a_folder_of_classes(tmp_path, monkeypatch):
    images = tmp_path / "images"
    images.mkdir()
    for name in ("cat", "cow", "dog"):
        folder_of_images(images / name, 28)
    run = tmp_path / "run"
    arguments = ["--epochs=1", "--steps_per_epoch=1", "--noexport", "--batch_size=2"]
    arguments += [f"--dataset=folder:{images}", f"--run_dir={run}"]
    recipe = ROOT / "recipes" / "projection_mnist.py"
    monkeypatch.setattr(sys, "argv", [str(recipe), *arguments])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        runpy.run_path(str(recipe), run_name="__main__")
    assert not exit.value.code
    assert json.loads((run / "results.json").read_text())["results"] == []
    with Image.open(run / "samples" / "epoch-0001.png") as picture:
        assert picture.size == (2 * (10 * 29 - 1), 2 * (3 * 29 - 1))  # a row each


def test_every_cell_of_the_robustness_table_is_built_and_compiled():
    recipe = runpy.run_path(str(ROOT / "recipes" / "robustness_mnist.py"))
    rows, columns = recipe["ARCHITECTURES"], recipe["OBJECTIVES"]
    assert (len(rows), len(columns)) == (7, 4)
    for row in [*rows][:-1]:  # the last takes seconds
        for column, objective in columns.items():
            model = recipe["build"]((28, 28, 1), "default", row, column)
            assert type(model) is objective
            recipe["compile_model"](model, None, 1, [], "default")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_imports_nothing_but_the_zoo(recipe):
    for node in ast.walk(ast.parse(recipe.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        assert all(name.split(".")[0] == "gan_zoo" for name in names)
