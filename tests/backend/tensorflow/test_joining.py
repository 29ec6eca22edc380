import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import IMAGES, arrays_for
from models.systems import SYSTEMS
from replicas import two_replicas

import gan_zoo
from gan_zoo import backend
from gan_zoo.backend.tensorflow.feeding import as_dataset
from gan_zoo.networks.gan import mlp


def points(rows):
    return np.random.default_rng(0).normal(size=(rows, 2)).astype("float32")


def tiny(**kwargs):
    return gan_zoo.GAN(
        (2,), 3, generator=mlp(3, 2, 4), discriminator=mlp(2, 1, 4), **kwargs
    )


def test_joined_batches_come_apart_as_they_were():
    ds = tf.data.Dataset.range(24).batch(4, drop_remainder=True)
    joined = next(iter(backend.join_batches(ds, 3))).numpy()
    # Row i of batch k stands at i * 3 + k.
    np.testing.assert_array_equal(joined.reshape(4, 3).T, np.arange(12).reshape(3, 4))


def test_joined_batches_keep_structure_and_static_shapes():
    ds = tf.data.Dataset.from_tensor_slices((np.zeros((12, 5)), np.arange(12)))
    joined = backend.join_batches(ds.batch(4, drop_remainder=True), 3)
    assert [tuple(s.shape) for s in joined.element_spec] == [(12, 5), (12,)]


@pytest.mark.parametrize(("rows", "batches"), [(20, 5), (19, 4), (21, 5), (4, 0)])
def test_full_batches_leaves_out_a_last_one_that_is_short(rows, batches):
    ds = tf.data.Dataset.range(rows).batch(4)
    sizes = [len(b) for b in backend.full_batches(ds)]
    assert sizes == [4] * batches


def test_full_batches_leaves_out_the_last_where_it_may_be_short():
    """What a parallel map makes cannot be looked at out of turn."""
    ds = tf.data.Dataset.range(20).map(tf.negative, num_parallel_calls=2).batch(4)
    assert [len(b) for b in backend.full_batches(ds)] == [4] * 4
    assert backend.full_batches(ds, 5).cardinality() == 0
    assert backend.full_batches(ds, 3).cardinality() == 3
    endless = backend.full_batches(ds.repeat()).take(7)
    assert [len(b) for b in endless] == [4] * 7


@pytest.mark.parametrize(
    "again",
    [
        lambda ds: ds.batch(8).repeat(),
        lambda ds: ds.repeat().batch(8),
        lambda ds: ds.shuffle(9).repeat().batch(8),
    ],
    ids=["batches", "rows", "shuffled rows"],
)
def test_several_critic_steps_go_through_data_that_repeats(again):
    """No length is known of what repeats, so its last batch cannot be looked up."""
    gan = tiny(critic_steps=2)
    gan.compile()
    gan.fit(again(tf.data.Dataset.from_tensor_slices(points(24))).take(10), verbose=0)
    assert gan.trained_steps == 4


@pytest.fixture(scope="module")
def few_labels():
    """A semi-supervised model on two replicas; 8 labelled images that repeat; others.

    Returns:
        The model, and a function that zips batches of both.
    """
    with two_replicas().scope():
        model = SYSTEMS["SemiSupervisedGAN"].tiny()
    model.compile()
    pairs = tf.data.Dataset.from_tensor_slices((IMAGES[:8], np.arange(8) % 3))
    images = tf.data.Dataset.from_tensor_slices(IMAGES[:40])

    def data(rows, **kwargs):
        labelled = pairs.batch(8, **kwargs).repeat()
        return tf.data.Dataset.zip(labelled, images.batch(rows, **kwargs))

    return model, data


def test_two_replicas_take_few_labels_that_repeat(few_labels):
    model, data = few_labels
    model.fit(data(8), verbose=0)
    # Of 5 batches; whether the last is full is known only when it is read.
    assert model.trained_steps == 4


@pytest.mark.parametrize("known", [True, False])
def test_full_batches_looks_at_every_tensor(known):
    first, second = tf.data.Dataset.range(12).batch(4), tf.data.Dataset.range(11)
    ds = tf.data.Dataset.zip((first, first), second.batch(4))
    if not known:
        ds = ds.filter(lambda *_: True)
    sizes = [[len(b) for b in (x, y, z)] for (x, y), z in backend.full_batches(ds)]
    assert sizes == [[4, 4, 4]] * 2
    whole = tf.data.Dataset.zip(first, first)
    assert len(list(backend.full_batches(whole))) == 3


