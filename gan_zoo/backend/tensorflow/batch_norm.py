"""Batch normalisation in training: a fused kernel, or statistics of all replicas."""

import tensorflow as tf


def batch_norm(x, scale, offset, epsilon, synchronized=True):
    """Scale · (x − μ) / √(σ² + ε) + offset, statistics per channel of the batch.

    On one replica this is TensorFlow's fused kernel. Over several replicas the mean is
    reduced first and the variance of what is left second: E[x²] − E[x]², which takes
    one reduction, loses digits where the mean is large.

    Args:
        x: (n, ..., c), float32.
        scale: (c,).
        offset: (c,).
        epsilon: ε.
        synchronized: whether the statistics are those of the global batch, rather than
            of this replica's rows.

    Returns:
        Tensor of the shape of `x`, its mean (c,) and its variance (c,), which is
        divided by the number of values.
    """
    context = tf.distribute.get_replica_context()
    if synchronized and context is not None and context.num_replicas_in_sync > 1:
        return _over_replicas(context, x, scale, offset, epsilon)
    return _fused(x, scale, offset, epsilon)


def _fused(x, scale, offset, epsilon):
    channels = x.shape[-1]
    # (n, ..., c) -> (m, 1, 1, c): the kernel takes four axes.
    image = x if x.shape.rank == 4 else tf.reshape(x, (-1, 1, 1, channels))
    y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=image,
        scale=scale,
        offset=offset,
        mean=tf.zeros((0,)),
        variance=tf.zeros((0,)),
        epsilon=epsilon,
    )
    # The kernel divides by one less than the number of values.
    count = tf.cast(tf.size(x, tf.int64) // channels, tf.float32)
    variance *= (count - 1.0) / count
    y = y if x.shape.rank == 4 else tf.reshape(y, tf.shape(x))
    return tf.ensure_shape(y, x.shape), mean, variance


def _over_replicas(context, x, scale, offset, epsilon):
    axes = list(range(x.shape.rank - 1))

    def total(value):
        return context.all_reduce(tf.distribute.ReduceOp.SUM, value)

    # A replica may have fewer rows than another, or none.
    count = total(tf.cast(tf.size(x, tf.int64) // x.shape[-1], tf.float32))
    mean = total(tf.reduce_sum(x, axes)) / count
    variance = total(tf.reduce_sum(tf.math.squared_difference(x, mean), axes)) / count
    y = tf.nn.batch_normalization(x, mean, variance, offset, scale, epsilon)
    return y, mean, variance
