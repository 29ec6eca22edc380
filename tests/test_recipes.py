"""Every recipe from its command line to its report, for two steps."""

import ast
import dataclasses
import functools
import json
import re
import runpy
import sys

import numpy as np
import pytest
from PIL import Image
from tensorflow.python.framework import config  # the way back is not public
from testing import ROOT, flags_of_its_own

from gan_zoo import metrics
from gan_zoo.runs import finish
from gan_zoo.runs.reference import read_curves

SCRIPTS = {path.stem: path for path in sorted((ROOT / "recipes").glob("*.py"))}
REFERENCE = sorted((ROOT / "recipes" / "reference").glob("*.csv"))
# What is measured without training.
STUDIES = {"metric_study"}
# Recipes of many runs, of minutes even where each is short.
TABLES = {"robustness_mnist"}
# Their data must be downloaded; a folder of images stands in.
DOWNLOADED = {"faces": 64, "sngan_cifar10": 32}
# Sides of the images of recipes on other data than digits, which are in colour.
COLOURED = DOWNLOADED | {
    "pix2pix": 32,
    "emoji_styles": 32,
    "unpaired_emoji": 32,
    "face_attributes": 32,
    "face_completion": 32,
    "line_art": 32,
    "one_attribute": 32,
    "patch_style": 32,
}


def recipes_of(script):
    """The recipes of a script; of a table, that of its cells."""
    found = runpy.run_path(str(SCRIPTS[script]))
    return found["RECIPES"] if "RECIPES" in found else [found["RECIPE"]]


RECIPES = {name: recipes_of(name) for name in SCRIPTS if name not in STUDIES}
CONDITIONAL = [
    pytest.param(recipe, id=recipe.model or name)
    for name in RECIPES
    for recipe in RECIPES[name]
    if recipe.default.load.get("labels") is True
]
WITH_ATTRIBUTES = {
    name: recipe
    for name in RECIPES
    for recipe in RECIPES[name]
    if isinstance(recipe.default.load.get("labels"), list)
}


@pytest.fixture(autouse=True)
def _determinism_stays_in_this_file():
    yield
    config.disable_op_determinism()


@pytest.fixture(autouse=True)
def _few_images_to_compare_with(monkeypatch):
    """The search among 10,000 neighbours takes a quarter of such a short run."""
    monkeypatch.setattr(finish, "NEIGHBOURS_AMONG", 100)


@pytest.fixture(autouse=True)
def _classifiers_that_learn_little(monkeypatch):
    """Nor is it asked here what is read in translations."""
    quick = functools.partial(metrics.attribute_classifier, epochs=1)
    monkeypatch.setattr(metrics, "attribute_classifier", quick)


def folder_of_images(folder, side):
    folder.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3))
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{number:02}.png")
    return folder


def run_script(script, monkeypatch, *arguments):
    """Runs a script as its command line does, to its end."""
    monkeypatch.setattr(sys, "argv", [str(SCRIPTS[script]), *arguments])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        runpy.run_path(str(SCRIPTS[script]), run_name="__main__")
    assert not exit.value.code


def only_the_class_differs(recipe, others):
    """Whether a recipe has nothing of its own but the model's class."""

    def parts(recipe):
        return recipe.phases is None, recipe.measure, recipe.grid

    return parts(recipe) in map(parts, others)


# Scripts' models that are run by a slow test only.
ALIKE = [
    (script, recipe)
    for script, recipes in RECIPES.items()
    for place, recipe in enumerate(recipes)
    if only_the_class_differs(recipe, recipes[:place])
]


def class_of(model):
    """The class behind a name of `--model`: of Pix2Pix-L1, Pix2Pix."""
    return model.partition("-")[0]


def commands():
    """Each script, and each of its models."""
    for script in SCRIPTS:
        for recipe in RECIPES.get(script, [None]):
            model = recipe and recipe.model
            name = f"{script}-{model}" if model else script
            slow = script in TABLES or (script, recipe) in ALIKE
            marks = [pytest.mark.slow] if slow else []
            yield pytest.param(script, model, id=name, marks=marks)


@pytest.mark.parametrize(("script", "recipe"), ALIKE)
def test_models_whose_runs_are_slow_tests_are_built_and_compiled(script, recipe):
    side, channels = (COLOURED[script], 3) if script in COLOURED else (28, 1)
    labels = (
        {"class_names": "0123456789"}
        if recipe.default.load.get("labels") is True
        else {}
    )
    model = recipe.build((side, side, channels), "default", **labels)
    assert type(model).__name__ == class_of(recipe.model)
    compile_model = recipe.compile_model or (lambda model, *_: model.compile())
    compile_model(model, recipe.default, 2, [], "default")
    assert all(model.optimizer_of(player) for player in model.players)


@pytest.mark.parametrize(("script", "model"), [*commands()])
def test_recipe_runs_from_its_flags_to_its_report(script, model, tmp_path, monkeypatch):
    run = tmp_path / "run"
    arguments = [f"--run_dir={run}", "--epochs=1", "--steps_per_epoch=2", "--noexport"]
    if model:
        arguments.append(f"--model={model}")
    if script in STUDIES:
        arguments = [f"--run_dir={run}", "--count=40"]
    if script in DOWNLOADED:
        images = folder_of_images(tmp_path / "images", DOWNLOADED[script])
        arguments += [f"--dataset=folder:{images}", "--batch_size=2"]
    run_script(script, monkeypatch, *arguments)
    if script in STUDIES:
        assert (run / "study.png").exists()
    elif script in TABLES:
        assert (run / "table.png").exists()
    else:
        assert "<img" in (run / "report.html").read_text()
        trained = json.loads((run / "results.json").read_text())["about"]["model"]
        assert model is None or class_of(model) == trained


