"""What happens when the frameworks are imported beside this package.

Keras knows a class of a package only once its module has run. This package imports its
modules when they are first used, so that a file may name a class of a module that has
not run yet. Keras is therefore given a stand-in for each class; it imports the module
when a file asks for the class.

TensorFlow writes some thirty lines about the machine to standard error when it starts.
No user can act on them. They are left out in two ways. Lines from before the log of
TensorFlow is ready are filtered, by another process, so that the message of a crash is
not lost. For the time after, the level of the log is set. TensorFlow reads it once, so
it holds for the whole process:

- "3" without a driver of NVIDIA. Errors of operations are Python's exceptions and say
  what failed: memory that cannot be allocated, files that cannot be read or written.
  What ends the process is still logged. The lines of level "2" that are left out are
  the failed search for a GPU, and optimizations of a graph that TensorFlow gives up
  ("remapper failed"), without harm to results.
- "2" with such a driver: some exceptions of the GPU's libraries refer to the errors
  above them.

Where TF_CPP_MIN_LOG_LEVEL is set, that level holds for the lines of both times.
Where TensorFlow was imported before this package, its log is as it was.
"""

import contextlib
import ctypes
import importlib
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

PACKAGE = "gan_zoo"
LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_DECORATED = re.compile(
    rf'@keras\.saving\.register_keras_serializable\((?:package=)?"{PACKAGE}"\)\n'
    r"class (\w+)"
)
# Lines of TensorFlow's log, by level: those below it are left out, and one line before
# them. Those of a crash begin with F.
LINES = {
    level: f"^([{letters}][0-9]{{4}} |WARNING: All log messages before absl::Init)"
    for level, letters in {"1": "I", "2": "IW", "3": "IWE"}.items()
}


def prepare():
    """Arranges for a quiet TensorFlow and for the stand-ins, once per process."""
    if "keras" in sys.modules:
        _register()
    if "tensorflow" not in sys.modules:
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
        self.asking = False

    def find_spec(self, name, path=None, target=None):
        """Finds the module as the other finders do; knows no other.

        The hook stays until the module runs: others only ask whether it is there.
        """
        if name != self.name or self.asking:
            return None
        self.asking = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.asking = False
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_within(module):
                sys.meta_path.remove(self)
                with self.around():
                    run(module)
                self.after()

            spec.loader.exec_module = run_within
        return spec


@contextlib.contextmanager
def quiet():
    """Imports TensorFlow with the log that TF_CPP_MIN_LOG_LEVEL asks for, or none."""
    asked = os.environ.get(LEVEL)
    if asked is None:
        os.environ[LEVEL] = level()
    lines = LINES.get(asked or "3")
    with without_lines(lines) if lines else contextlib.nullcontext():
        yield


def level():
    """The level of TensorFlow's log: "2" where a GPU may fail, else "3"."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "3"
    return "2"


@contextlib.contextmanager
def without_lines(pattern):
    """Leaves lines out of what is written to standard error.

    All else is passed on, also where the process ends inside the block. Without `grep`,
    as on Windows, nothing is left out.

    Args:
        pattern: extended regular expression of `grep` that these lines match.
    """
    grep = shutil.which("grep")
    if grep is None or sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    # In a session of its own, Ctrl-C does not end it before this process.
    child = subprocess.Popen(
        [grep, "-avE", pattern],
        stdin=subprocess.PIPE,
        stdout=terminal,
        start_new_session=True,
    )
    os.dup2(child.stdin.fileno(), 2)
    child.stdin.close()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)
        # It goes on for processes that were started inside the block.
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)


def _register():
    known = sys.modules["keras"].saving.get_custom_objects()
    for name, module in registered_classes().items():
        known.setdefault(f"{PACKAGE}>{name}", _stand_in(name, module))


def _stand_in(name, module):
    def from_config(config):
        return getattr(importlib.import_module(module), name).from_config(config)

    return type(name, (), {"from_config": staticmethod(from_config)})
