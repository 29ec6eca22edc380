import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.inputs import Label


def test_drawn_labels_are_all_classes_equally():
    with backend.draws((3, 0)):
        labels = Label(4).draw(8000).numpy()
    assert labels.dtype == np.int32
    shares = np.bincount(labels, minlength=4) / 8000
    np.testing.assert_allclose(shares, 0.25, atol=0.02)  # 4 standard deviations


def test_one_label_stands_for_all():
    for given, wanted in ((2, [2, 2]), ([0, 2], [0, 2]), (range(2), [0, 1])):
        labels = Label(3).given("labels", given, 2)
        np.testing.assert_array_equal(labels, wanted)
        assert labels.dtype == np.int32


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (3, ValueError, "labels from 0 to 2, got 3"),
        (-1, ValueError, "from 0 to 2, got -1"),
        ([0, 1], ValueError, r"or \(4,\), a row per image, got \(2,\)"),
        (1.0, TypeError, "labels to be integers, got float64"),
        (2**32, ValueError, "got 4294967296"),
    ],
)
def test_wrong_labels_say_what_was_expected(labels, error, message):
    with pytest.raises(error, match=message):
        Label(3).given("labels", labels, 4)


@pytest.mark.parametrize("wrong", [-1, 3, 2**32])
def test_labels_of_a_data_set_are_checked_in_the_graph(wrong):
    good = tf.constant([0, 2, 1], tf.int64)
    bad = tf.constant([0, wrong, 1], tf.int64)
    checked = tf.function(lambda x: Label(3).checked("labels", x), autograph=False)
    np.testing.assert_array_equal(checked(good), [0, 2, 1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels from 0 to 2"):
        checked(bad)
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"Got: {wrong}"):
        Label(3).checked("labels", bad)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros(4), r"got float64 of shape \(n,\)\. Write tf\.cast"),
        (np.array(["a", "b"]), "strings or objects.*return_inverse"),
        (np.eye(3, dtype="int32"), r"\(n, 3\)\. For one-hot rows write tf\.argmax"),
        (np.zeros((4, 1), "uint8"), r"labels\[:, 0\]\.$"),
        (np.zeros((4, 1)), r"tf\.cast\(labels\[:, 0\]"),
        (np.zeros((4, 1, 1), "int32"), "one number per image"),
    ],
)
def test_other_data_are_refused_with_the_fix(data, message):
    with pytest.raises(ValueError, match=message):
        Label(3).check_spec("CGAN", "labels", data)
    Label(3).check_spec("CGAN", "labels", tf.TensorSpec((None,), tf.int64))


def test_networks_take_a_number_each():
    for shape in ((), (1,)):
        Label(10).check_network("generator", shape)
    with pytest.raises(ValueError, match=r"critic to take labels .* got .* \(10,\)"):
        Label(10).check_network("critic", (10,))


def test_numpy_s_counts_become_plain_integers():
    """A configuration keeps plain ones only."""
    count = Label(np.int64(3)).num_classes
    assert (count, type(count)) == (3, int)
    for wrong in (np.float64(3), "3", np.int64(0), 1):
        with pytest.raises(ValueError, match="integer of at least 2, got"):
            Label(wrong)


def test_classes_with_names_are_given_by_name_or_number():
    label = Label(names=("photo", "drawing", "map"))
    assert label.num_classes == 3
    assert label.about == "a class: 0 photo, 1 drawing, 2 map"
    for given, wanted in (
        ("map", [2, 2]),
        (["map", "photo"], [2, 0]),
        (np.array(["photo", "drawing"]), [0, 1]),
        (1, [1, 1]),
    ):
        labels = label.given("to", given, 2)
        np.testing.assert_array_equal(labels, wanted)
        assert labels.dtype == np.int32
    with pytest.raises(ValueError, match="to out of photo, drawing, map, got plan"):
        label.given("to", ["map", "plan"], 2)
    with pytest.raises(ValueError, match=r"each one once, got \['a', 'a'\]"):
        Label(names=["a", "a"])
    with pytest.raises(ValueError, match="each one once, got 'ab'"):
        Label(names="ab")
    with pytest.raises(ValueError, match="2 names of classes"):
        Label(2, names=["a", "b", "c"])
