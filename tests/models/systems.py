"""Every system of the zoo, as its own test file names it in `SYSTEMS`.

A test file that names a system cannot import this one, which imports it.
"""

import functools
import importlib
import pathlib

import keras
from models.system import data_for

HERE = pathlib.Path(__file__).resolve().parent


def collected():
    """The systems of all test files below this folder: name to `System`."""
    systems = {}
    for file in sorted(HERE.rglob("test_*.py")):
        if "\nSYSTEMS = {" in file.read_text():
            parts = file.relative_to(HERE.parent).with_suffix("").parts
            systems |= importlib.import_module(".".join(parts)).SYSTEMS
    return systems


SYSTEMS = collected()


def with_sgd(system, **kwargs):
    """A model on SGD, which shows a wrong scale of gradients; data of 12 steps.

    Adam would hide it, and make a whole step of what is rounding only.
    """
    model = (system.spreads or system.tiny)()
    rate = system.rate
    rates = rate if isinstance(rate, dict) else dict.fromkeys(model.players, rate)
    optimizers = {
        f"{player}_optimizer": keras.optimizers.SGD(rates[player])
        for player in model.players
    }
    model.compile(**optimizers, **kwargs)
    return model, data_for(model, system.rows, steps=12)


SPREADS = {
    name: functools.partial(with_sgd, system) for name, system in SYSTEMS.items()
}
