import json
import os

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import gan_zoo
from gan_zoo.data import images
from gan_zoo.metrics.sources import open_source

unix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path_factory.mktemp("cache")))


def picture(path, size=(6, 4), mode="RGB", seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    pixels = np.random.default_rng(seed).integers(0, 256, shape, "uint8")
    Image.fromarray(pixels).save(path)
    return pixels


def all_of(source):
    return [image for batch in source.batches() for image in batch]


def test_a_folder_gives_every_image_at_its_own_size(tmp_path):
    first = picture(tmp_path / "a.png")
    second = picture(tmp_path / "deep" / "b.PNG", (5, 7), seed=1)
    third = picture(tmp_path / "deep" / "c.png", (5, 7), mode="L", seed=2)
    source = open_source(str(tmp_path))
    images = all_of(source)
    assert source.count == len(images) == 3
    np.testing.assert_array_equal(images[0], first)
    np.testing.assert_array_equal(images[1], second)
    np.testing.assert_array_equal(images[2], np.repeat(third[..., None], 3, -1))
    assert [len(batch) for batch in source.batches()] == [1, 2]
    assert len(all_of(open_source(str(tmp_path), count=2))) == 2


def test_files_that_cannot_be_read_are_named(tmp_path):
    picture(tmp_path / "good.png", mode="L")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    source = open_source(str(tmp_path))
    assert source.skipped == ("bad.png: cannot identify image file",)
    assert all_of(source)[0].shape == (4, 6, 1)
    (tmp_path / "good.png").unlink()
    with pytest.raises(ValueError, match="1 that cannot be decoded"):
        open_source(str(tmp_path))
    (tmp_path / "bad.png").unlink()
    with pytest.raises(ValueError, match="Expected images"):
        open_source(str(tmp_path))


def test_failures_are_tried_again(tmp_path, monkeypatch):
    """A file that could not be opened once counts as soon as it can."""
    for name in "ab":
        picture(tmp_path / f"{name}.png")
    read = images.read

    def refusing(path):
        if path.name == "b.png":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(images, "read", refusing)
        source = open_source(str(tmp_path))
    assert (source.count, source.skipped) == (1, ("b.png: Permission denied",))
    source = open_source(str(tmp_path))
    assert (source.count, source.skipped) == (2, ())


@unix
@pytest.mark.parametrize("scheme", ["", "folder:"])
def test_whatever_a_folder_holds_is_named(tmp_path, scheme):
    for i in range(4):
        picture(tmp_path / f"{i}.png", seed=i)
    (tmp_path / "dangling.png").symlink_to("missing.png")
    (tmp_path / os.fsdecode(b"caf\xe9\n.png")).touch()
    (tmp_path / "notes.txt").touch()
    os.mkfifo(tmp_path / "pipe.png")
    source = open_source(f"{scheme}{tmp_path}", count=3)
    assert source.count == len(all_of(source)) == 3
    assert set(source.skipped) == {
        "caf\\udce9\\n.png: cannot identify image file",
        "dangling.png: a link that leads nowhere",
        "notes.txt: no kind of image known",
        "pipe.png: a named pipe, not a file",
    }
    "".join(source.skipped).encode()  # can be printed


def test_a_file_that_is_deleted_or_changed_in_between_is_named(tmp_path):
    for i in range(3):
        picture(tmp_path / f"{i}.png", seed=i)
    source = open_source(str(tmp_path))
    changed = tmp_path / "1.png"
    for change in (
        lambda: changed.write_bytes(changed.read_bytes()[:60]),
        lambda: picture(changed, (3, 3)),
        changed.unlink,
    ):
        change()
        with pytest.raises(
            OSError, match=r"1\.png changed while .*: .*Run the command"
        ):
            all_of(source)
    named = open_source(f"folder:{tmp_path}")
    for i in (0, 2):
        (tmp_path / f"{i}.png").unlink()
    with pytest.raises(tf.errors.OpError, match=r"\.png could be decoded when"):
        all_of(named)


def test_a_folder_without_images_says_what_it_holds(tmp_path):
    for i in range(12):
        (tmp_path / f"{i:02}.csv").touch()
    with pytest.raises(ValueError, match=r"got none:\n  00\.csv: no kind") as caught:
        open_source(str(tmp_path))
    assert "... and 2 more" in str(caught.value)


def test_the_key_of_a_folder_changes_with_its_files(tmp_path):
    picture(tmp_path / "a.png")
    before = open_source(str(tmp_path)).key
    assert open_source(str(tmp_path)).key == before
    picture(tmp_path / "b.png")
    assert open_source(str(tmp_path)).key != before
    one = {seed: open_source(str(tmp_path), 1, seed).key for seed in range(8)}
    assert len(set(one.values())) == 2  # each of the two files
    assert open_source(str(tmp_path), 1, seed=0).key == one[0]
    assert before in one.values()


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "named.npz"])
def test_array_files(tmp_path, name):
    images = np.random.default_rng(0).integers(0, 256, (70, 4, 4, 3), "uint8")
    path = tmp_path / name
    if name == "named.npz":
        np.savez(path, images=images, labels=np.zeros(70))
    elif name == "a.npz":
        np.savez(path, images)
    else:
        np.save(path, images)
    source = open_source(str(path))
    assert source.count == 70
    np.testing.assert_array_equal(np.stack(all_of(source)), images)
    some = open_source(str(path), count=30)
    found = np.stack(all_of(some))
    assert some.count == len(found) == 30
    np.testing.assert_array_equal(found, np.stack(all_of(open_source(str(path), 30))))
    places = [
        i for i, image in enumerate(images) if (found == image).all((1, 2, 3)).any()
    ]
    assert len(places) == 30
    assert places[-1] > 40  # not the first ones
    other = open_source(str(path), count=30, seed=1)
    assert other.key != some.key
    assert some.key == open_source(str(path), count=30).key
    assert not np.array_equal(np.stack(all_of(other)), found)


