"""Lets Keras find the classes of this package in files, before they are imported.

Keras knows a class of a package only once its module has run. This package imports its
modules when they are first used, so that a file may name a class of a module that has
not run yet. Keras is therefore given a stand-in for each class; it imports the module
when a file asks for the class.
"""

import importlib
import importlib.util
import pathlib
import re
import sys

PACKAGE = "gan_zoo"
_DECORATED = re.compile(
    rf'@keras\.saving\.register_keras_serializable\((?:package=)?"{PACKAGE}"\)\n'
    r"class (\w+)"
)


def registered_classes():
    """Classes that files may name: a dict of name to the module that has it."""
    root = pathlib.Path(__file__).parent
    places = {}
    for file in sorted(root.rglob("*.py")):
        module = ".".join([PACKAGE, *file.relative_to(root).with_suffix("").parts])
        names = _DECORATED.findall(file.read_text(encoding="utf-8"))
        places |= dict.fromkeys(names, module)
    return places


def register_when_keras_is_there():
    """Gives Keras the stand-ins: now, or as soon as it is imported."""
    if "keras" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _AfterKeras())


class _AfterKeras:
    """An import hook that runs `_register` once, right after the import of Keras."""

    def find_spec(self, name, path=None, target=None):
        """Finds Keras as the other finders do; knows no other module."""
        if name != "keras":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_register(module):
                run(module)
                _register()

            spec.loader.exec_module = run_and_register
        return spec


def _register():
    known = sys.modules["keras"].saving.get_custom_objects()
    for name, module in registered_classes().items():
        known.setdefault(f"{PACKAGE}>{name}", _stand_in(name, module))


def _stand_in(name, module):
    def from_config(config):
        return getattr(importlib.import_module(module), name).from_config(config)

    return type(name, (), {"from_config": staticmethod(from_config)})
