"""What is published: one version, and all files of the package and its archive."""

import email
import importlib.metadata
import pathlib
import platform
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest
from testing import ROOT

import gan_zoo

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
WORKFLOW = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
ISSUES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*_*.yml"))
FOLDERS = (".ci", ".github", "benchmarks", "docs", "gan_zoo", "recipes", "tests")


def files_under(*folders):
    """Paths below the root of all files in these folders, without compiled ones."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source archive of a copy of this checkout, and the wheel built from it."""
    if int(importlib.metadata.version("setuptools").partition(".")[0]) < 77:
        pytest.skip("the setuptools of this environment is older than 77")
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    for name in FOLDERS:
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=skipped)
    for path in filter(pathlib.Path.is_file, ROOT.iterdir()):
        shutil.copy(path, source)
    code = "from setuptools import build_meta; build_meta.build_sdist('..')"
    subprocess.run(
        [sys.executable, "-c", code], cwd=source, check=True, capture_output=True
    )
    (archive,) = folder.glob("*.tar.gz")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, archive], cwd=folder, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return archive, wheel


def test_the_version_is_written_in_one_place():
    assert PROJECT["dynamic"] == ["version"]
    version = PYPROJECT["tool"]["setuptools"]["dynamic"]["version"]
    assert version == {"attr": "gan_zoo.__version__"}
    assert "version" not in (ROOT / "setup.py").read_text()


def test_the_changelog_begins_with_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    first = next(line for line in changelog.splitlines() if line.startswith("## "))
    assert gan_zoo.__version__ in first


def test_the_citation_names_the_version_and_the_licence():
    citation = (ROOT / "CITATION.cff").read_text()
    fields = dict(re.findall(r"^(version|license): (.+)$", citation, re.M))
    assert fields == {"version": gan_zoo.__version__, "license": PROJECT["license"]}


def pythons():
    """The Python versions of the classifiers, as "3.11"."""
    start = "Programming Language :: Python :: "
    versions = [c.removeprefix(start) for c in PROJECT["classifiers"] if start in c]
    return [version for version in versions if re.fullmatch(r"3\.\d+", version)]


def test_the_classifiers_name_every_python_that_is_allowed():
    low, high = (int(pythons()[i].partition(".")[2]) for i in (0, -1))
    assert pythons() == [f"3.{minor}" for minor in range(low, high + 1)]
    assert PROJECT["requires-python"] == f">=3.{low},<3.{high + 1}"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py3{low}"


def test_the_workflow_tests_every_python_and_the_lowest_with_the_lowest():
    matrix = re.search(r"python-version: \[(.+)\]", WORKFLOW)[1]
    assert re.findall(r'"(.+?)"', matrix) == pythons()
    lowest = f'- python-version: "{pythons()[0]}"\n            dependencies: lowest'
    assert lowest in WORKFLOW


def test_the_lowest_versions_are_those_that_the_package_declares():
    script = runpy.run_path(str(ROOT / ".ci" / "lowest_versions.py"))
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    lowest = script["lowest_versions"]()
    assert [line.replace("==", ">=") for line in lowest] == declared
    assert "tensorflow==2.21" in lowest
    for requirement in ("grpcio", "keras>=3.15,<4"):
        with pytest.raises(ValueError, match="Give it a lower bound"):
            script["lowest"](requirement)


def test_extras_that_the_docs_and_the_messages_name_exist():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("gan_zoo/**/*.py")]
    pages += [ROOT / ".ci" / "run", ROOT / ".github" / "workflows" / "tests.yml"]
    text = "\n".join(page.read_text() for page in pages)
    named = re.findall(r"""(?:gan_zoo|["']\.)\[([a-z, ]+)\]""", text)
    named = {extra.strip() for extras in named for extra in extras.split(",")}
    assert {"test", "serving", "export", "tfa"} <= named
    assert named <= set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("form", ISSUES, ids=lambda path: path.stem)
def test_the_command_of_the_issue_forms_prints_the_versions(form, capsys):
    command = re.search(r'python -c "(.+?)"', form.read_text(), re.S)[1]
    exec(" ".join(command.split()), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"gan_zoo {gan_zoo.__version__}"
    assert [line.split()[0] for line in printed[1:4]] == [
        "keras",
        "tensorflow",
        "python",
    ]
    assert printed[4] == platform.platform()


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        names = set(wheel.namelist())
        (metadata,) = (name for name in names if name.endswith("dist-info/METADATA"))
        metadata = email.message_from_bytes(wheel.read(metadata))
    about = f"gan_zoo-{gan_zoo.__version__}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == files_under(
        "gan_zoo"
    )
    assert "gan_zoo/data/samples/mnist_sample.npz" in names
    assert "gan_zoo/features/mnist_features.npz" in names
    assert metadata["Version"] == gan_zoo.__version__
    assert metadata["License-Expression"] == "Apache-2.0"


@pytest.mark.slow
def test_the_source_archive_holds_what_the_tests_and_the_docs_need(archives):
    with tarfile.open(archives[0]) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    assert not files_under(*FOLDERS) - names
    assert {"CHANGELOG.md", "LICENSE", "README.md", "setup.py"} <= names
