"""What a test file says of its system, and where the tests of all systems find it."""

import dataclasses
import functools
import importlib.util
import pathlib
from collections.abc import Callable
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class System:
    """A system of the zoo, as the tests of all systems see it.

    Args:
        tiny: function without arguments to an uncompiled model of few weights.
        settings: the arguments that the class takes when nothing is said.
        optimizers: the paper's, dict of player to (class, settings).
        rate: learning rate of SGD, or one per player, with which each player moves in
            12 steps and rounding does not grow.
        rows: rows of a batch where four would magnify rounding too much.
        spreads: as `tiny`, for the comparison of replicas, where that needs another.
    """

    tiny: Callable
    settings: dict
    optimizers: dict
    rate: Any = 0.02
    rows: int = 4
    spreads: Callable | None = None


@functools.cache
def collected():
    """The systems of all test files below this folder: name to `System`.

    A test file names its own in `SYSTEMS`.
    """
    systems = {}
    for file in sorted(HERE.rglob("test_*.py")):
        if "SYSTEMS = {" in file.read_text():
            spec = importlib.util.spec_from_file_location(f"system_{file.stem}", file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            systems |= module.SYSTEMS
    return systems
