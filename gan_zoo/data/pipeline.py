"""Streams of batches that can start at any batch index.

There is no shuffle buffer. Epoch e has one permutation, drawn from (seed, e). Its rows
are the indices of the samples in its batches. The random numbers of an augmentation
depend on the index of the sample. Batch b is therefore a pure function of (seed, b). A
run that stops after batch n resumes at batch n, at the cost of one permutation.

`tf.random.experimental.index_shuffle` needs no permutation. But in TF 2.21 it has only
256 different ones for a given length, and those of consecutive epochs are correlated
(0.9 for 60,000 samples).
"""

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from gan_zoo.data import augment, draws


@dataclasses.dataclass(frozen=True)
class Source:
    """A set of samples that can be fetched by index.

    Attributes:
        lengths: number of samples. Two numbers are for two sides that are shuffled
            independently (unpaired translation).
        fetch: function of one int64 index vector [B] per length. Returns a tuple of
            tensors [B, ...]; uint8 ones are images [B, H, W, C], the others labels.
    """

    lengths: tuple[int, ...]
    fetch: Callable


def batches_by_epoch(per_epoch, start=None, rows_of=lambda epoch: ()):
    """A data set of the batch indices of a training stream, in order.

    Args:
        per_epoch: number of batches in an epoch.
        start: index of the first batch of an endless stream. None is for a finite data
            set whose iteration e (counted per data set object) is epoch e.
        rows_of: function of the index of an epoch. Returns a tuple of tensors
            [per_epoch, ...], one row for each batch.

    Returns:
        tf.data.Dataset of (int64 batch index, *rows), of cardinality `per_epoch` or
        INFINITE.
    """

    def batches(epoch):
        first = epoch * per_epoch
        skipped = tf.maximum(np.int64(start or 0) - first, 0)
        numbers = first + tf.range(per_epoch, dtype=tf.int64)
        columns = [column[skipped:] for column in (numbers, *rows_of(epoch))]
        return tf.data.Dataset.from_tensor_slices(tuple(columns))

    if start is None:
        iterations = itertools.count()

        def iteration(_):
            number = tf.numpy_function(lambda: np.int64(next(iterations)), [], tf.int64)
            return tf.ensure_shape(number, ())

        epochs = tf.data.Dataset.range(1).map(iteration)
        cardinality = per_epoch
    else:
        epochs = tf.data.Dataset.counter(start // per_epoch)
        cardinality = tf.data.INFINITE_CARDINALITY
    return epochs.flat_map(batches).apply(
        tf.data.experimental.assert_cardinality(cardinality)
    )


def order(epoch, length, epoch_size, seed, side=0):
    """The random order of the samples in an epoch.

    All orders are equally likely. If an epoch is longer than the side, the side is
    repeated, each time in a new order.

    Args:
        epoch: index of the epoch; int64 scalar.
        length: number of samples of the side.
        epoch_size: number of samples in an epoch.
        seed: Python int in [0, 2**31).
        side: 0 or 1. The two sides of an unpaired set have independent orders.

    Returns:
        int64 [epoch_size] in [0, length).
    """
    passes = -(-epoch_size // length)
    seeds = tf.stack([np.int64(2 * seed + side), epoch])
    keys = tf.random.stateless_uniform([passes, length], seeds, None, None, tf.int64)
    places = tf.reshape(tf.argsort(keys), [-1])[:epoch_size]
    return tf.cast(places, tf.int64)


def scale(images):
    """Maps uint8 pixels to float32 in [-1, 1]: x / 127.5 - 1."""
    return tf.cast(images, tf.float32) / 127.5 - 1.0


def finish(dataset):
    """Prefetches, keeps the order, and makes `tf.distribute` shard by sample."""
    options = tf.data.Options()
    options.deterministic = True
    # FILE sharding needs input files, and there are none. With OFF every worker gets
    # the same batches. With DATA each worker makes the batch and keeps its slice.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA
    )
    # With autotuning, `fit` returns up to a minute late after training on an endless
    # stream, since it waits for a thread that sleeps that long.
    options.autotune.enabled = False
    return dataset.prefetch(tf.data.AUTOTUNE).with_options(options)


def train_batches(
    source, batch_size, seed=0, start=None, crop=None, flip=False, degrade=None
):
    """The training stream of a source.

    Args:
        source: a `Source`.
        batch_size: number of samples in a (global) batch. Every batch is full.
        seed: Python int in [0, 2**31).
        start: see `batches_by_epoch`.
        crop: (height, width) of the random window, or None.
        flip: whether to flip images at random. Crop and flip are the same for all
            images of a sample, and independent for unaligned sides.
        degrade: `Degradation` of a source of images alone, applied last; or None.

    Returns:
        tf.data.Dataset of the source's components, images as float32 in [-1, 1].

    Raises:
        ValueError: if the source has less than one batch.
    """
    per_epoch = max(source.lengths) // batch_size
    if per_epoch == 0:
        raise ValueError(
            f"Expected at least one full batch of {batch_size} training samples, got "
            f"{max(source.lengths)} samples; pass batch_size={max(source.lengths)} or "
            "less, or add samples."
        )
    unaligned = len(source.lengths) > 1

    def changed(position, component, first):
        if component.dtype != tf.uint8:
            return component
        tag = 2 * position if unaligned else 0
        if crop is not None:
            position = draws.uniform(seed, tag, first, batch_size)
            component = augment.random_crop(component, position, crop)
        if flip:
            chosen = draws.uniform(seed, tag + 1, first, batch_size)
            component = augment.horizontal_flip(component, chosen)
        return component

    def rows_of(epoch):
        return [
            tf.reshape(
                order(epoch, length, per_epoch * batch_size, seed, side),
                (per_epoch, batch_size),
            )
            for side, length in enumerate(source.lengths)
        ]

    def batch(number, *indices):
        first = number * batch_size
        components = source.fetch(*indices)
        components = [changed(i, c, first) for i, c in enumerate(components)]
        if degrade:
            components = degrade.apply(*components, seed, first, batch_size)
        return _element([_scaled(c) for c in components])

    numbered = batches_by_epoch(per_epoch, start, rows_of)
    return finish(numbered.map(batch, num_parallel_calls=tf.data.AUTOTUNE))


def test_batches(source, batch_size, degrade):
    """The test stream of a source: finite, in order, not augmented.

    It has every sample once, in the batches of `test_bounds`. Their shape is static if
    all batches are full. If two unaligned sides have different lengths, the longer one
    is cut to the length of the shorter one.

    Args:
        source: a `Source`.
        batch_size: samples in a batch.
        degrade: `Degradation` or None; its numbers do not depend on a seed.

    Returns:
        tf.data.Dataset of the source's components, images as float32 in [-1, 1].
    """
    bounds = test_bounds(min(source.lengths), batch_size)
    sizes = set(np.diff(bounds).tolist())
    size = sizes.pop() if len(sizes) == 1 else None

    def batch(first, end):
        numbers = tf.ensure_shape(tf.range(first, end), (size,))
        components = source.fetch(*[numbers] * len(source.lengths))
        if degrade:
            components = degrade.apply(*components, 0, first, size)
        return _element([_scaled(c) for c in components])

    each = tf.data.Dataset.from_tensor_slices((bounds[:-1], bounds[1:]))
    return finish(each.map(batch, num_parallel_calls=tf.data.AUTOTUNE))


def test_bounds(length, batch_size):
    """The bounds of the batches of a test set.

    All batches except the last are full. If the last one would be less than half full,
    the last two share their samples. Each replica then has samples of every batch,
    unless its part of a full batch is a single sample. Networks fail on empty parts.

    Args:
        length: number of samples.
        batch_size: samples in a batch.

    Returns:
        int64 array [batches + 1]: batch b is samples bounds[b] to bounds[b + 1] - 1.
    """
    batch_size = min(batch_size, length)
    bounds = np.arange(0, length, batch_size, np.int64)
    if 0 < 2 * (length % batch_size) < batch_size:
        bounds[-1] = (bounds[-2] + length + 1) // 2
    return np.append(bounds, np.int64(length))


def _scaled(component):
    return scale(component) if component.dtype == tf.uint8 else component


def _element(components):
    return components[0] if len(components) == 1 else tuple(components)
