import os

import numpy as np
import pytest

from gan_zoo.files import replacing, whole, write_whole


def written(path, text="new", overwrite=False):
    with replacing(path, overwrite) as scratch:
        assert not scratch.exists()
        scratch.write_text(text)


def broken_off(path, error):
    with replacing(path, overwrite=True) as scratch:
        scratch.write_text("half")
        raise error


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_with_its_parents_and_nothing_else(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    written(path)
    assert path.read_text() == "new"
    assert names(path.parent) == ["file"]


def test_what_stands_there_is_replaced_only_when_told(tmp_path):
    path = tmp_path / "file"
    written(path, "old")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        written(path)
    assert path.read_text() == "old"
    written(path, overwrite=True)
    assert path.read_text() == "new"
    assert names(tmp_path) == ["file"]


def test_a_folder_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").touch()
    with replacing(path, overwrite=True) as scratch:
        scratch.mkdir()
        (scratch / "new").touch()
        assert names(path) == ["old"]
    assert names(path) == ["new"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_what_was_there(tmp_path, error):
    old, new = tmp_path / "old", tmp_path / "made" / "new"
    old.write_text("old")
    for path in (old, new):
        with pytest.raises(error):
            broken_off(path, error)
    assert old.read_text() == "old"
    assert names(tmp_path) == ["old"]


def test_a_rename_that_fails_puts_the_folder_back(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").touch()
    with (
        pytest.raises(OSError, match="Nothing was left there"),
        replacing(path, overwrite=True),
    ):
        pass  # nothing was written to the scratch path
    assert names(path) == ["old"]
    assert names(tmp_path) == ["folder"]


def test_a_file_in_the_way_of_the_folder_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Check that the folder can be written"):
        written(tmp_path / "file" / "new")
    assert os.listdir(tmp_path) == ["file"]


def half_written(path):
    with whole(path) as partial:
        partial.write_text("half of the n")
        raise KeyError


def test_the_old_file_survives_an_exception(tmp_path):
    path = tmp_path / "file.txt"
    write_whole(path, "old")
    with pytest.raises(KeyError):
        half_written(path)
    assert path.read_text() == "old"
    write_whole(path, "new ψ")
    assert path.read_text("utf-8") == "new ψ"
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file.txt"
    write_whole(path, "old")
    with whole(path) as partial:
        partial.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("name", ["a" * 251 + ".npz", "ψ" * 127, "a." + "b" * 253])
def test_names_as_long_as_the_system_allows(tmp_path, name):
    write_whole(tmp_path / name, "whole")
    assert names(tmp_path) == [name]
    written(tmp_path / name, "replaced", overwrite=True)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "replaced"


def test_savers_find_the_suffix_that_they_look_at(tmp_path):
    with whole(tmp_path / "numbers.npz") as partial:
        assert partial.suffix == ".npz"
        np.savez(partial, one=1)
    assert names(tmp_path) == ["numbers.npz"]


def test_two_files_written_at_once_do_not_meet(tmp_path):
    with whole(tmp_path / "a.txt") as first, whole(tmp_path / "b.txt") as second:
        first.write_text("a")
        second.write_text("b")
    assert (tmp_path / "a.txt").read_text() == "a"
