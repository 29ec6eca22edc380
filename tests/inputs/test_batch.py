import numpy as np
import pytest
import tensorflow as tf
from models.systems import SYSTEMS

import gan_zoo
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
        (ALONE, (X, X), ValueError, r"got a pair, .*ds\.map\(lambda a, b: a\)"),
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


# By the methods of a model.

IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype("float32")
LABELS = np.arange(8) % 3


def measured():
    model = SYSTEMS["CGAN"].tiny()
    model.compile(metrics=[gan_zoo.metrics.FrechetDistance("mnist")])
    return model


def rows_of(*parts):
    return tf.data.Dataset.from_tensor_slices(parts if len(parts) > 1 else parts[0])


def named(**parts):
    return tf.data.Dataset.from_tensor_slices(parts).batch(4)


def test_dicts_by_the_model_s_names_are_taken_in_any_order():
    by_name, by_order = measured(), measured()
    by_name.set_weights(by_order.get_weights())
    more = {"note": np.array(["x"] * 8), "more": IMAGES}
    dicts = named(labels=LABELS, images=IMAGES, **more)
    pairs = rows_of(IMAGES, LABELS).batch(4)
    by_name.fit(dicts, validation_data=dicts, verbose=0)
    by_order.fit(pairs, validation_data=pairs, verbose=0)
    for a, b in zip(by_name.get_weights(), by_order.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    wanted = by_order.evaluate(pairs, verbose=0)
    assert by_name.evaluate(dicts, verbose=0) == wanted
    arrays = {"labels": LABELS, "images": IMAGES}
    assert by_name.evaluate(arrays, batch_size=4, verbose=0) == wanted
    for model, data in ((by_name, (arrays,)), (by_order, (IMAGES, LABELS))):
        model.fit(*data, batch_size=4, shuffle=False, verbose=0)
    for a, b in zip(by_name.get_weights(), by_order.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_names_that_a_dict_lacks_are_named():
    model = measured()
    theirs = {"image": IMAGES, "labels": LABELS}
    refused = pytest.raises(ValueError, match=r"lacks images.*d\['image'\]")
    for data in (named(**theirs), theirs):
        with refused:
            model.fit(data, verbose=0)
        with refused:
            model.evaluate(data, verbose=0)
    with pytest.raises(ValueError, match=r"got a dict of .*, which lacks labels"):
        model.fit(named(images=IMAGES), verbose=0)


def test_images_and_labels_of_unequal_numbers_are_refused():
    model = measured()
    images, labels = rows_of(IMAGES[:6]), rows_of(LABELS)
    known = [
        (IMAGES[:6], LABELS),
        (tf.data.Dataset.zip(images.batch(3, True), labels.batch(4, True)),),
    ]
    # Its last batch holds two images and four labels.
    open_ended = tf.data.Dataset.zip(images.batch(4), labels.batch(4))
    for method in (model.fit, model.evaluate):
        for data in known:
            with pytest.raises(ValueError, match="as many labels as images"):
                method(*data, verbose=0)
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="as many labels as images"
        ):
            method(open_ended, verbose=0)
