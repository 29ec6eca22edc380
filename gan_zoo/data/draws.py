"""Random numbers for each sample, which do not depend on the batches.

Philox is a counter-based generator: block c of key k is a pure function of (k, c).
Block c holds four float32 numbers. Sample n uses block n, so every sample has its own
four random numbers. They do not depend on the batch size or on where a run was resumed.
"""

import tensorflow as tf

_PHILOX = 1


def _block(distribution, seed, tag, first, count):
    return distribution(
        shape=[count, 4],
        key=tf.constant([seed << 16 | tag], tf.uint64),
        counter=tf.stack([tf.cast(first, tf.uint64), tf.constant(0, tf.uint64)]),
        alg=_PHILOX,
        dtype=tf.float32,
    )


def uniform(seed, tag, first, count):
    """Four uniform random numbers for each of `count` consecutive samples.

    Args:
        seed: Python int in [0, 2**31).
        tag: Python int in [0, 2**16); identifies the use. Two uses with the same seed
            and different tags are independent.
        first: index of the first sample; int64 scalar (tensor or Python int).
        count: number of samples (Python int).

    Returns:
        float32 [count, 4] in [0, 1).
    """
    return _block(tf.raw_ops.StatelessRandomUniformV2, seed, tag, first, count)


def normal(seed, tag, first, count):
    """Four standard normal numbers for each of `count` consecutive samples.

    Args:
        seed: as in `uniform`.
        tag: as in `uniform`.
        first: as in `uniform`.
        count: as in `uniform`.

    Returns:
        float32 [count, 4].
    """
    return _block(tf.raw_ops.StatelessRandomNormalV2, seed, tag, first, count)
