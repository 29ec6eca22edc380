"""The real tfds builders, offline: on original files where this machine has them, and
on small files of the same layout placed where tfds keeps its downloads."""

import io
import json
import tarfile
import time
import zipfile

import numpy as np
import pytest
from PIL import Image
from testing import reference_data

from gan_zoo import data
from gan_zoo.data import tfds_sets


def _place(data_dir, builder_name, contents):
    """Puts files {original name: bytes} where tfds looks for finished downloads."""
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import resource

    infos = tfds.builder_cls(builder_name).url_infos
    folder = data_dir / "downloads" / builder_name
    folder.mkdir(parents=True)
    for url, info in infos.items():
        if info.filename in contents:
            path = folder / resource.get_dl_fname(url, info.checksum)
            path.write_bytes(contents[info.filename])
            note = path.with_name(path.name + ".INFO")
            note.write_text(json.dumps({"original_fname": info.filename}))


def _jpeg(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def _zip(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _flat(split, side=0):
    """One number per image: the brightness of its centre."""
    encoded = split.sides[side]
    height, width = encoded.shapes[0]
    images = [encoded.read(i, (height, width), 3) for i in range(len(encoded))]
    return [image[height // 2, width // 2].mean() for image in images]


def test_mnist_from_the_original_files_placed_by_hand(tmp_path):
    train, test, classes = tfds_sets.open_arrays(
        "mnist", labels=True, data_dir=tmp_path, manual_dir=reference_data("mnist")
    )
    assert classes == list("0123456789")
    assert train.sides[0].array.shape == (60_000, 28, 28, 1)
    assert test.sides[0].array.shape == (10_000, 28, 28, 1)
    # MNIST has 5,923 zeros and 5,421 fives to train on, 980 and 892 to test with.
    assert [(train.labels == d).sum() for d in (0, 5)] == [5923, 5421]
    assert [(test.labels == d).sum() for d in (0, 5)] == [980, 892]
    assert train.sides[0].array.mean() == pytest.approx(33.318, abs=1e-3)
    # Prepared once, the originals are not asked for again.
    again, _, _ = tfds_sets.open_arrays("mnist", data_dir=tmp_path)
    np.testing.assert_array_equal(again.sides[0].array, train.sides[0].array)
    assert again.labels is None
    stacks, _ = data.load("stacked_mnist", 4, data_dir=tmp_path)
    assert next(stacks.as_numpy_iterator()).shape == (4, 28, 28, 3)


def test_facades_from_the_original_pairs(tmp_path):
    """256 x 256 halves of the published pairs, packed as CycleGAN publishes them."""
    files = {}
    with zipfile.ZipFile(reference_data("facades") / "facades_512x256.zip") as archive:
        for name in archive.namelist():
            split, _, stem = name.removeprefix("facades/").partition("/")
            if split not in ("train", "test") or len(stem) > 6:  # 99 of each at most
                continue
            pair = Image.open(io.BytesIO(archive.read(name)))
            for side, left in (("A", 0), ("B", 256)):
                half = np.asarray(pair.crop((left, 0, left + 256, 256)))
                files[f"facades/{split}{side}/{stem}"] = _jpeg(half)
    _place(tmp_path, "cycle_gan", {"facades.zip": _zip(files)})
    train, test, _ = tfds_sets.open_cycle_gan("cycle_gan/facades", tmp_path)
    count = sum("trainA" in name for name in files)
    assert [len(side) for side in train.sides] == [count, count]
    assert not train.aligned
    assert set(train.sides[0].shapes) == {(256, 256)}
    originals = {data for name, data in files.items() if "trainA" in name}
    assert set(train.sides[0].items) == originals
    assert len(test.sides[1]) == sum("testB" in name for name in files)


def test_cycle_gan_on_small_files(tmp_path):
    files = {
        f"horse2zebra/{split}{side}/{i}.jpg": _jpeg(
            np.full((8, 8, 3), base + 10 * i, np.uint8)
        )
        for split, side, n, base in (
            ("train", "A", 5, 0),
            ("train", "B", 3, 100),
            ("test", "A", 2, 150),
            ("test", "B", 1, 200),
        )
        for i in range(n)
    }
    _place(tmp_path, "cycle_gan", {"horse2zebra.zip": _zip(files)})
    train, test, _ = tfds_sets.open_cycle_gan("cycle_gan/horse2zebra", tmp_path)
    np.testing.assert_allclose(sorted(_flat(train, 0)), [0, 10, 20, 30, 40], atol=1)
    np.testing.assert_allclose(sorted(_flat(train, 1)), [100, 110, 120], atol=1)
    np.testing.assert_allclose(sorted(_flat(test, 0)), [150, 160], atol=1)
    np.testing.assert_allclose(_flat(test, 1), [200], atol=1)


@pytest.fixture(scope="module")
def celeb_a(tmp_path_factory):
    """Nine aligned faces, each of its own brightness; partition 0, 0, ..., 1, 2, 2.

    The margins outside of the central square are white.
    """
    from tensorflow_datasets.datasets.celeb_a import celeb_a_dataset_builder as celeb_a

    names = [f"{i:06}.jpg" for i in range(1, 10)]
    images = {}
    for i, name in enumerate(names):
        face = np.full((218, 178, 3), 20 * i, np.uint8)
        face[:20] = face[198:] = 255
        images[f"img_align_celeba/{name}"] = _jpeg(face)
    # Attribute k of image i is bit k of i.
    signs = [
        " ".join("1" if i >> k & 1 else "-1" for k in range(40))
        for i in range(len(names))
    ]
    rows = [f"{name} {sign}\n" for name, sign in zip(names, signs, strict=True)]
    marks = [f"{name} {' '.join('1' * 10)}\n" for name in names]
    partition = [0, 0, 0, 0, 0, 0, 1, 2, 2]
    data_dir = tmp_path_factory.mktemp("tfds")
    texts = {
        "list_eval_partition.txt": "".join(
            f"{name} {part}\n" for name, part in zip(names, partition, strict=True)
        ),
        "list_attr_celeba.txt": f"9\n{' '.join(celeb_a.ATTR_HEADINGS)}\n"
        + "".join(rows),
        "list_landmarks_align_celeba.txt": f"9\n{' '.join(celeb_a.LANDMARK_HEADINGS)}\n"
        + "".join(marks),
        "identity_CelebA.txt": "".join(f"{name} 7\n" for name in names),
    }
    contents = {name: text.encode() for name, text in texts.items()}
    contents["img_align_celeba.zip"] = _zip(images)
    _place(data_dir, "celeb_a", contents)
    return data_dir, celeb_a.ATTR_HEADINGS


def test_celeb_a_splits_and_attributes(celeb_a):
    data_dir, headings = celeb_a
    train, test, names = tfds_sets.open_celeb_a(True, data_dir)
    assert sorted(names) == sorted(headings)
    assert train.sides[0].shapes == [(218, 178)] * 6
    assert not train.sides[0].grey
    for split, expected in ((train, range(6)), (test, (7, 8))):
        numbers = np.rint(np.array(_flat(split)) / 20).astype(int)
        assert sorted(numbers) == list(expected)
        for number, row in zip(numbers, split.labels, strict=True):
            bits = dict(zip(names, row, strict=True))
            assert [bits[h] for h in headings] == [number >> k & 1 for k in range(40)]


def test_celeb_a_streams_the_central_square_at_64(celeb_a):
    data_dir, _ = celeb_a
    train, test = data.load("celeb_a", 3, labels="Male", data_dir=data_dir, flip=True)
    assert train.element_spec[0].shape == (3, 64, 64, 3)
    assert train.element_spec[1].shape == (3,)
    assert train.class_names == ["Male"]
    assert (len(train), len(test)) == (2, 1)
    brightness = [image.mean((1, 2, 3)) for image, _ in train.as_numpy_iterator()]
    brightness = np.sort(np.concatenate(brightness))
    expected = np.arange(0, 120, 20) / 127.5 - 1
    np.testing.assert_allclose(brightness, expected, atol=0.03)


def test_celeb_a_by_names_of_attributes(celeb_a):
    data_dir, headings = celeb_a
    names = [headings[2], headings[0]]
    train, _, classes = tfds_sets.open_celeb_a(names, data_dir)
    assert classes == names
    numbers = np.rint(np.array(_flat(train)) / 20).astype(int)
    np.testing.assert_array_equal(
        train.labels, np.stack([numbers >> 2 & 1, numbers & 1], 1)
    )
    train, _, _ = tfds_sets.open_celeb_a(headings[1], data_dir)
    np.testing.assert_array_equal(train.labels, numbers >> 1 & 1)
    assert tfds_sets.open_celeb_a(False, data_dir)[0].labels is None
    with pytest.raises(ValueError, match=r"\(5_o_Clock_Shadow, .*got 'Smilling'"):
        tfds_sets.open_celeb_a(["Smilling"], data_dir)


def test_cifar10_on_small_files(tmp_path):
    stream = io.BytesIO()
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 3, 32, 32), np.uint8)
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:

        def add(name, data):
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

        add("batches.meta.txt", "\n".join(f"class{i}" for i in range(10)).encode())
        for i in range(6):
            name = f"data_batch_{i + 1}.bin" if i < 5 else "test_batch.bin"
            add(name, bytes([i]) + pixels[i].tobytes())
    _place(tmp_path, "cifar10", {"cifar-10-binary.tar.gz": stream.getvalue()})
    train, test, classes = tfds_sets.open_arrays("cifar10", True, tmp_path)
    assert classes == [f"class{i}" for i in range(10)]
    assert sorted(train.labels) == list(range(5))
    for image, label in zip(train.sides[0].array, train.labels, strict=True):
        np.testing.assert_array_equal(image, pixels[label].transpose(1, 2, 0))
    np.testing.assert_array_equal(test.sides[0].array[0], pixels[5].transpose(1, 2, 0))
    assert train.sides[0].padded_size is None


@pytest.fixture
def no_network(monkeypatch):
    import requests

    def fail(url, **_):
        raise requests.ConnectionError(f"no route to {url}")

    monkeypatch.setattr(requests, "get", fail)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("mnist", "train-images-idx3-ubyte.gz (9.45 MiB)  https://"),
        ("kmnist", "train-images-idx3-ubyte.gz (17.32 MiB)  http://codh"),
        ("fashion_mnist", "t10k-labels-idx1-ubyte.gz"),
        ("cifar10", "cifar-10-binary.tar.gz"),
        ("celeb_a", "list_landmarks_align_celeba.txt"),
        ("cycle_gan/horse2zebra", "horse2zebra.zip (111.45 MiB)"),
    ],
)
def test_without_a_network_the_error_comes_at_once_and_teaches(tmp_path, name, file):
    begin = time.monotonic()
    with pytest.raises(OSError, match="got nothing there") as caught:
        tfds_sets.prepare(name, tmp_path)
    assert time.monotonic() - begin < 10
    message = str(caught.value)
    assert "no route to http" in message
    assert file in message
    assert ("apple2orange.zip" in message) == (name == "cycle_gan/apple2orange")
    assert f'load("{name}", manual_dir=' in message
    assert str(tmp_path) in message
    assert type(caught.value.__cause__).__name__ == "ConnectionError"


