import numpy as np
import pytest
import tensorflow as tf
from replicas import two_replicas

from gan_zoo import data
from gan_zoo.data import pipeline

SIZE = 4


def _source(*lengths, labels=False):
    """Images whose every pixel spells the number of the image."""

    def fetch(*indices):
        ramp = tf.cast(tf.range(SIZE * SIZE), tf.uint8)
        images = [
            tf.reshape(tf.cast(i, tf.uint8)[:, None] + ramp, (-1, SIZE, SIZE, 1))
            for i in indices
        ]
        return (*images, indices[0]) if labels else tuple(images)

    return pipeline.Source(lengths, fetch)


def _numbers(images):
    """Undoes `scale` on the first pixel, where `_source` writes the number."""
    return np.rint((images[:, 0, 0, 0] + 1) * 127.5).astype(int)


def _take(dataset, n):
    return list(dataset.take(n).as_numpy_iterator())


def test_scale_is_exact():
    pixels = np.arange(256, dtype=np.uint8)
    expected = pixels.astype(np.float32) / np.float32(127.5) - np.float32(1)
    scaled = pipeline.scale(tf.constant(pixels)).numpy()
    np.testing.assert_array_equal(scaled, expected)
    assert scaled.dtype == np.float32
    assert (scaled[0], scaled[-1]) == (-1, 1)


@pytest.mark.parametrize("augmented", [{}, {"crop": (3, 2), "flip": True}])
def test_a_stream_entered_in_the_middle_is_the_stream(augmented):
    source = _source(50, labels=True)
    whole = _take(pipeline.train_batches(source, 8, 3, start=0, **augmented), 50)
    late = _take(pipeline.train_batches(source, 8, 3, start=37, **augmented), 13)
    for (image, label), (late_image, late_label) in zip(whole[37:], late, strict=True):
        np.testing.assert_array_equal(image, late_image)
        np.testing.assert_array_equal(label, late_label)


def test_entering_far_away_costs_nothing():
    (batch,) = _take(pipeline.train_batches(_source(50), 8, start=10**12), 1)
    assert batch.shape == (8, SIZE, SIZE, 1)


def test_each_epoch_visits_each_sample_once_in_an_order_of_its_own():
    epochs = [
        np.concatenate(_take(pipeline.train_batches(_source(60), 10, start=6 * e), 6))
        for e in range(5)
    ]
    orders = [_numbers(epoch) for epoch in epochs]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(60))
    for a in range(5):
        for b in range(a):
            assert (orders[a] == orders[b]).sum() < 10  # one match is expected


def test_the_remainder_that_an_epoch_drops_differs_between_epochs():
    dropped = set()
    batches = _take(pipeline.train_batches(_source(59), 8, start=0), 7 * 40)
    for epoch in _numbers(np.concatenate(batches)).reshape(40, 56):
        assert len(set(epoch)) == 56
        dropped |= set(range(59)) - set(epoch)
    assert len(dropped) > 45


def test_no_place_in_the_order_is_favoured():
    orders = np.stack([pipeline.order(e, 7, 7, seed=0) for e in range(3000)])
    for place in orders.T:
        np.testing.assert_allclose(np.bincount(place) / 3000, 1 / 7, atol=0.02)
    pairs = [orders[:-1, 0], orders[1:, 0]], [orders[:, 0], orders[:, 1] - 7 / 2]
    assert abs(np.corrcoef(*pairs[0])[0, 1]) < 0.05
    # Two places of one permutation of 7 are correlated by -1/6.
    assert abs(np.corrcoef(*pairs[1])[0, 1] + 1 / 6) < 0.05


def test_epochs_and_seeds_have_unrelated_orders():
    orders = [pipeline.order(e, 5000, 5000, s) for s in range(3) for e in range(3)]
    correlation = np.corrcoef(np.stack(orders))
    np.testing.assert_allclose(correlation, np.eye(9), atol=0.06)


def test_the_finite_stream_is_one_epoch_of_the_endless_one_each_time():
    finite = pipeline.train_batches(_source(50), 8, 5, flip=True)
    endless = pipeline.train_batches(_source(50), 8, 5, start=0, flip=True)
    assert finite.cardinality() == len(finite) == 6
    assert endless.cardinality() == tf.data.INFINITE_CARDINALITY
    expected = _take(endless, 18)
    seen = [batch for _ in range(3) for batch in finite.as_numpy_iterator()]
    np.testing.assert_array_equal(seen, expected)


def test_two_streams_of_one_seed_agree_and_of_two_seeds_do_not():
    def epoch(seed):
        return np.stack(list(pipeline.train_batches(_source(50), 8, seed)))

    np.testing.assert_array_equal(epoch(1), epoch(1))
    assert (epoch(1) != epoch(2)).any()


def test_shapes_are_static():
    train = pipeline.train_batches(_source(50, labels=True), 8, crop=(3, 2))
    image, label = train.element_spec
    assert image.shape == (8, 3, 2, 1)
    assert label.shape == (8,)


