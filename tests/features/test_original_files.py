import collections
import io
import pickle
import sys
import types

import numpy as np
import pytest
from testing import golden, reference_data

from gan_zoo.features import original_files


def published_heads():
    return golden("lpips_v0.1_squeeze.pth").read_bytes()


def test_reads_a_published_file_of_pytorch():
    tensors = original_files.read_torch(published_heads())
    assert {name: v.shape for name, v in tensors.items()} == {
        f"lin{i}.model.1.weight": (1, c, 1, 1)
        for i, c in enumerate((64, 128, 256, 384, 384, 512, 512))
    }
    # The authors clip the heads at 0 while they learn them.
    assert all(v.min() >= 0 and v.max() > 0.1 for v in tensors.values())


def test_reads_the_values():
    tensors = original_files.read_torch(published_heads())
    with np.load(reference_data("weights") / "lpips_v0.1_lin_squeeze.npz") as archive:
        for name, values in tensors.items():
            np.testing.assert_array_equal(values.ravel(), archive[name])


class _Tensor:
    def __init__(self, key, kind, size, offset, shape, strides, rebuild):
        self.storage = ("storage", kind, key, "cpu", size, None)
        self.rest = (offset, shape, strides, False, collections.OrderedDict())
        self.rebuild = rebuild

    def __reduce__(self):
        return self.rebuild, (_Storage(self.storage), *self.rest)


class _Storage:
    def __init__(self, pid):
        self.pid = pid


class _Pickler(pickle.Pickler):
    def persistent_id(self, item):
        return item.pid if isinstance(item, _Storage) else None


def torch_file(monkeypatch, tensors, storages):
    """A file as `torch.save` wrote it before version 1.6, without torch."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch._utils = utils
    for kind in ("FloatStorage", "LongStorage"):
        setattr(torch, kind, type(kind, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(*_):
        raise NotImplementedError

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    stream = io.BytesIO()
    made = collections.OrderedDict(
        (name, _Tensor(key, getattr(torch, kind), *rest, _rebuild_tensor_v2))
        for name, (key, kind, *rest) in tensors.items()
    )
    for item in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, made):
        _Pickler(stream, 2).dump(item)
    pickle.dump(list(storages), stream, 2)
    for array in storages.values():
        stream.write(len(array).to_bytes(8, "little") + array.tobytes())
    return stream.getvalue()


def test_views_into_storages(monkeypatch):
    storages = {"b": np.arange(3, dtype="<i8"), "a": np.arange(6, dtype="<f4")}
    tensors = {
        "matrix": ("a", "FloatStorage", 6, 0, (2, 3), (3, 1)),
        "transposed": ("a", "FloatStorage", 6, 0, (3, 2), (1, 3)),
        "second row": ("a", "FloatStorage", 6, 3, (3,), (1,)),
        "count": ("b", "LongStorage", 3, 2, (), ()),
    }
    found = original_files.read_torch(torch_file(monkeypatch, tensors, storages))
    matrix = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(found["matrix"], matrix)
    np.testing.assert_array_equal(found["transposed"], matrix.T)
    np.testing.assert_array_equal(found["second row"], matrix[1])
    assert (found["count"].dtype, found["count"]) == (np.int64, 2)


def test_a_view_beyond_its_storage_is_refused(monkeypatch):
    tensors = {"far": ("a", "FloatStorage", 6, 4, (3,), (1,))}
    content = torch_file(monkeypatch, tensors, {"a": np.arange(6, dtype="<f4")})
    with pytest.raises(ValueError, match="reaches beyond its storage"):
        original_files.read_torch(content)


def test_no_code_is_run():
    class Harmful:
        def __reduce__(self):
            return print, ("harm done",)

    for read in (original_files.read_pickled_arrays, original_files.read_torch):
        with pytest.raises(ValueError, match=r"calls builtins\.print"):
            read(pickle.dumps({"conv1": [Harmful()]}, 4))


def test_another_kind_of_file_is_named():
    with pytest.raises(ValueError, match="before PyTorch 1"):
        original_files.read_torch(pickle.dumps({"a": 1}, 2))


def test_arrays_in_a_pickle():
    given = {"conv1": [np.eye(2, dtype="float32"), np.arange(3)]}
    found = original_files.read_pickled_arrays(pickle.dumps(given, 4))
    for a, b in zip(given["conv1"], found["conv1"], strict=True):
        np.testing.assert_array_equal(a, b)
