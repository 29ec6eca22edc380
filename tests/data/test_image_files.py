import json
import os
import pathlib
import socket

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data import image_files, images

unix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


def _save(path, *shape, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_check_reports_shape_and_greyness(tmp_path):
    paths = [_save(tmp_path / "a.png", 4, 6, 3), _save(tmp_path / "s" / "b.png", 5, 3)]
    colour, grey = image_files.check(tmp_path, paths)
    assert (colour.name, colour.shape, colour.grey) == ("a.png", (4, 6), False)
    assert (grey.name, grey.shape, grey.grey) == ("s/b.png", (5, 3), True)


def test_bad_files_are_named_or_skipped(tmp_path):
    good = _save(tmp_path / "good.png", 32, 32, 3)
    empty = tmp_path / "empty.jpg"
    empty.touch()
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:500])
    paths = [cut, empty, good]
    with pytest.raises(ValueError, match="got 2 that cannot") as caught:
        image_files.check(tmp_path, paths)
    assert "cut.png: " in str(caught.value)
    assert "empty.jpg: cannot identify" in str(caught.value)
    assert 'on_bad_file="skip"' in str(caught.value)
    (kept,) = image_files.check(tmp_path, paths, "skip")
    assert kept.path == good
    with pytest.raises(ValueError, match="got 1 that cannot"):
        image_files.check(tmp_path, [cut], "skip")


def test_at_most_ten_bad_files_are_named(tmp_path):
    paths = [tmp_path / f"{i:02}.png" for i in range(14)]
    for path in paths:
        path.touch()
    with pytest.raises(ValueError, match="got 14") as caught:
        image_files.check(tmp_path, paths)
    assert "09.png" in str(caught.value)
    assert "10.png" not in str(caught.value)
    assert "... and 4 more" in str(caught.value)


def test_an_unchanged_folder_is_not_decoded_again(tmp_path, monkeypatch):
    paths = [_save(tmp_path / f"{i}.png", 4, 4, 3, seed=i) for i in range(3)]
    before = image_files.check(tmp_path, paths)
    decoded = []
    read = images.read
    monkeypatch.setattr(images, "read", lambda p: decoded.append(p) or read(p))
    assert image_files.check(tmp_path, paths) == before
    assert decoded == []
    _save(paths[1], 5, 5, 3, seed=9)
    assert image_files.check(tmp_path, paths)[1].shape == (5, 5)
    assert decoded == [paths[1]]


def test_an_unreadable_memory_is_ignored(tmp_path, cache):
    path = _save(tmp_path / "a.png", 4, 4)
    image_files.check(tmp_path, [path])
    (memory,) = (cache / "checked_images").iterdir()
    memory.write_text("{ cut short")
    assert image_files.check(tmp_path, [path])[0].shape == (4, 4)


def test_an_unwritable_memory_is_ignored(tmp_path, monkeypatch):
    path = _save(tmp_path / "a.png", 4, 4)
    (tmp_path / "file").touch()
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path / "file"))
    assert image_files.check(tmp_path, [path])[0].shape == (4, 4)


@pytest.mark.parametrize(
    "text",
    ["[]", "3", '{"a.png": 5}', '{"a.png": [1, 2]}', '{"a.png": null}', "[" * 10**5],
)
def test_a_memory_of_another_form_is_ignored(tmp_path, cache, text):
    path = _save(tmp_path / "a.png", 4, 4)
    image_files.check(tmp_path, [path])
    (memory,) = (cache / "checked_images").iterdir()
    memory.write_text(text)
    assert image_files.check(tmp_path, [path])[0].shape == (4, 4)


@pytest.mark.parametrize(
    "error",
    [PermissionError(13, "Permission denied"), OSError(24, "Too many open files")],
)
def test_failures_are_tried_again(tmp_path, monkeypatch, cache, error):
    paths = [_save(tmp_path / f"{name}.png", 4, 4) for name in "ab"]
    read = images.read

    def failing(path):
        if path.name == "b.png":
            raise error
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(images, "read", failing)
        files, bad = image_files.examine(tmp_path, paths)
    assert [file.name for file in files] == ["a.png"]
    assert bad == {"b.png": error.strerror}
    (memory,) = (cache / "checked_images").iterdir()
    assert list(json.loads(memory.read_text())) == ["a.png"]
    files, bad = image_files.examine(tmp_path, paths)
    assert [file.name for file in files] == ["a.png", "b.png"]
    assert not bad


def test_a_file_that_was_good_is_looked_at_again_when_its_permissions_change(
    tmp_path, monkeypatch
):
    path = _save(tmp_path / "a.png", 4, 4)
    image_files.check(tmp_path, [path])
    path.chmod(0)

    def refusing(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(images, "read", refusing)  # root reads all the same
    assert image_files.examine(tmp_path, [path]) == ([], {"a.png": "Permission denied"})


@unix
@pytest.mark.skipif(
    not hasattr(os, "getuid") or not os.getuid(), reason="root reads all"
)
def test_a_file_without_permission_is_tried_again(tmp_path):
    path = _save(tmp_path / "a.png", 4, 4)
    path.chmod(0)
    assert image_files.examine(tmp_path, [path])[1] == {"a.png": "Permission denied"}
    path.chmod(0o600)
    assert len(image_files.check(tmp_path, [path])) == 1


@unix
def test_what_is_no_file_is_named_and_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the address of a socket is short
    os.mkfifo("pipe.png")
    pathlib.Path("dangling.png").symlink_to("missing")
    pathlib.Path("loop.png").symlink_to("loop.png")
    pathlib.Path("device.png").symlink_to("/dev/null")
    good = _save(tmp_path / "good.png", 4, 4)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
        paths = sorted(tmp_path.glob("*.png")) + [tmp_path / "deleted.png"]
        files, bad = image_files.examine(tmp_path, paths)
    assert [file.path for file in files] == [good]
    assert bad == {
        "dangling.png": "a link that leads nowhere",
        "deleted.png": "No such file or directory",
        "device.png": "a device, not a file",
        "loop.png": "Too many levels of symbolic links",
        "pipe.png": "a named pipe, not a file",
        "socket.png": "a socket, not a file",
    }
    with pytest.raises(ValueError, match=r"pipe\.png: a named pipe"):
        image_files.check(tmp_path, paths)


@unix
def test_names_of_any_bytes_are_checked_and_remembered(tmp_path, monkeypatch):
    root = tmp_path / os.fsdecode(b"photos \xff")
    names = [os.fsdecode(b"caf\xe9.png"), "two\nlines.png", "bad\n.png"]
    paths = [_save(root / name, 4, 4) for name in names]
    paths[2].write_bytes(b"")
    with pytest.raises(ValueError, match=r"bad\\n\.png: cannot") as caught:
        image_files.check(root, paths)
    str(caught.value).encode()  # can be printed
    monkeypatch.setattr(images, "read", lambda path: pytest.fail("read again"))
    assert [f.name for f in image_files.check(root, paths[:2])] == names[:2]
