"""Prints the lowest versions that pyproject.toml allows, as constraints for pip.

The workflow writes them to a file and installs the package and its tests with
`pip install -c` and that file.
"""

import pathlib
import re
import tomllib

PROJECT = pathlib.Path(__file__).resolve().parent.parent / "pyproject.toml"


def lowest(requirement):
    """The requirement with its lower bound as the only version."""
    match = re.fullmatch(r"([\w-]+)>=([\w.]+)", requirement)
    if match is None:
        raise ValueError(
            f"Expected a requirement of the form 'name>=version' in {PROJECT.name}, "
            f"received {requirement!r}. Give it a lower bound and nothing else."
        )
    return "{}=={}".format(*match.groups())


def lowest_versions():
    """One line per requirement of the package and of its tests."""
    project = tomllib.loads(PROJECT.read_text())["project"]
    requirements = project["dependencies"] + project["optional-dependencies"]["test"]
    return [lowest(requirement) for requirement in requirements]


if __name__ == "__main__":
    print(*lowest_versions(), sep="\n")
