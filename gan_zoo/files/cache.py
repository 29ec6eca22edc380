"""The folder where the package keeps what took long to get."""

import os
import pathlib


def cache_dir():
    """The cache folder: $GAN_ZOO_CACHE, else the user's cache directory."""
    if "GAN_ZOO_CACHE" in os.environ:
        return pathlib.Path(os.environ["GAN_ZOO_CACHE"])
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(home) / "gan_zoo"