def test_a_count_takes_of_every_class_of_a_folder(tmp_path):
    for i in range(30):
        picture(tmp_path / f"class{i // 10}" / f"{i}.png", seed=i)
    source = open_source(str(tmp_path), count=15)
    names = [name for name, *_ in json.loads(source.key)[1]]
    assert len(names) == len(all_of(source)) == 15
    assert {name.split("/")[0] for name in names} == {"class0", "class1", "class2"}


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
@pytest.mark.parametrize("left", [0, 50, 300])
def test_files_that_are_no_arrays_are_named(tmp_path, suffix, left):
    path = tmp_path / f"x{suffix}"
    images = np.zeros((9, 8, 8), "uint8")
    np.save(path, images) if suffix == ".npy" else np.savez(path, images)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ValueError, match=f"x{suffix} holds no images: "):
        open_source(str(path))
    path.write_bytes(b"\x93NUMPY, or text")
    with pytest.raises(ValueError, match=f"x{suffix} holds no images: "):
        open_source(str(path))
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(ValueError, match=f"x{suffix} holds no images: "):
        open_source(str(path))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 4)), r"shape \(3, 4\)"),
        (np.zeros((3, 4, 4, 2)), r"shape \(3, 4, 4, 2\)"),
        (np.zeros((0, 4, 4, 1)), r"shape \(0, 4, 4, 1\)"),
        (np.full((3, 4, 4), 255.0), "float64 from 255 to 255"),
        (np.zeros((3, 4, 4), "int32"), "int32 from 0 to 0"),
        (np.full((3, 4, 4), 300, "uint16"), r"uint16 from .*save \(images / 257\)"),
        (np.linspace(0, 1, 48).reshape((3, 4, 4)), r"from 0 to 1: save 2 \* images"),
        (np.array([[[[-1.0], [np.nan]]]]), "float64 from nan to nan"),
        (np.array([[[[-1.0], [np.inf]]]]), "from -1 to inf"),
        (np.zeros((9, 7, 3), "uint8"), r"\(9, 7, 3\): of one image .* image\[None\]"),
        (np.zeros((9, 7, 1), "uint8"), r"Expected images \(n, h, w, 1\)"),
        (np.array([None]), "holds no images: .*Python objects"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path, array, message):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(ValueError, match=message):
        open_source(str(tmp_path / "x.npy"))


def test_floats_pass_as_they_are(tmp_path):
    images = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4)).astype("float32")
    np.save(tmp_path / "x.npy", images)
    got = np.stack(all_of(open_source(str(tmp_path / "x.npy"))))
    np.testing.assert_array_equal(got, images[..., None])


