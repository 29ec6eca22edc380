import os
import pathlib

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data.files_below import escaped, list_files, list_names, sub_folders

unix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


def _save(path, *shape):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros(shape, np.uint8)).save(path)
    return path


def test_find_is_sorted_recursive_and_passes_over_what_is_no_image(tmp_path):
    for name in ("b/2.PNG", "a.JPEG", "b/10.png", "b/2.bmp", "c/d/e.WebP"):
        _save(tmp_path / name, 4, 4, 3)
    for name in ("Thumbs.db", ".DS_Store", "._a.JPEG", "b/notes.txt", ".git/x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"no image")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "a.png").write_bytes(b"no image")
    found = [p.relative_to(tmp_path).as_posix() for p in list_files(tmp_path).images]
    assert found == ["a.JPEG", "b/10.png", "b/2.PNG", "b/2.bmp", "c/d/e.WebP"]
    assert list_files(tmp_path, ["b", "c"]).images == [tmp_path / "a.JPEG"]


@unix
def test_find_follows_links_but_not_in_circles(tmp_path):
    _save(tmp_path / "real" / "a.png", 4, 4)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "up").symlink_to(tmp_path / "set")
    found = list_files(tmp_path / "set").images
    assert found == [tmp_path / "set" / "linked" / "a.png"]


def _below(folder):
    return [p.relative_to(folder).as_posix() for p in list_files(folder).images]


def test_other_kinds_are_listed_and_clutter_is_not(tmp_path):
    for name in ("a.heic", "b/labels.csv", "b/README", "Thumbs.db", "b/Desktop.ini"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    others = [p.relative_to(tmp_path).as_posix() for p in list_files(tmp_path).others]
    assert others == ["a.heic", "b/README", "b/labels.csv"]


@unix
def test_a_folder_of_several_names_is_read_once_and_by_its_own(tmp_path):
    _save(tmp_path / "set" / "z" / "cat" / "a.png", 4, 4)
    _save(tmp_path / "elsewhere" / "b.png", 4, 4)
    (tmp_path / "set" / "a").symlink_to(tmp_path / "set" / "z" / "cat")
    for name in ("c", "b"):
        (tmp_path / "set" / name).symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "z" / "loop").symlink_to("..")
    found = list_files(tmp_path / "set")
    assert _below(tmp_path / "set") == ["b/b.png", "z/cat/a.png"]
    repeated = {
        link.name: as_.relative_to(tmp_path / "set").as_posix()
        for link, as_ in found.repeated.items()
    }
    assert repeated == {"a": "z/cat", "c": "b"}  # the loop adds nothing


@unix
def test_links_of_every_shape(tmp_path):
    """To themselves, to each other, to nothing, to a file, and folders that cross."""
    _save(tmp_path / "x" / "real.png", 4, 4)
    (tmp_path / "own.png").symlink_to("own.png")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "nothing.png").symlink_to("missing")
    (tmp_path / "file.png").symlink_to("x/real.png")
    (tmp_path / "y").mkdir()
    (tmp_path / "x" / "to_y").symlink_to(tmp_path / "y")
    (tmp_path / "y" / "to_x").symlink_to(tmp_path / "x")
    found = list_files(tmp_path)
    assert _below(tmp_path) == ["file.png", "nothing.png", "own.png", "x/real.png"]
    assert [path.name for path in found.others] == ["one", "two"]


@unix
def test_names_of_any_bytes(tmp_path):
    names = [b"caf\xe9.png", b"two\nlines.png", b"l" * 251 + b".png", b"\xff\xfe/a.png"]
    for name in names:
        path = pathlib.Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert {os.fsencode(name) for name in _below(tmp_path)} == set(names)
    assert escaped(os.fsdecode(names[0])) == "caf\\udce9.png"
    assert escaped("two\nlines, café") == "two\\nlines, café"
    "".join(map(escaped, _below(tmp_path))).encode()  # can be printed


@unix
def test_folders_deeper_than_a_path_may_be_long_are_named(tmp_path):
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=place)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    (why,) = list_files(tmp_path).unlisted.values()
    assert why == "File name too long"


def test_folders_that_cannot_be_listed_are_named(tmp_path, monkeypatch):
    _save(tmp_path / "open" / "a.png", 4, 4)
    (tmp_path / "locked").mkdir()
    scandir = os.scandir

    def refusing(path):
        if pathlib.Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert list_files(tmp_path).unlisted == {tmp_path / "locked": "Permission denied"}
    assert _below(tmp_path) == ["open/a.png"]


def test_sub_folders(tmp_path):
    for name in ("b", "a", ".git", "__MACOSX"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    assert sub_folders(tmp_path) == ["a", "b"]
    assert sub_folders(tmp_path / "missing") == list_names(tmp_path / "missing") == []
    assert list_names(tmp_path / "b") == []
