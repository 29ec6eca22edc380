"""Mean and covariance of the features of real images, in a file.

An `.npz` with the keys `mu` (d,) and `sigma` (d, d), as clean-fid and the code of ADM
and EDM store them. Other keys, such as ADM's `arr_0` and `mu_s`, are ignored. Such a
file does not name the network that the features are from, nor the number of images.
"""

import dataclasses
import pathlib
import zipfile
import zlib

import numpy as np

from gan_zoo.files import whole

KEYS = ("mu", "sigma")


@dataclasses.dataclass(frozen=True)
class StatisticsFile:
    """A file of statistics, which replaces a `gan_zoo.metrics.sources.Source`.

    Attributes:
        name: path of the file.
    """

    name: str


def holds_statistics(path):
    """Whether a file is an `.npz` with the keys `mu` and `sigma` and without `images`.

    Args:
        path: any path.
    """
    path = pathlib.Path(path).expanduser()
    if path.suffix != ".npz" or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        keys = {name.removesuffix(".npy") for name in archive.namelist()}
    return keys.issuperset(KEYS) and "images" not in keys


def read_statistics(path, dim):
    """Reads mean and covariance from a file and checks them.

    Args:
        path: the file.
        dim: number of features d.

    Returns:
        Mean (d,) and covariance (d, d), float64.

    Raises:
        FileNotFoundError: if the file does not exist.
        ValueError: for a file of another kind, other keys or shapes, or numbers that
            are not finite.
    """
    path = pathlib.Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected a file of statistics, .npz with mu and sigma, at {path}, got "
            "none."
        )
    try:
        with open(path, "rb") as file:  # NumPy does not close a broken file
            held = np.lib.npyio.NpzFile(file)
            arrays = {name: held[name] for name in KEYS if name in held.files}
            found = sorted(held.files)
    except (EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} holds no statistics: {error}") from error
    if len(arrays) < len(KEYS):
        raise ValueError(f"Expected the keys {list(KEYS)} in {path}, got {found}.")
    mu, sigma = arrays.values()
    if mu.shape != (dim,) or sigma.shape != (dim, dim):
        raise ValueError(
            f"Expected mu ({dim},) and sigma ({dim}, {dim}) in {path}, for features of "
            f"{dim} numbers, got shapes {mu.shape} and {sigma.shape}."
        )
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu":
            raise ValueError(
                f"Expected real numbers in {name} of {path}, got {array.dtype}."
            )
        if not np.isfinite(array).all():
            raise ValueError(
                f"Expected finite numbers in {name} of {path}, got NaN or infinity."
            )
    return mu.astype("float64"), sigma.astype("float64")


def write_statistics(path, mu, sigma):
    """Writes an `.npz` of float64 arrays `mu` and `sigma`, atomically.

    Args:
        path: the file; its folder is made, and an existing file is replaced.
        mu: mean (d,).
        sigma: covariance (d, d).

    Raises:
        ValueError: for a name that does not end in `.npz`, or numbers that are not
            finite.
    """
    path = statistics_path(path)
    arrays = (np.asarray(array, "float64") for array in (mu, sigma))
    arrays = dict(zip(KEYS, arrays, strict=True))
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(
            f"Expected finite statistics to write to {path}, got NaN or infinity."
        )
    with whole(path) as partial, open(partial, "wb") as file:
        np.savez(file, **arrays)


def statistics_path(path):
    """Checks the path of a file to write.

    Args:
        path: path from the user.

    Returns:
        `pathlib.Path`.

    Raises:
        ValueError: for a name that does not end in `.npz`.
    """
    path = pathlib.Path(path).expanduser()
    if path.suffix != ".npz":
        raise ValueError(f"Expected the name of an .npz file, got {path}.")
    return path
