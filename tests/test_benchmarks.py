"""Benchmarks take minutes and run by hand; that each still starts is seen here."""

import importlib
import importlib.util
import json
import runpy
import sys

import pytest
from tensorflow.python.framework import config  # the way back is not public
from testing import ROOT, flags_of_its_own

NEEDS = {"plain_torch": "torch", "plain_torch_translators": "torch"}


@pytest.fixture(autouse=True)
def _path_of_benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


@pytest.mark.parametrize("name", sorted(p.stem for p in ROOT.glob("benchmarks/*.py")))
def test_a_benchmark_loads(name):
    needed = NEEDS.get(name)
    if needed and importlib.util.find_spec(needed) is None:
        pytest.skip(f"needs {needed}")
    with flags_of_its_own():
        found = runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"))
    assert found["__doc__"]


def test_the_equal_budget_has_the_recipes_of_28_pixels():
    with flags_of_its_own():
        found = runpy.run_path(str(ROOT / "benchmarks" / "equal_budget.py"))
    recipes = found["RECIPES"]
    assert recipes["vae_mnist"] == ["vae_mnist.py"]
    assert recipes["lsgan_mnist"] == ["dcgan_mnist.py", "--model=LSGAN"]
    assert set(found["BATCH"]) < set(recipes)
    # 32 pixels a side; a table of many runs; emoji; nothing is trained.
    absent = {"stylegan_lite", "robustness_mnist", "cyclegan_emoji", "metric_study"}
    assert not absent & set(recipes)


def test_the_table_of_unpaired_models_has_means_and_spreads():
    with flags_of_its_own():
        found = runpy.run_path(str(ROOT / "benchmarks" / "unpaired.py"))
    run = {"error_a_to_b": 0.1, "error_identity": 0.106, "steps": 3100}
    table = found["table"]({"CUT": [run, run | {"error_a_to_b": 0.3}]})
    row = "| `CUT` | 3,100 × 8 | 2 | 0.200 ± 0.141 |  | 0.106 |"
    assert table.splitlines()[-1] == row


def test_same_weights_finds_equal_and_other_weights(tmp_path, monkeypatch, capsys):
    """Of WGAN, whose critic takes several steps for each one of the generator."""
    same_weights = importlib.import_module("same_weights")
    monkeypatch.setattr(sys, "path", sys.path[:])  # `record` adds to it
    monkeypatch.setattr(same_weights, "STEPS", 3)
    monkeypatch.setattr(same_weights, "DECAYS", (0.9,))
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    try:
        for path in (before, after):
            same_weights.record(path, replicas=1, only=["WGAN"])
    finally:
        config.disable_op_determinism()
    digests = json.loads(before.read_text())
    first, second = digests.values()  # of the two seeds
    assert len(first) == len(second)
    assert first != second
    assert same_weights.compare(before, after) == 0
    name = "WGAN, seed 1, ema 0.9"
    digests[name][0] = "0"
    after.write_text(json.dumps(digests))
    capsys.readouterr()
    assert same_weights.compare(before, after) == 1
    stated = f"2 trainings, 1 with other weights\n{name}\n"
    assert capsys.readouterr().out == stated
