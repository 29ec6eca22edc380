import io
import pathlib
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from testing import reference_data

import gan_zoo
from gan_zoo import data
from gan_zoo.data import bundled


def _save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def _noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def _scaled(pixels):
    return pixels.astype(np.float32) / np.float32(127.5) - np.float32(1)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Twenty images of 6 x 8 in two classes, each pixel of image i equal to 10 i."""
    root = tmp_path_factory.mktemp("photos")
    for i in range(20):
        name = root / f"class{i % 2}" / f"{i:02}.png"
        _save(name, np.full((6, 8, 3), 10 * i, np.uint8))
    return root


def test_mnist_sample_gives_its_pixels_and_digits():
    train, test = data.load("mnist_sample", 64, labels=True)
    image, label = train.element_spec
    assert (image.shape, image.dtype) == ((64, 28, 28, 1), tf.float32)
    assert (label.shape, label.dtype) == ((64,), tf.int32)
    assert (len(train), len(test)) == (156, 32)
    assert train.class_names == test.class_names == list("0123456789")
    known, held_out, _ = bundled.open_mnist_sample(labels=True)
    images, labels = next(test.as_numpy_iterator())
    np.testing.assert_array_equal(images, _scaled(held_out.sides[0].array[:64]))
    np.testing.assert_array_equal(labels, held_out.labels[:64])
    digits = {
        image.tobytes(): label
        for image, label in zip(
            _scaled(known.sides[0].array), known.labels, strict=True
        )
    }
    seen = [
        digits.pop(image.tobytes()) == label
        for images, labels in train.as_numpy_iterator()
        for image, label in zip(images, labels, strict=True)
    ]
    assert len(seen) == 9984
    assert all(seen)


def test_digits_at_32_have_a_black_margin_and_at_64_are_scaled():
    (small, _), (padded, _), (large, _) = (
        data.load("mnist_sample", 4, size) for size in (None, 32, (64, 48))
    )
    small, padded, large = (next(d.as_numpy_iterator()) for d in (small, padded, large))
    np.testing.assert_array_equal(padded[:, 2:-2, 2:-2], small)
    assert (padded[:, :2] == -1).all()
    assert large.shape == (4, 64, 48, 1)


def test_channels_can_be_chosen():
    grey, _ = data.load("mnist_sample", 4)
    colour, _ = data.load("mnist_sample", 4, channels=3)
    a, b = next(grey.as_numpy_iterator()), next(colour.as_numpy_iterator())
    np.testing.assert_array_equal(np.repeat(a, 3, -1), b)
    emoji, _ = data.load("emoji_sample/noto", 4, channels=1)
    assert emoji.element_spec.shape == (4, 32, 32, 1)
    black, _ = data.load("fluent_sample/high_contrast", 4)
    assert black.element_spec.shape == (4, 32, 32, 1)


def test_emoji_pairs_are_pairs_and_unpaired_emoji_are_not():
    known, _, _ = bundled.open_drawings("emoji_sample/paired")
    place = [
        {image.tobytes(): i for i, image in enumerate(_scaled(side.array))}
        for side in known.sides
    ]
    for kind, aligned in (("paired", True), ("unpaired", False)):
        train, test = data.load(f"emoji_sample/{kind}", 50, crop_from=32)
        numbers = np.array(
            [
                [places[image.tobytes()] for image in side]
                for batch in train.as_numpy_iterator()
                for places, side in [*zip(place, batch, strict=True)]
            ]
        ).reshape(-1, 2, 50)
        same = (numbers[:, 0] == numbers[:, 1]).mean()
        assert same == 1 if aligned else same < 0.02
        delivered = sum(len(a) for a, _ in test.as_numpy_iterator())
        assert delivered == len(
            bundled.open_drawings(f"emoji_sample/{kind}")[1].sides[0]
        )


def test_emoji_captions_belong_to_their_drawings():
    train, _ = data.load("emoji_sample/twemoji", 32, labels="name")
    images, names = next(train.as_numpy_iterator())
    known, _, _ = bundled.open_drawings("emoji_sample/twemoji", labels="name")
    for image, name in zip(images, names, strict=True):
        place = list(known.labels).index(name.decode())
        np.testing.assert_array_equal(image, _scaled(known.sides[0].array[place]))


def test_a_folder_with_labels(photos):
    train, test = data.load(f"folder:{photos}", 6, labels=True, flip=True)
    assert train.element_spec[0].shape == (6, 6, 8, 3)
    assert (len(train), len(test)) == (3, 1)
    assert train.class_names == ["class0", "class1"]
    images, labels = map(np.concatenate, zip(*[*train, *test], strict=True))
    numbers = np.rint((images[:, 0, 0, 0] + 1) * 12.75).astype(int)
    np.testing.assert_array_equal(np.sort(numbers), np.arange(20))
    np.testing.assert_array_equal(labels, numbers % 2)


def test_a_folder_resumes_bit_for_bit(photos):
    options = {"batch_size": 4, "seed": 7, "image_size": 4, "flip": True}
    options["crop_from"] = (6, 8)
    whole, _ = data.load(f"folder:{photos}", start=0, **options)
    late, _ = data.load(f"folder:{photos}", start=11, **options)
    whole = list(whole.take(15).as_numpy_iterator())[11:]
    np.testing.assert_array_equal(whole, list(late.take(4).as_numpy_iterator()))


def test_a_mixed_folder_is_refused_unless_a_size_is_given(tmp_path):
    for i in range(4):
        _save(tmp_path / f"{i}.png", _noise(6, 8, 3))
    _save(tmp_path / "grey.png", _noise(9, 9))
    _save(tmp_path / "TALL.PNG", _noise(12, 5, 4))
    with pytest.raises(ValueError, match="Expected images of one size, got") as caught:
        data.load(f"folder:{tmp_path}", 2)
    assert str(caught.value).count(str(tmp_path)) == 2
    assert "image_size=" in str(caught.value)
    train, test = data.load(f"folder:{tmp_path}", 2, (5, 7))
    assert train.element_spec.shape == (2, 5, 7, 3)
    assert test.element_spec.shape == (1, 5, 7, 3)
    assert len(list(train)) == 2


def test_a_folder_of_grey_images_stays_grey(tmp_path):
    for i in range(4):
        _save(tmp_path / f"{i}.png", _noise(4, 4, seed=i))
    train, _ = data.load(f"folder:{tmp_path}", 3)
    assert train.element_spec.shape == (3, 4, 4, 1)


def test_bad_files_are_an_early_error_or_skipped(photos, tmp_path):
    for i in range(5):
        _save(tmp_path / f"{i}.png", _noise(4, 4, 3, seed=i))
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ValueError, match=r"bad\.jpg"):
        data.load(f"folder:{tmp_path}", 2)
    train, test = data.load(
        f"folder:{tmp_path}", 2, on_bad_file="skip", test_fraction=0
    )
    assert test is None
    assert len(list(train)) == 2


def test_pairs_are_split_cropped_and_mirrored_alike(tmp_path):
    """The target is the negative of the input, whatever happens to both."""
    for folder in ("train", "val"):
        for i in range(4):
            left = _noise(8, 8, 3, seed=i)
            pair = np.concatenate([left, 255 - left], 1)
            _save(tmp_path / folder / f"{i}.png", pair)
    train, test = data.load(f"paired:{tmp_path}", 2, 6, crop_from=8, flip=True)
    for a, b in [*train, *train, *test]:
        assert a.shape == b.shape == (2, 6, 6, 3)
        np.testing.assert_allclose(a, -b, atol=0.01)
    _, right = data.load(f"paired:{tmp_path}", 4, input_side="right")
    b, a = next(right.as_numpy_iterator())
    expected = np.stack([_noise(8, 8, 3, seed=i) for i in range(4)])
    np.testing.assert_array_equal(a, _scaled(expected))
    np.testing.assert_array_equal(b, _scaled(255 - expected))


def test_unpaired_folders(tmp_path):
    for folder, n, value in (("trainA", 5, 0), ("trainB", 3, 255), ("testA", 2, 51)):
        for i in range(n):
            _save(tmp_path / folder / f"{i}.png", np.full((4, 4, 3), value, np.uint8))
    train, test = data.load(f"unpaired:{tmp_path}", 1)
    assert (len(train), len(test)) == (5, 1)
    for a, b in train:
        assert (a.numpy() == -1).all()
        assert (b.numpy() == 1).all()
    ((a, b),) = test
    np.testing.assert_allclose(a, 51 / 127.5 - 1, atol=1e-7)


def test_unpaired_test_sides_of_other_lengths_are_told(tmp_path, caplog):
    for folder, n in (("trainA", 2), ("trainB", 2), ("testA", 5), ("testB", 3)):
        for i in range(n):
            _save(tmp_path / folder / f"{i}.png", _noise(4, 4, 3))
    _, test = data.load(f"unpaired:{tmp_path}", 2)
    assert [len(a) for a, _ in test] == [len(b) for _, b in test] == [2, 1]
    assert "5 test images of A and 3 of B: the first 3 of each" in caplog.text


def test_a_file_that_is_cut_short_after_loading_is_an_error_that_names_it(tmp_path):
    for i in range(6):
        _save(tmp_path / f"{i}.png", _noise(8, 8, 3, seed=i))
    strict, _ = data.load(f"folder:{tmp_path}", 1, test_fraction=0)
    lenient, _ = data.load(f"folder:{tmp_path}", 1, test_fraction=0, on_bad_file="skip")
    cut = tmp_path / "3.png"
    cut.write_bytes(cut.read_bytes()[:80])
    with pytest.raises(tf.errors.OpError, match=r"3\.png could be decoded when"):
        list(strict)
    assert len(list(lenient)) == 6


def test_real_pairs(tmp_path):
    """The published facades: photograph left, labels right."""
    wanted = [f"facades/{s}/{i}.jpg" for s in ("train", "test") for i in range(1, 7)]
    with zipfile.ZipFile(reference_data("facades") / "facades_512x256.zip") as archive:
        first = np.asarray(Image.open(io.BytesIO(archive.read(wanted[6]))))
        archive.extractall(tmp_path, wanted)
    train, test = data.load(f"paired:{tmp_path}/facades", 2, input_side="right")
    assert train.element_spec[0].shape == (2, 256, 256, 3)
    labels, photo = next(test.as_numpy_iterator())
    np.testing.assert_array_equal(labels[0], _scaled(first[:, 256:]))
    np.testing.assert_array_equal(photo[0], _scaled(first[:, :256]))
    small, _ = data.load(f"paired:{tmp_path}/facades", 2, 128, crop_from=143, flip=True)
    assert small.element_spec[1].shape == (2, 128, 128, 3)
    assert len(list(small)) == 3


def test_toys_are_points():
    train, test = data.load("toy:grid", 500, start=3)
    assert train.element_spec.shape == test.element_spec.shape == (500, 2)
    expected = data.toy.sample("grid", 500, first=1500)
    np.testing.assert_array_equal(next(train.as_numpy_iterator()), expected)


def test_keras_fits_on_a_stream_for_several_epochs():
    train, test = data.load("mnist_sample", 500, labels=True)
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    # Keras 3.15 warns of its own default shuffle=True beside a tf.data.Dataset.
    options = {"epochs": 3, "shuffle": False, "verbose": 0}
    history = model.fit(train, validation_data=test, **options).history
    assert history["val_accuracy"][-1] > 0.75


def test_an_evaluation_uses_all_held_out_images(tmp_path):
    for folder, n in (("train", 8), ("test", 15)):
        for i in range(n):
            _save(tmp_path / folder / f"{i}.png", _noise(4, 4, seed=i))
    _, test = data.load(f"folder:{tmp_path}", 8)
    gan = gan_zoo.GAN((4, 4, 1), 3)
    x = keras.Input((4, 4, 1))
    pixels = keras.Model(x, keras.layers.Flatten()(x), name="pixels")
    gan.compile(metrics=[gan_zoo.metrics.FrechetDistance(pixels)])
    gan.evaluate(test, verbose=0)
    (protocol,) = gan.protocols().values()
    assert "15 real, 15 fake" in protocol


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minst", "Did you mean 'mnist'"),
        ("cycle_gan/horse2zebras", "Did you mean 'cycle_gan/horse2zebra'"),
        ("emoji_sample", "Did you mean 'emoji_sample/"),
        ("toy:rings", "Did you mean 'toy:ring'"),
        ("MNIST_sample", "Did you mean 'mnist_sample'"),
        ("Folder:/photos", "Did you mean 'folder:/photos'"),
        ("xyzzy", "Available: mnist_sample, "),
    ],
)
def test_unknown_names_list_the_known_ones(name, expected):
    with pytest.raises(ValueError, match="Expected the name of a data set") as caught:
        data.load(name)
    assert expected in str(caught.value)
    assert "folder:/path" in str(caught.value)


def test_a_bare_path_is_pointed_at_its_scheme(photos):
    with pytest.raises(ValueError, match=f"Did you mean 'folder:{photos}'"):
        data.load(str(photos))


@pytest.mark.parametrize("name", [pathlib.Path("photos"), None, 3])
def test_a_name_is_a_text(name):
    with pytest.raises(TypeError, match="write 'folder:/path'"):
        data.load(name)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size an int >= 1, got 0"),
        ({"batch_size": 1.5}, r"batch_size an int >= 1, got 1\.5"),
        ({"seed": -1}, "seed an int >= 0, got -1"),
        ({"seed": 2**31}, r"seed below 2\*\*31"),
        ({"start": -1}, "start an int >= 0, got -1"),
        ({"image_size": (1, 2, 3)}, "image_size an int or"),
        ({"image_size": 0}, "image_size an int >= 1, got 0"),
        ({"crop_from": 20}, "crop_from no smaller than the images"),
        ({"channels": 4}, "channels None, 1 or 3, got 4"),
        ({"batch_size": 20_000}, "got 10000 samples; pass batch_size=10000"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.load("mnist_sample", **arguments)


@pytest.mark.parametrize("name", ["toy:ring", "emoji_sample/paired", "paired:/x"])
def test_labels_where_there_are_none_are_refused(name):
    with pytest.raises(ValueError, match="Expected labels=False"):
        data.load(name, labels=True)


def test_importing_is_quick_because_tfds_waits():
    program = "import sys, gan_zoo.data; print('tensorflow_datasets' in sys.modules)"
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, capture_output=True, text=True).stdout == "False\n"


def test_every_name_is_distinct_and_leads_somewhere():
    assert len(set(data.NAMES)) == len(data.NAMES)
    for name in data.NAMES:
        if name.startswith(("toy:", "mnist_sample", "emoji_sample", "fluent_sample")):
            train, test = data.load(name, 2)
            assert len(train) > len(test) > 0


@pytest.mark.parametrize("labels", ["smiling", ["smiling"]])
def test_classes_have_no_attributes(photos, labels):
    for name in ("mnist_sample", "mnist", f"folder:{photos}"):
        with pytest.raises(ValueError, match="True or False for"):
            data.load(name, 4, labels=labels)
