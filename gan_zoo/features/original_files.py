"""Reads weight files of other projects, without running code in them.

These files are pickles, and a pickle can call any function. The readers here allow the
few functions that make arrays, and refuse all others.
"""

import collections
import io
import math
import pickle
import tarfile
import zipfile

import numpy as np

_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def read_torch(content):
    """Reads a state dict of PyTorch before 1.6 (a sequence of pickles, not a zip file).

    Args:
        content: bytes of the file.

    Returns:
        dict of name to array.

    Raises:
        ValueError: if it is another kind of file, or contains other objects than
            tensors.
    """
    stream = io.BytesIO(content)
    if _load(stream) != _TORCH_MAGIC:
        raise ValueError(
            "Expected a file of torch.save before PyTorch 1.6, got another kind."
        )
    for _ in ("protocol version", "byte order and sizes"):
        _load(stream)
    tensors = _load(stream)
    storages = {}
    for key in _load(stream):
        storages[key] = int.from_bytes(stream.read(8), "little"), stream.tell()
        count, _ = storages[key]
        stream.seek(count * _item_size(tensors, key), io.SEEK_CUR)
    return {name: t.read(content, *storages[t.key]) for name, t in tensors.items()}


def read_pickled_arrays(content):
    """Reads a pickled dict of name to lists of NumPy arrays.

    Args:
        content: bytes of the file.

    Returns:
        The dict.

    Raises:
        ValueError: if it contains other objects than arrays in plain containers.
    """
    return _load(io.BytesIO(content))


class _Tensor:
    """A view of a storage: the arguments of `torch._utils._rebuild_tensor_v2`."""

    def __init__(self, storage, offset, shape, strides, *_):
        _, self.dtype, self.key, _, _ = storage[:5]
        self.offset, self.shape, self.strides = offset, shape, strides
        if not isinstance(self.dtype, np.dtype):
            raise ValueError(f"Expected tensors of {list(_STORAGES)}, got {storage!r}.")

    def read(self, content, count, start):
        """The tensor from the storage of `count` items at byte `start`."""
        storage = np.frombuffer(content, self.dtype, count, start)[self.offset :]
        reach = sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))
        if math.prod(self.shape) and not 0 <= reach < len(storage):
            raise ValueError("A tensor reaches beyond its storage: the file is broken.")
        strides = [s * self.dtype.itemsize for s in self.strides]
        return np.lib.stride_tricks.as_strided(storage, self.shape, strides).copy()


def _item_size(tensors, key):
    return next(t.dtype.itemsize for t in tensors.values() if t.key == key)


class _Arrays(pickle.Unpickler):
    """An unpickler that accepts arrays, tensors and ordered dicts only."""

    def find_class(self, module, name):
        if module == "torch" and name in _STORAGES:
            return np.dtype(_STORAGES[name])
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
        }
        for place in ("numpy.core.multiarray", "numpy._core.multiarray"):
            known[place, "_reconstruct"] = _empty_array
        if (module, name) not in known:
            raise ValueError(
                f"Expected a file of arrays, got one that calls {module}.{name}, "
                "which is not allowed in weights. Nothing more was read."
            )
        return known[module, name]

    def persistent_load(self, pid):
        return pid


def _empty_array(_, shape, code):
    return np.ndarray(shape, code)  # filled by the next part of the file


def _load(stream):
    return _Arrays(stream).load()


def members(path):
    """Yields (name, bytes) of a file, or of all files in an archive."""
    interesting = (".pb", ".pth", ".pkl", ".npz")
    if path.suffix != ".npz" and zipfile.is_zipfile(path):  # an .npz is a zip file too
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(interesting):
                    yield name, archive.read(name)
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(interesting):
                    yield member.name, archive.extractfile(member).read()
    else:
        yield path.name, path.read_bytes()


def _efficientnet(content):
    tensors = read_torch(content)
    return {k: v for k, v in tensors.items() if not k.endswith("num_batches_tracked")}


def _squeezenet(content):
    layers = read_pickled_arrays(content).items()
    kernels = {f"{name}/kernel": arrays[0] for name, arrays in layers}
    return kernels | {f"{name}/bias": arrays[1] for name, arrays in layers}


def _lpips(content):
    return {name: v.reshape(-1) for name, v in read_torch(content).items()}


# SHA-256 of the published files, and functions that read their arrays.
ORIGINALS = {
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db": _efficientnet,
    "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1": _squeezenet,
    "4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76": _lpips,
}
