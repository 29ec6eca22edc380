"""Every recipe from its command line to its report, for one step."""

import ast
import runpy
import sys

import numpy as np
import pytest
from absl import flags
from PIL import Image
from tensorflow.python.framework import config  # the way back is not public
from testing import ROOT

RECIPES = sorted((ROOT / "recipes").glob("*.py"))
# Their data must be downloaded; a folder of images stands in.
DOWNLOADED = {"dcgan_faces": 64, "lsgan_faces": 64, "sngan_cifar10": 32}


@pytest.fixture(autouse=True)
def _flags_and_determinism_stay_in_this_file():
    before = set(flags.FLAGS)
    yield
    for name in set(flags.FLAGS) - before:
        delattr(flags.FLAGS, name)
    flags.FLAGS.unparse_flags()
    config.disable_op_determinism()


def folder_of_images(folder, side):
    folder.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3))
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{number:02}.png")
    return folder


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_runs_from_its_flags_to_its_report(recipe, tmp_path, monkeypatch):
    run = tmp_path / "run"
    arguments = [f"--run_dir={run}", "--epochs=1", "--steps_per_epoch=1", "--noexport"]
    if recipe.stem in DOWNLOADED:
        images = folder_of_images(tmp_path / "images", DOWNLOADED[recipe.stem])
        arguments += [f"--dataset=folder:{images}", "--batch_size=2"]
    monkeypatch.setattr(sys, "argv", [str(recipe), *arguments])
    with pytest.raises(SystemExit) as exit:
        runpy.run_path(str(recipe), run_name="__main__")
    assert not exit.value.code
    assert "<img" in (run / "report.html").read_text()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_imports_nothing_but_the_zoo(recipe):
    for node in ast.walk(ast.parse(recipe.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        assert all(name.split(".")[0] == "gan_zoo" for name in names)
