"""The layout: which part may import which, and what every module must have."""

import ast
import graphlib
import inspect
import re
import subprocess
import sys

import pytest
from testing import ROOT, classes_of_systems

import gan_zoo

PACKAGE, TESTS = ROOT / "gan_zoo", ROOT / "tests"
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))
# Tests of the whole package or of every system, not of one module.
ACROSS = {
    "metrics/test_meaning.py",
    "models/base/test_advice.py",
    "models/base/test_keras_methods.py",
    "models/base/test_weight_files.py",
    "models/image_to_image/test_cyclegan_runs.py",
    "models/test_settings_of_papers.py",
    "models/test_systems.py",
    "test_coming_from_tfa_or_tfgan.py",
    "test_benchmarks.py",
    "test_layout.py",
    "test_recipes.py",
    "test_multi_worker.py",
    "test_readme.py",
    "test_pages.py",
    "test_metrics_page.py",
    "test_packaging.py",
    "inputs/test_systems.py",
}
# From the lowest part to the highest. A part may import itself and lower parts.
ORDER = [
    "checks",
    "files",
    "backend",
    "layers",
    "inputs",
    "objectives",
    "optimizers",
    "augment",
    "networks",
    "features",
    "models",
]
TENSORFLOW_MODULES = {
    "addons.py",
    "features/frozen_graph.py",
    "features/mnist_training.py",
    "features/network_features.py",
    "features/resize.py",
}
TENSORFLOW_PARTS = ("backend/tensorflow", "data", "callbacks", "serving", "runs")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            if node.module == "gan_zoo":
                yield from (f"gan_zoo.{alias.name}" for alias in node.names)


def part_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_part_imports_lower_parts_only(path):
    if part_of(path) not in ORDER:
        return
    level = ORDER.index(part_of(path))
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "gan_zoo" and len(parts) > 1:
            assert parts[1] in ORDER, name
            assert ORDER.index(parts[1]) <= level, name


def dotted(path):
    """The name by which a module of the package is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run_by(path, names):
    """Modules of the package that the imports in a file run, those in functions too.

    To import a module also runs the `__init__` of the packages around it. Those around
    the importing module have begun to run before it, and do not count unless it takes a
    name from them that is no module.
    """
    own, found = dotted(path), set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if node.module == "gan_zoo":  # which takes it from elsewhere
                    inner = gan_zoo._PLACES.get(alias.name, inner)
                found.add(inner if inner in names else node.module)
    for name in list(found):
        parents = name.split(".")[:-1]
        around = {".".join(parents[:i]) for i in range(1, len(parents) + 1)}
        found |= {package for package in around if f"{own}.".find(f"{package}.") != 0}
    return found & names


def test_no_import_circles():
    """Each module can be imported first, and read without those that import it."""
    names = {dotted(path) for path in MODULES}
    graph = {dotted(path): run_by(path, names) for path in MODULES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_tensorflow_stays_in_its_parts(path):
    relative = path.relative_to(PACKAGE).as_posix()
    if relative in TENSORFLOW_MODULES or relative.startswith(TENSORFLOW_PARTS):
        return
    assert not any(name.split(".")[0] == "tensorflow" for name in imported(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_short_and_free_of_asserts(path):
    text = path.read_text()
    assert len(text.splitlines()) <= (300 if "models" in path.parts else 400)
    assert not any(isinstance(n, ast.Assert) for n in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_docstrings_begin_alike(path):
    """With what a function gives or does: "The mean distance ...", "Writes ..."."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            first = (ast.get_docstring(node) or "").partition(" ")[0]
            assert first not in ("Return", "Returns", "Get", "Gets")


def test_no_modules_without_a_subject():
    assert not [p for p in MODULES if p.stem in ("utils", "common", "helpers", "misc")]


def test_tests_mirror_the_package():
    wanted = {
        p.relative_to(PACKAGE).with_name(f"test_{p.name}").as_posix()
        for p in MODULES
        if p.name != "__init__.py"
    }
    there = {p.relative_to(TESTS).as_posix() for p in TESTS.rglob("test_*.py")}
    assert there - ACROSS == wanted


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_randomness_keeps_no_state(path):
    """A resumed run repeats the numbers of the uninterrupted one."""
    nodes = ast.walk(ast.parse(path.read_text()))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    inner = {id(node.value) for node in attributes}
    stateless = (
        "np.random.default_rng",
        "np.random.RandomState",
        "tf.random.stateless_",
        "tf.random.experimental.stateless_",
    )
    for name in (ast.unparse(n) for n in attributes if id(n) not in inner):
        assert ".random." not in name or name.startswith(stateless), name
        assert not name.startswith("keras.layers.Dropout"), name
        assert "SeedGenerator" not in name, name
        # A run's one seed, from which its weights start.
        assert "set_random_seed" not in name or path.name == "experiment.py", name


@pytest.mark.parametrize("system", classes_of_systems(), ids=lambda cls: cls.__name__)
def test_every_system_says_what_it_is_and_where_from(system):
    text = inspect.cleandoc(system.__doc__)
    for section in ("Args:", "Differs from the paper:", "Reference:"):
        assert section in text
    assert re.search(r"\b\d{4}\.\d{4,5}\b", text.partition("Reference:")[2])
    assert f"`{system.__name__}`" in (ROOT / "docs" / "papers.md").read_text()


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))],
    ids=lambda p: p.name,
)
def test_files_named_in_the_docs_exist(page):
    roots = "benchmarks|docs|gan_zoo|recipes|tests"
    named = re.findall(rf"`((?:{roots})/[\w./]+)`", page.read_text())
    links = re.findall(r"\]\(([\w./]+)\)", page.read_text())
    missing = [n for n in named if not (ROOT / n).exists()]
    missing += [n for n in links if not (page.parent / n).exists()]
    assert not missing


def test_models_load_no_part_that_needs_tensorflow():
    """Keras may load TensorFlow. None of our modules that need it may be loaded."""
    code = (
        "import sys, gan_zoo.models; gan_zoo.WGANGP;"
        "print(*(m for m in sys.modules if m.startswith('gan_zoo')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition("gan_zoo.")[2] for name in done.stdout.split()}
    assert "models.noise_to_image.wgan_gp" in loaded
    assert "backend.tensorflow" not in loaded
    assert not any(
        name.replace(".", "/").startswith(TENSORFLOW_PARTS) for name in loaded
    )
