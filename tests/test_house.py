"""The layout itself: which room may import which, and what every room must have."""

import ast
import subprocess
import sys

import pytest
from testing import ROOT

PACKAGE = ROOT / "gan_zoo"
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))
# From below to above; a room imports rooms below it only.
ORDER = [
    "backend",
    "layers",
    "kernels",
    "likelihoods",
    "losses",
    "penalties",
    "schedules",
    "networks",
    "models",
]
TENSORFLOW_AT_HOME = {
    "experiment.py",
    "metrics/features.py",
    "metrics/mnist_training.py",
}
TENSORFLOW_ROOMS = ("backend/tensorflow", "data", "callbacks", "serving")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            if node.module == "gan_zoo":
                yield from (f"gan_zoo.{alias.name}" for alias in node.names)


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_rooms_below_it_only(path):
    if room_of(path) not in ORDER:
        return
    level = ORDER.index(room_of(path))
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "gan_zoo" and len(parts) > 1:
            assert parts[1] in ORDER, name
            assert ORDER.index(parts[1]) <= level, name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_tensorflow_stays_in_its_rooms(path):
    relative = path.relative_to(PACKAGE).as_posix()
    if relative in TENSORFLOW_AT_HOME or relative.startswith(TENSORFLOW_ROOMS):
        return
    assert not any(name.split(".")[0] == "tensorflow" for name in imported(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_short_and_free_of_asserts(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert not any(isinstance(n, ast.Assert) for n in ast.walk(ast.parse(text)))


def test_no_drawers_for_everything():
    assert not [p for p in MODULES if p.stem in ("utils", "common", "helpers", "misc")]


def test_models_load_no_room_of_tensorflow():
    """Keras itself decides; here, that nothing of ours has loaded a TensorFlow room."""
    code = (
        "import sys, gan_zoo.models; gan_zoo.WGANGP;"
        "print(*(m for m in sys.modules if m.startswith('gan_zoo')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    rooms = {name.partition("gan_zoo.")[2] for name in done.stdout.split()}
    assert "models.noise_to_image.wgan_gp" in rooms
    assert "backend.tensorflow" not in rooms
    assert not any(
        room.replace(".", "/").startswith(TENSORFLOW_ROOMS) for room in rooms
    )
