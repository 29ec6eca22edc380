import io
import tarfile
import zipfile

import numpy as np
import pytest
from testing import golden, reference_data

from gan_zoo.features import weights

HEADS = "lpips_squeezenet"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("GAN_ZOO_CACHE", str(folder))
    # As if no file came with the package.
    monkeypatch.setattr(weights, "PACKAGED", tmp_path / "nothing")
    return folder


def original():
    return golden("lpips_v0.1_squeeze.pth")


def test_a_digest_is_of_names_types_shapes_and_values():
    a, b = np.arange(4.0), np.arange(3)
    digest = weights.digest_of({"a": a, "b": b})
    assert digest == weights.digest_of({"b": b, "a": a.astype(">f8")})
    others = [
        {"a": a, "c": b},
        {"a": a.astype("float32"), "b": b},
        {"a": a.reshape(2, 2), "b": b},
        {"a": a + 1, "b": b},
    ]
    assert len({digest, *map(weights.digest_of, others)}) == 5


def test_an_original_file_is_installed_and_found(cache):
    with pytest.raises(FileNotFoundError, match=r"pip download --no-deps lpips==0\.1"):
        weights.read_arrays(HEADS)
    assert weights.install(original()) == [HEADS]
    arrays = weights.read_arrays(HEADS)
    assert arrays["lin3.model.1.weight"].shape == (384,)
    assert [p.name for p in cache.iterdir()] == [weights.FILES[HEADS].name]


@pytest.mark.parametrize("kind", ["wheel", "tar", "npz"])
def test_archives_of_it(tmp_path, kind):
    content = original().read_bytes()
    if kind == "wheel":
        path = tmp_path / "lpips-0.1.4-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("lpips/weights/v0.0/squeeze.pth", b"an older version")
            archive.writestr("lpips/weights/v0.1/squeeze.pth", content)
    elif kind == "tar":
        path = tmp_path / "lpips-0.1.4.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("lpips/weights/v0.1/squeeze.pth")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    else:
        weights.install(original())
        path = tmp_path / "ours.npz"
        np.savez_compressed(path, **weights.read_arrays(HEADS))
        (weights.cache_dir() / weights.FILES[HEADS].name).unlink()
    assert weights.install(path) == [HEADS]
    assert len(weights.read_arrays(HEADS)) == 7


def test_what_is_not_the_published_version_is_left_out(tmp_path, cache):
    weights.install(original())
    arrays = weights.read_arrays(HEADS)
    arrays["lin0.model.1.weight"] = arrays["lin0.model.1.weight"] + 1e-3
    path = tmp_path / "retrained.npz"
    np.savez(path, **arrays)
    assert weights.install(path) == []
    with pytest.raises(ValueError, match=r"retrained\.npz is not the published file"):
        weights.read_arrays(HEADS, path)
    path.write_bytes(path.read_bytes()[:3000])  # cut short
    assert weights.install(path) == []
    with pytest.raises(ValueError, match=r"retrained\.npz is not the published file"):
        weights.read_arrays(HEADS, path)
    path.write_text("<html>sorry</html>")
    with pytest.raises(ValueError, match=r"retrained\.npz is not the published file"):
        weights.read_arrays(HEADS, path)
    other = tmp_path / "classify_image_graph_def.pb"
    other.write_bytes(b"another graph")
    assert weights.install(other) == []
    with pytest.raises(ValueError, match="expected SHA-256 009d6814"):
        weights.find("inception", other)


def test_all_files_of_the_reference_folder_are_the_published_ones(tmp_path):
    folder = reference_data("weights")
    for key in ("efficientnet_lite0", "squeezenet", HEADS):
        assert weights.install(folder / weights.FILES[key].name) == [key]
        assert weights.read_arrays(key)


def test_what_comes_with_the_package_is_the_published_version(monkeypatch):
    monkeypatch.undo()
    for key in ("squeezenet", HEADS):
        path = weights.default_path(key)
        assert path.parent == weights.PACKAGED
        assert weights.read_arrays(key)
        assert path.with_name("LICENSE-BSD-2-Clause.txt").read_text().count(path.name)


def test_a_download(tmp_path, cache):
    missing = (tmp_path / "missing.pth").as_uri()
    weights.download(HEADS, [missing, original().as_uri()])
    assert weights.read_arrays(HEADS)
    page = tmp_path / "page.pb"
    page.write_bytes(b"<html>sorry</html>")
    with pytest.raises(ValueError, match="is not the published file"):
        weights.download("inception", [page.as_uri()])
    with pytest.raises(FileNotFoundError, match=r"missing\.pth.*Get them by"):
        weights.download("inception", [missing])
    assert [p.name for p in cache.iterdir()] == [weights.FILES[HEADS].name]