def test_less_than_a_batch_is_refused():
    with pytest.raises(ValueError, match="full batch of 8 training samples, got 5"):
        pipeline.train_batches(_source(5), 8)


def test_unaligned_sides_are_shuffled_apart_and_the_shorter_one_wraps():
    batches = _take(pipeline.train_batches(_source(40, 15), 5, start=0), 24)
    a = _numbers(np.concatenate([a for a, _ in batches]))
    b = _numbers(np.concatenate([b for _, b in batches]))
    for epoch in a.reshape(3, 40):
        np.testing.assert_array_equal(np.sort(epoch), np.arange(40))
    for epoch in b.reshape(3, 40):
        for own_pass in (epoch[:15], epoch[15:30]):
            np.testing.assert_array_equal(np.sort(own_pass), np.arange(15))
        assert (epoch[:15] != epoch[15:30]).any()

    batches = _take(pipeline.train_batches(_source(40, 40), 5, start=0), 8)
    a = _numbers(np.concatenate([a for a, _ in batches]))
    b = _numbers(np.concatenate([b for _, b in batches]))
    assert (a == b).sum() < 8


def test_aligned_images_are_cropped_and_mirrored_alike():
    def fetch(indices):
        (image,) = _source(60).fetch(indices)
        return image, image

    aligned = pipeline.Source((60,), fetch)
    batches = _take(pipeline.train_batches(aligned, 20, crop=(2, 3), flip=True), 3)
    for a, b in batches:
        np.testing.assert_array_equal(a, b)
    corners = {tuple(np.diff(a[:, 0, :2, 0]).ravel() > 0) for a, _ in batches}
    assert any(len(set(signs)) == 2 for signs in corners)  # some mirrored, some not

    unaligned = pipeline.train_batches(_source(60, 60), 20, flip=True)
    a, b = next(unaligned.as_numpy_iterator())
    mirrored = [(side[:, 0, 0] > side[:, 0, -1])[:, 0] for side in (a, b)]
    assert (mirrored[0] != mirrored[1]).any()


@pytest.mark.parametrize(("length", "static"), [(21, None), (20, 4), (23, None)])
def test_the_test_stream_keeps_the_order_and_delivers_every_sample(length, static):
    test = pipeline.test_batches(_source(length, labels=True), 4, None)
    assert len(test) == -(-length // 4)
    image, label = test.element_spec
    assert (image.shape.as_list(), label.shape.as_list()) == (
        [static, SIZE, SIZE, 1],
        [static],
    )
    images, labels = zip(*test.as_numpy_iterator(), strict=True)
    assert {len(batch) for batch in images[:-2]} == {4}
    np.testing.assert_array_equal(np.concatenate(labels), np.arange(length))
    np.testing.assert_array_equal(_numbers(np.concatenate(images)), np.arange(length))

    (only,) = pipeline.test_batches(_source(3), 4, None).as_numpy_iterator()
    np.testing.assert_array_equal(_numbers(only), [0, 1, 2])

    sides = zip(*pipeline.test_batches(_source(9, 5), 4, None), strict=True)
    for side in sides:
        numbers = _numbers(np.concatenate(side))
        np.testing.assert_array_equal(numbers, np.arange(5))


@pytest.mark.parametrize(
    ("length", "batch_size", "sizes"),
    [
        (8, 4, [4, 4]),
        (9, 4, [4, 3, 2]),  # not [4, 4, 1]: two replicas share each
        (11, 4, [4, 4, 3]),
        (5, 4, [3, 2]),
        (4, 4, [4]),
        (3, 4, [3]),
        (3, 2, [2, 1]),
        (1, 1, [1]),
        (150, 64, [64, 43, 43]),
        (2000, 1200, [1200, 800]),
    ],
)
def test_the_last_test_batch_is_at_least_half_full(length, batch_size, sizes):
    bounds = pipeline.test_bounds(length, batch_size)
    assert np.diff(bounds).tolist() == sizes
    assert (bounds[0], bounds[-1]) == (0, length)


def test_sharding_is_by_data():
    for dataset in (
        pipeline.train_batches(_source(9), 4),
        pipeline.test_batches(_source(9), 4, None),
    ):
        policy = dataset.options().experimental_distribute.auto_shard_policy
        assert policy == tf.data.experimental.AutoShardPolicy.DATA


def test_replicas_split_each_global_batch():
    strategy = two_replicas()
    train, _ = data.load("mnist_sample", 64)
    again, _ = data.load("mnist_sample", 64)
    split = strategy.experimental_distribute_dataset(train)
    for _ in range(2):
        count = 0
        for parts, whole in zip(split, again, strict=True):
            parts = [p.numpy() for p in strategy.experimental_local_results(parts)]
            np.testing.assert_array_equal(np.concatenate(parts), whole)
            assert [len(p) for p in parts] == [32, 32]
            count += 1
        assert count == len(train) == 156
    _, test = data.load("mnist_sample", 1999)  # 1 more than a batch
    shares = [
        len(part)
        for parts in strategy.experimental_distribute_dataset(test)
        for part in strategy.experimental_local_results(parts)
    ]
    assert shares == [500] * 4
