"""What is published: one version, and all files of the package and its archive."""

import email
import importlib.metadata
import pathlib
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
FOLDERS = (".ci", "benchmarks", "docs", "gan_zoo", "recipes", "tests")


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


def test_every_supported_python_has_a_classifier():
    start = "Programming Language :: Python :: 3."
    minors = [c.removeprefix(start) for c in PROJECT["classifiers"] if start in c]
    low, high = int(minors[0]), int(minors[-1])
    assert minors == [str(minor) for minor in range(low, high + 1)]
    assert PROJECT["requires-python"] == f">=3.{low},<3.{high + 1}"


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
