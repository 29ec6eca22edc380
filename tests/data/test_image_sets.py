import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo.data import image_sets, left_out


def _noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def _encoded(folder, arrays, half=None):
    paths = []
    for i, array in enumerate(arrays):
        paths.append(folder / f"{i}.png")
        Image.fromarray(array).save(paths[-1])
    names = [path.name for path in paths]
    shapes = [array.shape[:2] for array in arrays]
    return image_sets.EncodedImages(paths, names, shapes, grey=False, half=half)


def test_arrays_are_fetched_by_number():
    array = _noise(6, 4, 5, 3)
    fetch = image_sets.ArrayImages(array).fetcher((4, 5), 3)
    np.testing.assert_array_equal(fetch(tf.constant([4, 0, 4])), array[[4, 0, 4]])


def test_digits_are_padded_to_32_and_scaled_to_other_sizes():
    digits = image_sets.ArrayImages(_noise(2, 28, 28, 1), (32, 32))
    padded = digits.fetcher((32, 32), 1)(tf.constant([0, 1])).numpy()
    np.testing.assert_array_equal(padded[:, 2:-2, 2:-2], digits.array)
    assert padded.sum() == digits.array.sum(dtype=np.uint64)
    tripled = digits.fetcher((32, 32), 3)(tf.constant([0, 1])).numpy()
    np.testing.assert_array_equal(tripled, np.repeat(padded, 3, -1))
    assert digits.fetcher((64, 64), 1)(tf.constant([0])).shape == (1, 64, 64, 1)


def test_files_are_fetched_by_number(tmp_path):
    arrays = [_noise(4, 6, 3, seed=i) for i in range(4)]
    fetch = _encoded(tmp_path, arrays).fetcher((4, 6), 3)
    np.testing.assert_array_equal(fetch(tf.constant([2, 0])), [arrays[2], arrays[0]])
    traced = tf.function(fetch, input_signature=[tf.TensorSpec([3], tf.int64)])
    assert traced.get_concrete_function().outputs[0].shape == (3, 4, 6, 3)


def test_halves_of_a_pair(tmp_path):
    arrays = [_noise(4, 10, 3)]
    left = _encoded(tmp_path, arrays, "left").fetcher((4, 5), 3)(tf.constant([0]))
    right = _encoded(tmp_path, arrays, "right").fetcher((4, 5), 3)(tf.constant([0]))
    np.testing.assert_array_equal(left[0], arrays[0][:, :5])
    np.testing.assert_array_equal(right[0], arrays[0][:, 5:])


def test_a_file_that_vanishes_later_is_replaced_and_named_once(tmp_path, caplog):
    left_out.warn_once.cache_clear()
    arrays = [_noise(4, 4, 3, seed=i) for i in range(3)]
    encoded = _encoded(tmp_path, arrays)
    (tmp_path / "2.png").unlink()
    np.testing.assert_array_equal(encoded.read(2, (4, 4), 3), arrays[0])
    encoded.read(2, (4, 4), 3)  # as the next pass over the data does
    assert caplog.text.count("Skipped 2.png") == 1
    for i in range(2):
        (tmp_path / f"{i}.png").write_bytes(b"")
    with pytest.raises(OSError, match=r"10 failures in a row from 2\.png"):
        encoded.read(2, (4, 4), 3)


def test_a_file_that_vanishes_later_is_an_error_that_names_it(tmp_path):
    encoded = _encoded(tmp_path, [_noise(4, 4, 3)] * 2)
    strict = dataclasses.replace(encoded, on_bad_file="error")
    (tmp_path / "1.png").write_bytes((tmp_path / "1.png").read_bytes()[:60])
    with pytest.raises(OSError, match=r"1\.png could be decoded when .* truncated"):
        strict.read(1, (4, 4), 3)
    stream = tf.data.Dataset.from_tensors([1]).map(strict.fetcher((4, 4), 3))
    with pytest.raises(tf.errors.OpError, match=r"1\.png could be decoded"):
        list(stream)


def test_a_replacement_is_of_the_same_class(tmp_path):
    arrays = [_noise(4, 4, 3, seed=i) for i in range(6)]
    classes = np.array([0, 1, 0, 1, 1, 0])
    encoded = dataclasses.replace(_encoded(tmp_path, arrays), classes=classes)
    for i in (1, 3, 5):
        (tmp_path / f"{i}.png").unlink()
    np.testing.assert_array_equal(encoded.read(1, (4, 4), 3), arrays[4])
    np.testing.assert_array_equal(encoded.read(5, (4, 4), 3), arrays[0])
    (tmp_path / "4.png").unlink()
    with pytest.raises(OSError, match=r"failures in a row from 1\.png"):
        encoded.read(1, (4, 4), 3)


def test_the_common_size_or_two_that_differ(tmp_path):
    arrays = [_noise(4, 6, 3), _noise(4, 6, 3), _noise(5, 6, 3)]
    same = image_sets.Split((_encoded(tmp_path, arrays[:2]),))
    assert image_sets.common_size([same, same]) == (4, 6)
    mixed = image_sets.Split((_encoded(tmp_path, arrays),))
    with pytest.raises(ValueError, match=r"4 x 6 \(0\.png\) and 5 x 6 \(2\.png\)"):
        image_sets.common_size([same, mixed])


def test_a_labelled_split_gives_labels_beside_images():
    labels = np.array([3, 1, 2], np.int32)
    array = _noise(3, 4, 4, 1)
    split = image_sets.Split((image_sets.ArrayImages(array),), labels=labels)
    images, fetched = split.source((4, 4), 1).fetch(tf.constant([2, 0]))
    np.testing.assert_array_equal(images, array[[2, 0]])
    np.testing.assert_array_equal(fetched, [2, 3])