def test_a_damaged_original_is_named(tmp_path):
    manual = tmp_path / "manual"
    manual.mkdir()
    for part in ("train-images-idx3", "train-labels-idx1"):
        (manual / f"{part}-ubyte.gz").write_bytes(b"damaged")
    for part in ("t10k-images-idx3", "t10k-labels-idx1"):
        (manual / f"{part}-ubyte.gz").write_bytes(b"damaged")
    with pytest.raises(OSError, match="wrong checksum") as caught:
        tfds_sets.prepare("mnist", tmp_path / "data", manual)
    assert "manual_dir='" in str(caught.value)
    assert "ubyte.gz" in str(caught.value)
    assert type(caught.value.__cause__).__name__ == "NonMatchingChecksumError"


@pytest.mark.usefixtures("no_network")
def test_what_manual_dir_lacks_is_shown(tmp_path):
    (tmp_path / "train-images.idx3-ubyte").touch()  # unpacked under another name
    with pytest.raises(OSError, match=r"holds \['train-images\.idx3-ubyte'\]"):
        tfds_sets.prepare("mnist", tmp_path / "data", tmp_path)
    with pytest.raises(FileNotFoundError, match="which is none"):
        tfds_sets.prepare("mnist", tmp_path, tmp_path / "nowhere")