def test_each_recipe_has_a_run_folder_of_its_own():
    names = [r.name or script for script in RECIPES for r in RECIPES[script]]
    assert len(names) == len(set(names))
    assert {"dcgan_mnist", "lsgan_mnist", "stylegan_lite", "vae_faces"} <= set(names)


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_published_curves_are_of_a_recipe_as_committed(path):
    (recipe,) = (
        recipe
        for script, recipes in RECIPES.items()
        for recipe in recipes
        if path.name == f"{recipe.name or script}.csv"
    )
    settings, rows = read_curves(path)
    committed = {"preset": "default"} | dataclasses.asdict(recipe.default)
    assert settings.pop("model", None) == recipe.model
    assert settings == {name: committed[name] for name in settings}
    assert int(rows[-1]["epoch"]) == recipe.default.epochs


@pytest.mark.parametrize("recipe", CONDITIONAL)
def test_classes_are_those_of_the_data(recipe):
    for preset in ("default", "paper"):
        model = recipe.build((28, 28, 1), preset, class_names=["a", "b", "c"])
        assert (getattr(model, "num_classes", None) or model.target.num_classes) == 3


@pytest.mark.parametrize("recipe", WITH_ATTRIBUTES.values(), ids=WITH_ATTRIBUTES)
def test_attributes_are_those_of_the_data(recipe):
    for preset in ("default", "paper"):
        model = recipe.build((32, 32, 3), preset, attributes=("young", "bald"))
        assert model.target.names == ("young", "bald")


def test_a_recipe_of_attributes_on_a_folder_with_a_list(tmp_path, monkeypatch):
    images = folder_of_images(tmp_path / "images", 16)
    rows = [f"{number:02}.png,{number % 2},1,0" for number in range(12)]
    (tmp_path / "list.csv").write_text("\n".join(["file,bald,young,tall", *rows]))
    run = tmp_path / "run"
    run_script(
        "face_attributes",
        monkeypatch,
        *("--epochs=1", "--steps_per_epoch=1", "--noexport", "--batch_size=2"),
        *(f"--dataset=folder:{images}", f"--run_dir={run}", "--labels=young,bald"),
        f"--attribute_file={tmp_path / 'list.csv'}",
    )
    names = [
        row[0] for row in json.loads((run / "results.json").read_text())["results"]
    ]
    assert names[-2:] == ["accuracy_young", "accuracy_bald"]
    with Image.open(run / "samples" / "epoch-0001.png") as picture:
        # Two translations and their ways back under one image, over the caption.
        assert picture.height == 2 * (5 * 17 - 1) + 18


def test_a_conditional_recipe_on_a_folder_of_classes(tmp_path, monkeypatch):
    images = tmp_path / "images"
    images.mkdir()
    for name in ("cat", "cow", "dog"):
        folder_of_images(images / name, 28)
    run = tmp_path / "run"
    arguments = ["--epochs=1", "--steps_per_epoch=1", "--noexport", "--batch_size=2"]
    arguments += [f"--dataset=folder:{images}", f"--run_dir={run}"]
    arguments += ["--model=ProjectionGAN"]
    run_script("conditional_mnist", monkeypatch, *arguments)
    assert json.loads((run / "results.json").read_text())["results"] == []
    with Image.open(run / "samples" / "epoch-0001.png") as picture:
        # A row each, over the caption.
        assert picture.size == (2 * (10 * 29 - 1), 2 * (3 * 29 - 1) + 18)


def test_every_cell_of_the_robustness_table_is_built_and_compiled():
    recipe = runpy.run_path(str(SCRIPTS["robustness_mnist"]))
    rows, columns = recipe["ARCHITECTURES"], recipe["OBJECTIVES"]
    assert (len(rows), len(columns)) == (7, 4)
    for row in [*rows][:-1]:  # the last takes seconds
        for column, objective in columns.items():
            model = recipe["build"]((28, 28, 1), "default", row, column)
            assert type(model) is objective
            recipe["compile_model"](model, None, 1, [], "default")


@pytest.mark.parametrize("script", SCRIPTS)
def test_recipe_imports_nothing_but_the_zoo(script):
    for node in ast.walk(ast.parse(SCRIPTS[script].read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        assert all(name.split(".")[0] == "gan_zoo" for name in names)


def test_commands_of_the_docs_name_scripts_and_models_that_exist():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *SCRIPTS.values()]
    pages += [*ROOT.glob("benchmarks/*.py")]
    # In a table of a benchmark the flag is a string of its own.
    command = re.compile(r"(\w+)\.py[\s\",]{1,4}--model=([\w-]+)")
    found = {pair for page in pages for pair in command.findall(page.read_text())}
    timed = {"steps", "translators"}  # benchmarks with models of their own
    found = {(script, model) for script, model in found if script not in timed}
    assert ("dcgan_mnist", "LSGAN") in found
    for script, model in found:
        assert model in [recipe.model for recipe in RECIPES[script]]
    text = "\n".join(page.read_text() for page in pages)
    named = set(re.findall(r"\b(\w+_(?:mnist|faces|cifar10|1d|emoji|lite))\.py", text))
    assert named - {"judge_mnist"} <= SCRIPTS.keys()
