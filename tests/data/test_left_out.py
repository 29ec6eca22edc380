import os
import pathlib

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data import folders, left_out
from gan_zoo.data.files_below import FolderListing


def _save(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path)


def test_everything_left_out_is_told_in_one_message(tmp_path, caplog):
    for i in range(8):
        _save(tmp_path / f"{i}.png")
    for name in ("a.heic", "b.HEIC", "c.jxl", "labels.csv"):
        (tmp_path / name).write_bytes(b"some bytes")
    for name in ("cut.jpg", "two\nlines.png"):
        (tmp_path / name).write_bytes(b"")
    train, test, _ = folders.open_folder(tmp_path, on_bad_file="skip")
    assert len(train.sides[0]) + len(test.sides[0]) == 8
    (record,) = caplog.records
    assert record.getMessage() == (
        f"8 of 14 files below {tmp_path} are used. Left out:\n"
        "  4 that Pillow does not know as images: 2 .heic, 1 .jxl, 1 .csv "
        "(a.heic; b.HEIC; c.jxl; labels.csv)\n"
        "  2 that cannot be decoded (cut.jpg: cannot identify image file; "
        "two\\nlines.png: cannot identify image file)"
    )
    folders.open_folder(tmp_path, on_bad_file="skip")
    assert len(caplog.records) == 1  # once in a process
    with pytest.raises(ValueError, match="got 2 that cannot be decoded"):
        folders.open_folder(tmp_path)


def test_nothing_is_told_where_nothing_is_left_out(tmp_path, caplog):
    for i in range(4):
        _save(tmp_path / f"{i}.png")
    (tmp_path / "Thumbs.db").touch()
    folders.open_folder(tmp_path)
    assert not caplog.records


def test_long_lists_are_cut(tmp_path, caplog):
    _save(tmp_path / "a.png")
    for i in range(8):
        (tmp_path / f"{i}.x{i}").touch()
    folders.open_folder(tmp_path)
    assert f"1 of 9 files below {tmp_path} is used" in caplog.text
    assert "1 .x4, ... (0.x0; 1.x1; 2.x2; 3.x3; 4.x4; ...)" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_class_that_is_a_link_to_another_is_told(tmp_path, caplog):
    _save(tmp_path / "cat" / "a.png")
    (tmp_path / "dog").symlink_to("cat")
    *_, classes = folders.open_folder(tmp_path, labels=True)
    assert classes == ["cat"]
    assert "  1 link to folders read already (dog, read as cat)" in caplog.text


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, ["1 image outside the splits", "1 folder that", "1 link to"]),
        (2, ["2 images outside the splits", "2 folders that", "2 links to"]),
    ],
)
def test_one_thing_is_not_told_as_several(caplog, count, words):
    root = pathlib.Path(f"/{count}")
    paths = [root / str(i) for i in range(count)]
    reasons = dict.fromkeys(paths, "Permission denied")
    found = FolderListing([root / "a.png"] * 3, [], reasons, dict.fromkeys(paths, root))
    unused = {".": FolderListing(paths)}
    left_out.log_left_out(root, found, {}, unused)
    for each in words:
        assert f"\n  {each}" in caplog.text


def test_what_no_split_uses_is_told(tmp_path, caplog):
    for folder, count in (("Train", 5), ("test", 2), ("Val", 3), ("masks", 4)):
        for i in range(count):
            _save(tmp_path / folder / f"{i}.png")
    folders.open_folder(tmp_path)
    (record,) = caplog.records
    assert record.getMessage() == (
        f"7 of 14 files below {tmp_path} are used. Left out:\n"
        "  3 images in Val (Val/0.png; Val/1.png; Val/2.png)\n"
        "  4 images outside the splits (masks/0.png; masks/1.png; masks/2.png; "
        "masks/3.png)"
    )
