import itertools

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data.first_images import first_images, first_rows

IMAGES = np.arange(10.0).reshape(10, 1, 1, 1)


@pytest.mark.parametrize("count", [1, 3, 4, 7, 10, 99])
def test_the_first_in_their_order(count):
    found = first_images(tf.data.Dataset.from_tensor_slices(IMAGES).batch(3), count)
    np.testing.assert_array_equal(found, IMAGES[:count])


def test_labels_beside_them_are_left_out():
    both = tf.data.Dataset.from_tensor_slices((IMAGES, -IMAGES[:, 0, 0, 0])).batch(4)
    np.testing.assert_array_equal(first_images(both, 6), IMAGES[:6])


def test_no_more_batches_are_read_than_needed():
    read = []

    def batches():
        for number in itertools.count():
            read.append(number)
            yield np.full(2, number)

    # TensorFlow reads ahead, by as much as it finds time for, unless told not to.
    options = tf.data.Options()
    options.autotune.enabled = False
    endless = tf.data.Dataset.from_generator(
        batches, output_signature=tf.TensorSpec(2, "int64")
    ).with_options(options)
    np.testing.assert_array_equal(first_images(endless, 3), [0, 0, 1])
    assert read == [0, 1]


def test_none_are_none():
    assert len(first_images(tf.data.Dataset.from_tensor_slices(IMAGES[:0]), 3)) == 0


def test_first_rows_of_each_part():
    data = tf.data.Dataset.from_tensor_slices((np.arange(10), np.arange(10) ** 2))
    for count, wanted in ((None, 10), (4, 4), (99, 10)):
        numbers, squares = first_rows(data.batch(3), count)
        np.testing.assert_array_equal(numbers, np.arange(wanted))
        np.testing.assert_array_equal(squares, np.arange(wanted) ** 2)
