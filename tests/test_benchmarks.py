"""Benchmarks take minutes and run by hand; that each still starts is seen here."""

import importlib.util
import runpy

import pytest
from testing import ROOT, flags_of_its_own

NEEDS = {"plain_torch": "torch"}


@pytest.mark.parametrize("name", sorted(p.stem for p in ROOT.glob("benchmarks/*.py")))
def test_a_benchmark_loads(name, monkeypatch):
    needed = NEEDS.get(name)
    if needed and importlib.util.find_spec(needed) is None:
        pytest.skip(f"needs {needed}")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    with flags_of_its_own():
        found = runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"))
    assert found["__doc__"]
