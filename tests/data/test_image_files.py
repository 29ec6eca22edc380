import os

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data import image_files, images


def _save(path, *shape, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_find_is_sorted_recursive_and_passes_over_what_is_no_image(tmp_path):
    for name in ("b/2.PNG", "a.JPEG", "b/10.png", "b/2.bmp", "c/d/e.WebP"):
        _save(tmp_path / name, 4, 4, 3)
    for name in ("Thumbs.db", ".DS_Store", "._a.JPEG", "b/notes.txt", ".git/x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"no image")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "a.png").write_bytes(b"no image")
    found = [p.relative_to(tmp_path).as_posix() for p in image_files.find(tmp_path)]
    assert found == ["a.JPEG", "b/10.png", "b/2.PNG", "b/2.bmp", "c/d/e.WebP"]
    assert image_files.find(tmp_path, ["b", "c"]) == [tmp_path / "a.JPEG"]


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_find_follows_links_but_not_in_circles(tmp_path):
    _save(tmp_path / "real" / "a.png", 4, 4)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "up").symlink_to(tmp_path / "set")
    found = image_files.find(tmp_path / "set")
    assert found == [tmp_path / "set" / "linked" / "a.png"]


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
