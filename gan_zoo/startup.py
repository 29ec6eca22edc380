"""What happens when the frameworks are imported beside this package.

Keras knows a class of a package only once its module has run. This package imports its
modules when they are first used, so that a file may name a class of a module that has
not run yet. Keras is therefore given a stand-in for each class; it imports the module
when a file asks for the class.

TensorFlow writes some thirty lines about the machine to the terminal when it starts. No
user can act on them, so they are left out, unless TF_CPP_MIN_LOG_LEVEL is set.
"""

import contextlib
import importlib
import importlib.util
import os
import pathlib
import re
import sys
import tempfile

PACKAGE = "gan_zoo"
LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_DECORATED = re.compile(
    rf'@keras\.saving\.register_keras_serializable\((?:package=)?"{PACKAGE}"\)\n'
    r"class (\w+)"
)
# Lines of TensorFlow's own log, and one that comes before them.
_LOG_LINE = re.compile(rb"[IWE]\d{4} |WARNING: All log messages before absl::Init")


def prepare():
    """Arranges for a quiet TensorFlow and for the stand-ins, once per process."""
    if "keras" in sys.modules:
        _register()
    if "tensorflow" not in sys.modules and LEVEL not in os.environ:
        # Errors of operations are Python's exceptions, and still come.
        os.environ[LEVEL] = "3"
        sys.meta_path.insert(0, _AtImport("tensorflow", quiet))
    if "keras" not in sys.modules:
        sys.meta_path.insert(0, _AtImport("keras", contextlib.nullcontext, _register))


def registered_classes():
    """Classes that files may name: a dict of name to the module that has it."""
    root = pathlib.Path(__file__).parent
    places = {}
    for file in sorted(root.rglob("*.py")):
        module = ".".join([PACKAGE, *file.relative_to(root).with_suffix("").parts])
        names = _DECORATED.findall(file.read_text(encoding="utf-8"))
        places |= dict.fromkeys(names, module)
    return places


class _AtImport:
    """An import hook for the first import of one module.

    Args:
        name: name of the module.
        around: context in which the module runs.
        after: called when it has run.
    """

    def __init__(self, name, around, after=lambda: None):
        self.name = name
        self.around = around
        self.after = after

    def find_spec(self, name, path=None, target=None):
        """Finds the module as the other finders do; knows no other."""
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_within(module):
                with self.around():
                    run(module)
                self.after()

            spec.loader.exec_module = run_within
        return spec


@contextlib.contextmanager
def quiet():
    """Leaves out what TensorFlow writes to standard error before its log begins.

    All else that comes to standard error inside the block is written at its end.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        terminal = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            kept.seek(0)
            for line in kept:
                if not _LOG_LINE.match(line):
                    os.write(2, line)


def _register():
    known = sys.modules["keras"].saving.get_custom_objects()
    for name, module in registered_classes().items():
        known.setdefault(f"{PACKAGE}>{name}", _stand_in(name, module))


def _stand_in(name, module):
    def from_config(config):
        return getattr(importlib.import_module(module), name).from_config(config)

    return type(name, (), {"from_config": staticmethod(from_config)})