def test_a_data_set_by_name():
    train, test = (
        next(split.as_numpy_iterator())
        for split in gan_zoo.data.load("mnist_sample", 2000)
    )
    whole = np.stack(all_of(open_source("mnist_sample@test")))
    np.testing.assert_array_equal(whole, test)
    # A training split comes shuffled; of a test split, some are drawn.
    first = np.stack(all_of(open_source("mnist_sample", count=70)))
    np.testing.assert_array_equal(first, train[:70])
    drawn = np.stack(all_of(open_source("mnist_sample@test", count=70)))
    places = [int(np.argmax((test == image).all((1, 2, 3)))) for image in drawn]
    np.testing.assert_array_equal(test[places], drawn)
    assert len(set(places)) == 70
    assert places[-1] > 1000
    keys = {open_source("mnist_sample@test", 70, seed).key for seed in (0, 0, 1)}
    assert len(keys) == 2
    assert open_source("mnist_sample").count == 10_000
    assert open_source("mnist_sample@test", count=9999).count == 2000


def test_the_key_of_a_folder_as_a_data_set_changes_with_its_files(tmp_path):
    for i in range(20):
        picture(tmp_path / f"{i}.png", seed=i)
    name = f"folder:{tmp_path}@test"
    before = open_source(name)
    assert open_source(name).key == before.key
    assert len(all_of(before)) == before.count > 0
    picture(tmp_path / "0.png", seed=99)
    assert open_source(name).key != before.key


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("mnist_sampel", FileNotFoundError, "Did you mean mnist_sample"),
        ("nowhere/at/all", FileNotFoundError, "none of them"),
        ("mnist_sample@validation", ValueError, "mnist_sample@test"),
        ("emoji_sample/paired", ValueError, "single images"),
        ("toy:ring", ValueError, "single images"),
        ("toy:rings", ValueError, "Did you mean 'toy:ring'"),
        ("runs/x/model.keras", FileNotFoundError, r"a \.keras file"),
        ("folder:nowhere@home/x", FileNotFoundError, "Expected a folder of images"),
        ("", ValueError, "got nothing"),
        ("x" * 5000, FileNotFoundError, "none of them"),
    ],
)
def test_names_of_nothing_are_explained(name, error, message):
    with pytest.raises(error, match=message):
        open_source(name)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        open_source(name, count=0)


def test_folders_that_cannot_be_loaded_say_why(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png", (5, 5))
    with pytest.raises(ValueError, match="images of one size"):
        open_source(f"folder:{tmp_path}")
    picture(tmp_path / "c@home" / "train" / "a.png")
    picture(tmp_path / "c@home" / "bus" / "a.png")
    with pytest.raises(ValueError, match="clearly splits or clearly not"):
        open_source(f"folder:{tmp_path / 'c@home'}")
    picture(tmp_path / "c@home" / "train" / "b.png")
    assert open_source(f"folder:{tmp_path / 'c@home' / 'train'}@test").count == 1


def test_a_folder_of_unclear_splits_is_named_as_advised(tmp_path):
    """There is no argument or flag for splits here."""
    for name in ("train/a.png", "bus/b.png", "bus/c.png"):
        picture(tmp_path / name)
    with pytest.raises(ValueError, match="got 'train' beside 'bus'") as caught:
        open_source(f"folder:{tmp_path}")
    assert "splits=" not in str(caught.value)
    assert f"folders itself, or pass {tmp_path} without folder:" in str(caught.value)
    assert open_source(str(tmp_path / "train")).count == 1
    assert open_source(str(tmp_path)).count == 3


def test_what_is_near_a_model_says_what_to_pass(tmp_path):
    """Weights alone do not say which networks they belong to."""
    (tmp_path / "run" / "checkpoints" / "step-000000009").mkdir(parents=True)
    (tmp_path / "run" / "settings.json").write_text("{}")
    with pytest.raises(ValueError, match=rf"checkpoints of a .* {tmp_path}/run -"):
        open_source(str(tmp_path / "run" / "checkpoints"), 4)
    (tmp_path / "gan.weights.h5").write_bytes(b"weights")
    with pytest.raises(ValueError, match=r"weights alone, .*gan\.weights\.h5\. Pass"):
        open_source(str(tmp_path / "gan.weights.h5"), 4)


def test_keys_are_text():
    assert isinstance(json.loads(open_source("mnist_sample", 5).key), list)