def test_two_replicas_refuse_odd_rows_of_any_tensor(few_labels):
    model, data = few_labels
    stated = "batch of 7 rows cannot be shared evenly by 2 replicas"
    with pytest.raises(ValueError, match=stated):
        model.fit(data(7, drop_remainder=True), verbose=0)
    found = r"2 replicas can share evenly, got 8 8 7 rows\."
    with pytest.raises(tf.errors.InvalidArgumentError, match=found):
        model.fit(data(7), verbose=0)


@pytest.mark.parametrize(("rows", "steps"), [(80, 2), (79, 1), (84, 2), (40, 1)])
def test_several_critic_steps_use_every_full_batch(rows, steps):
    gan = tiny(critic_steps=5)
    gan.compile()
    data = tf.data.Dataset.from_tensor_slices(points(rows)).shuffle(rows).batch(8)
    gan.fit(data, verbose=0)
    assert gan.trained_steps == steps


def test_looking_at_the_last_batch_leaves_the_order_of_later_epochs():
    def epochs(dataset):
        return [np.concatenate(list(dataset.as_numpy_iterator())) for _ in "ab"]

    def shuffled():
        return tf.data.Dataset.range(40).shuffle(40, seed=1).batch(4)

    np.testing.assert_array_equal(
        epochs(backend.full_batches(shuffled(), 5)), epochs(shuffled())
    )


def test_arrays_are_reshuffled_at_each_epoch_by_the_model_s_seed():
    numbers = np.arange(50)

    def epochs(seed):
        dataset = as_dataset(numbers, 8, shuffle=True, seed=seed)
        return [np.concatenate(list(dataset.as_numpy_iterator())) for _ in "ab"]

    (first, second), again = epochs(1), epochs(1)
    np.testing.assert_array_equal([first, second], again)
    assert len(first) == len(set(first)) == 48  # six full batches
    assert (first != second).any()
    assert (first != epochs(2)[0]).any()
    plain = np.concatenate(list(as_dataset(numbers, 8, shuffle=False, seed=1)))
    np.testing.assert_array_equal(plain, numbers[:48])


def measured(build):
    """A model that is compared with the features that a small network finds."""
    model = build()
    same = keras.initializers.GlorotUniform(seed=0)
    x = keras.Input(model.image_shape)
    features = keras.layers.Conv2D(4, 3, kernel_initializer=same)(x)
    network = keras.Model(x, features, name="small")
    model.compile(metrics=[gan_zoo.metrics.FrechetDistance(network)])
    return model


@pytest.mark.parametrize(
    ("name", "rows", "batch_size"),
    [
        ("BicycleGAN", 6, 3),
        ("FaceCompletion", 5, 4),
        ("Pix2Pix", 5, 4),
        ("ProjectionGAN", 5, 5),
        ("SemiSupervisedGAN", 5, 4),
        ("UNIT", 5, 4),
    ],
)
@pytest.mark.parametrize("as_data_set", [False, True])
def test_replicas_measure_what_they_cannot_share_evenly_as_one_device(
    name, rows, batch_size, as_data_set
):
    """They would draw other noise for such a batch, and one may get no rows at all."""
    weights, values = None, []
    for strategy in (None, two_replicas()):
        with strategy.scope() if strategy else contextlib.nullcontext():
            model = measured(SYSTEMS[name].tiny)
        weights = weights or model.get_weights()
        model.set_weights(weights)
        parts = arrays_for(model.test_batch, rows)
        rule = {"batch_size": batch_size}
        if as_data_set:
            parts = tf.data.Dataset.from_tensor_slices(parts).batch(**rule)
            rule = {}
        values.append(model.evaluate(parts, **rule, verbose=0))
    assert f"{rows} real, {rows} fake" in model.protocols()["frechet_small"]
    np.testing.assert_allclose(*values, rtol=1e-5)


def test_replicas_measure_unpaired_parts_of_unequal_length():
    images = tf.data.Dataset.from_tensor_slices(IMAGES[:8])
    data = tf.data.Dataset.zip(images.batch(2), images.batch(5))
    weights, values = None, []
    for strategy in (None, two_replicas()):
        with strategy.scope() if strategy else contextlib.nullcontext():
            model = measured(SYSTEMS["CycleGAN"].tiny)
        weights = weights or model.get_weights()
        model.set_weights(weights)
        values.append(model.evaluate(data, verbose=0))
        assert "8 real, 4 fake" in model.protocols()["frechet_small"]
    np.testing.assert_allclose(*values, rtol=1e-5)


def test_digits_are_measured_where_a_replica_gets_none():
    """The network of digits does not compute an empty batch."""
    with two_replicas().scope():
        gan = SYSTEMS["GAN"].tiny()
        gan.compile(metrics=[gan_zoo.metrics.FrechetDistance("mnist")])
    gan.evaluate(IMAGES[:5], batch_size=4, verbose=0)
    assert "5 real, 5 fake" in gan.protocols()["frechet_mnist"]
