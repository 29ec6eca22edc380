import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.inputs import Batch, Image, Label

IMAGE, LABEL = Image((2, 2, 1)), Label(3)
ALONE = Batch("GAN", {"images": IMAGE})
PAIR = Batch("CGAN", {"images": IMAGE, "labels": LABEL})
NESTED = Batch(
    "SemiSupervisedGAN",
    {"labelled": {"images": IMAGE, "labels": LABEL}, "unlabelled": IMAGE},
)
X, Y, U = np.zeros((4, 2, 2, 1), "float32"), np.arange(4) % 3, np.ones((6, 2, 2, 1))


@pytest.mark.parametrize(
    ("batch", "data", "parts"),
    [
        (ALONE, X, [X]),
        (ALONE, (X,), [X]),
        (ALONE, (X, Y), [X]),  # labels that are not used
        (ALONE, {"images": X, "id": Y}, [X]),
        (PAIR, (X, Y), [X, Y]),
        (PAIR, [X, Y], [X, Y]),
        (PAIR, ((X, Y),), [X, Y]),  # as Keras wraps several arrays
        (PAIR, (X, Y, None), [X, Y]),  # as Keras hands on what has no weights
        (PAIR, {"labels": Y, "images": X}, [X, Y]),
        (NESTED, ((X, Y), U), [X, Y, U]),
        (NESTED, {"unlabelled": U, "labelled": (X, Y)}, [X, Y, U]),
        (NESTED, {"unlabelled": U, "labelled": {"labels": Y, "images": X}}, [X, Y, U]),
    ],
)
def test_data_are_arranged_in_the_model_s_order(batch, data, parts):
    arranged = batch.arranged(data)
    assert [id(part) for part in arranged] == [id(part) for part in parts]
    again = batch.arranged(batch.packed(arranged))
    assert [id(part) for part in again] == [id(part) for part in parts]


def test_the_structure_in_words():
    assert [b.words for b in (ALONE, PAIR, NESTED)] == [
        "images",
        "(images, labels)",
        "((images, labels), unlabelled)",
    ]


@pytest.mark.parametrize(
    ("batch", "data", "error", "message"),
    [
        (PAIR, X, ValueError, r"expects batches \(images, labels\), got one part"),
        (PAIR, (X, Y, Y), TypeError, "Sample weights are not supported"),
        (PAIR, (X, Y, Y, Y), ValueError, "got 4 parts"),
        (PAIR, {"images": X}, ValueError, "got a dict of images, which lacks labels"),
        (
            PAIR,
            {"image": X, "label": Y},
            ValueError,
            r"Pass \(d\['image'\], d\['label'\]\) of the dict d\.",
        ),
        (ALONE, (X, Y, Y), TypeError, "Sample weights are not supported"),
        (NESTED, (X, Y), ValueError, "got one part of shape"),
    ],
)
def test_other_structures_are_refused(batch, data, error, message):
    with pytest.raises(error, match=message):
        batch.check(data)


def test_parts_have_as_many_rows():
    PAIR.check((X, Y))
    NESTED.check(((X, Y), U.astype("float32")))  # rows of their own
    with pytest.raises(ValueError, match="as many labels as images, got 3 and 4"):
        PAIR.check((X, Y[:3]))
    checked = tf.function(
        lambda x, y: PAIR.checked((x, y)),
        input_signature=[
            tf.TensorSpec((None, 2, 2, 1)),
            tf.TensorSpec((None,), tf.int64),
        ],
    )
    checked(X, Y)
    with pytest.raises(tf.errors.InvalidArgumentError, match="as many labels as image"):
        checked(X, Y[:3])


def test_rows_beyond_the_shortest_are_left_out_where_nothing_is_paired():
    batch = Batch("CycleGAN", {"a": IMAGE, "b": IMAGE}, unpaired=True)
    spec = tf.TensorSpec((None, 2, 2, 1))
    shortened = tf.function(lambda x, y: batch.checked((x, y)), [spec, spec])
    a, b = shortened(X, U[:2].astype("float32"))
    assert (len(a), len(b)) == (2, 2)
    np.testing.assert_array_equal(b, U[:2])
