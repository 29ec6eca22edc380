import os
import pathlib

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data import folders

unix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


def _save(path, height=4, width=4, value=0, grey=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (height, width) if grey else (height, width, 3)
    Image.fromarray(np.full(shape, value, np.uint8)).save(path)


def _names(split, side=0):
    return {path.name for path in split.sides[side].items}


def test_a_tenth_is_held_out_the_same_for_all_and_stable_as_files_are_added(tmp_path):
    for i in range(40):
        _save(tmp_path / f"{i}.png")
    train, test, classes = folders.open_folder(tmp_path)
    assert (len(train.sides[0]), len(test.sides[0]), classes) == (36, 4, None)
    assert not _names(train) & _names(test)
    assert _names(folders.open_folder(tmp_path)[1]) == _names(test)
    _save(tmp_path / "one more.png")
    assert len(_names(folders.open_folder(tmp_path)[1]) & _names(test)) >= 3
    assert len(folders.open_folder(tmp_path, test_fraction=0.5)[1].sides[0]) == 20
    assert folders.open_folder(tmp_path, test_fraction=0)[1] is None


@pytest.mark.parametrize("name", ["test", "val", "validation", "valid"])
@pytest.mark.parametrize("train_folder", ["train", "."])
def test_a_test_folder_is_used(tmp_path, name, train_folder):
    for i in range(5):
        _save(tmp_path / train_folder / f"{i}.png")
    _save(tmp_path / name / "held.png")
    train, test, _ = folders.open_folder(tmp_path)
    assert _names(train) == {f"{i}.png" for i in range(5)}
    assert _names(test) == {"held.png"}


def test_classes_are_the_sub_folders(tmp_path):
    for split in ("train", "test"):
        for name in ("dog", "cat"):
            for i in range(3):
                _save(tmp_path / split / name / "deep" / f"{name}{i}.png")
    train, test, classes = folders.open_folder(tmp_path, labels=True)
    assert classes == ["cat", "dog"]
    for split in (train, test):
        np.testing.assert_array_equal(split.labels, [0, 0, 0, 1, 1, 1])
        assert "cat" in split.sides[0].names[0]
    _save(tmp_path / "train" / "stray.png")
    with pytest.raises(ValueError, match=r"got train/stray\.png outside"):
        folders.open_folder(tmp_path, labels=True)


def test_held_out_files_keep_their_class(tmp_path):
    for i in range(20):
        _save(tmp_path / f"class{i % 2}" / f"{i}.png", value=i % 2)
    for split in folders.open_folder(tmp_path, labels=True)[:2]:
        for name, label in zip(split.sides[0].names, split.labels, strict=True):
            assert f"class{label}" in name


def test_a_set_is_grey_only_if_all_its_files_are(tmp_path):
    for i in range(5):
        _save(tmp_path / f"{i}.png", grey=True)
    assert folders.open_folder(tmp_path)[0].sides[0].grey
    _save(tmp_path / "colour.png")
    train, test, _ = folders.open_folder(tmp_path)
    assert not train.sides[0].grey
    assert not test.sides[0].grey


def test_missing_and_empty_folders_are_explained(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(FileNotFoundError, match="got nothing") as caught:
        folders.open_folder(tmp_path / "fotos")
    assert f"Did you mean {tmp_path / 'photos'}?" in str(caught.value)
    with pytest.raises(ValueError, match="got none; it holds nothing"):
        folders.open_folder(tmp_path / "photos")
    (tmp_path / "photos" / "raw.cr2").touch()
    with pytest.raises(ValueError, match=r"got none; it holds \['raw\.cr2'\]"):
        folders.open_folder(tmp_path / "photos")
    with pytest.raises(FileNotFoundError, match="got a file"):
        folders.open_folder(tmp_path / "photos" / "raw.cr2")


def test_wrong_rules_are_refused(tmp_path):
    _save(tmp_path / "a.png")
    with pytest.raises(ValueError, match='on_bad_file "error" or "skip"'):
        folders.open_folder(tmp_path, on_bad_file="ignore")
    with pytest.raises(ValueError, match=r"test_fraction in \[0, 1\), got 1"):
        folders.open_folder(tmp_path, test_fraction=1)
    with pytest.raises(ValueError, match='input_side "left" or "right"'):
        folders.open_paired(tmp_path, "top")


def test_unpaired_folders(tmp_path):
    for folder, n in (("trainA", 6), ("trainB", 4), ("testA", 3), ("testB", 2)):
        for i in range(n):
            _save(tmp_path / folder / f"{folder}{i}.png")
    train, test, _ = folders.open_unpaired(tmp_path)
    assert not train.aligned
    assert [len(side) for side in train.sides] == [6, 4]
    assert [len(side) for side in test.sides] == [3, 2]
    assert all(name.startswith("trainB") for name in _names(train, 1))


def test_unpaired_folders_without_a_test_half_hold_some_out(tmp_path):
    for folder in ("trainA", "trainB"):
        for i in range(10):
            _save(tmp_path / folder / f"{i}.png")
    train, test, _ = folders.open_unpaired(tmp_path, test_fraction=0.2)
    assert [len(side) for side in (*train.sides, *test.sides)] == [8, 8, 2, 2]
    assert folders.open_unpaired(tmp_path, test_fraction=0)[1] is None


def test_unpaired_folders_of_other_spellings(tmp_path, caplog):
    for folder, n in (("TrainA", 6), ("training_b", 4), ("validA", 3), ("Test-B", 2)):
        for i in range(n):
            _save(tmp_path / folder / f"{i}.png")
    _save(tmp_path / "extra" / "a.png")
    train, test, _ = folders.open_unpaired(tmp_path)
    assert [len(side) for side in (*train.sides, *test.sides)] == [6, 4, 3, 2]
    assert "15 of 16 files" in caplog.text
    assert "1 image outside the splits (extra/a.png)" in caplog.text


def test_unpaired_folders_must_be_there(tmp_path):
    _save(tmp_path / "trainA" / "a.png")
    with pytest.raises(FileNotFoundError, match=r"and trainB in .*, got \['trainA'\]"):
        folders.open_unpaired(tmp_path)


@pytest.mark.parametrize("held_out", ["test", "val"])
def test_paired_folders(tmp_path, held_out):
    for folder, n in (("train", 3), (held_out, 2)):
        for i in range(n):
            _save(tmp_path / folder / f"{i}.png", 4, 12)
    train, test, _ = folders.open_paired(tmp_path, "right")
    assert train.aligned
    assert [side.half for side in train.sides] == ["right", "left"]
    assert [len(side) for side in (*train.sides, *test.sides)] == [3, 3, 2, 2]
    assert set(train.sides[0].sizes()) == {
        (str(tmp_path / "train" / f"{i}.png"), (4, 6)) for i in range(3)
    }


def test_pairs_of_odd_width_are_named(tmp_path):
    _save(tmp_path / "train" / "good.png", 4, 8)
    _save(tmp_path / "train" / "odd.png", 4, 7)
    with pytest.raises(ValueError, match=r"odd width of 7 pixels in .*odd\.png"):
        folders.open_paired(tmp_path)


def test_kinds_that_only_pillow_knows_are_used(tmp_path):
    ramp = np.arange(0, 256, 32, np.uint8)[:, None, None]
    pixels = np.broadcast_to(ramp, (8, 8, 3)).copy()
    for suffix in ("jfif", "jpe", "avif", "jp2", "tga", "JPG"):
        Image.fromarray(pixels).save(tmp_path / f"a.{suffix}")
    train, test, _ = folders.open_folder(tmp_path)
    assert len(train.sides[0]) + len(test.sides[0]) == 6
    for place in range(len(train.sides[0])):
        read = train.sides[0].read(place, (8, 8), 3)
        assert abs(read.astype(int) - pixels).mean() < 5  # most are lossy


@unix
def test_links_that_lead_nowhere_are_an_error_or_skipped(tmp_path, caplog):
    for i in range(3):
        _save(tmp_path / f"{i}.png")
    (tmp_path / "gone.png").symlink_to("nowhere.png")
    with pytest.raises(ValueError, match=r"gone\.png: a link that leads nowhere"):
        folders.open_folder(tmp_path)
    train, test, _ = folders.open_folder(tmp_path, on_bad_file="skip")
    assert len(train.sides[0]) + len(test.sides[0]) == 3
    assert "gone.png: a link that leads nowhere" in caplog.text


def test_a_file_deleted_after_it_was_listed_is_an_error_or_skipped(
    tmp_path, monkeypatch
):
    for i in range(3):
        _save(tmp_path / f"{i}.png")
    stat = os.stat

    def deleted(path, **options):
        if str(path).endswith("1.png"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", deleted)
    with pytest.raises(ValueError, match=r"1\.png: No such file"):
        folders.open_folder(tmp_path)
    train, test, _ = folders.open_folder(tmp_path, on_bad_file="skip")
    assert len(train.sides[0]) + len(test.sides[0]) == 2


def test_folders_that_cannot_be_listed_are_an_error_or_skipped(
    tmp_path, monkeypatch, caplog
):
    for name in ("cat", "dog"):
        _save(tmp_path / name / "a.png")
    scandir = os.scandir

    def refusing(path):
        if pathlib.Path(path).name in locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    locked = ["dog"]
    with pytest.raises(
        ValueError, match="got 1 that cannot:\n  dog: Permission denied"
    ):
        folders.open_folder(tmp_path, labels=True)
    *_, classes = folders.open_folder(tmp_path, labels=True, on_bad_file="skip")
    assert classes == ["cat"]
    assert "1 folder that cannot be listed (dog: Permission denied)" in caplog.text
    locked = [tmp_path.name]
    with pytest.raises(ValueError, match=r"\.: Permission denied"):
        folders.open_folder(tmp_path, on_bad_file="skip")


@unix
def test_names_of_any_bytes_have_a_split_of_their_own(tmp_path):
    for i in range(9):
        _save(tmp_path / os.fsdecode(b"\xff%d.png" % i))
    train, test, _ = folders.open_folder(tmp_path)
    assert (len(train.sides[0]), len(test.sides[0])) == (8, 1)
    "".join(train.sides[0].names).encode()  # can be printed
    assert train.sides[0].read(0, (4, 4), 3).shape == (4, 4, 3)


def test_paths_that_are_no_folders(tmp_path):
    with pytest.raises(ValueError, match="got nothing"):
        folders.open_folder("")
    with pytest.raises(FileNotFoundError, match="Expected a folder"):
        folders.open_folder("~nobody_of_this_name/photos")
    with pytest.raises(FileNotFoundError, match="Expected a folder"):
        folders.open_folder(tmp_path / ("x" * 5000))


@unix
def test_a_path_that_is_a_dangling_link(tmp_path):
    (tmp_path / "photos").symlink_to("nowhere")
    with pytest.raises(FileNotFoundError, match="got a link that leads nowhere"):
        folders.open_folder(tmp_path / "photos")
