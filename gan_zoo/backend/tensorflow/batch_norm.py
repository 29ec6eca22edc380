"""Batch and instance norm: a fused kernel, or the statistics of all replicas."""

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


def instance_norm(x, scale, offset, epsilon):
    """Scale · (x − μ) / √(σ² + ε) + offset, statistics per channel of each image.

    Args:
        x: (n, h, w, c), float32.
        scale: (c,).
        offset: (c,).
        epsilon: ε.

    Returns:
        Tensor of the shape of `x`.
    """
    rows, height, width, channels = tf.unstack(tf.shape(x))
    # Each channel of each image becomes a channel of one image, whose batch statistics
    # the kernel takes. A single image is not copied.
    # (n, h, w, c) -> (h, w, n, c) -> (1, h, w, nc)
    y = tf.transpose(x, (1, 2, 0, 3))
    y = tf.reshape(y, (1, height, width, rows * channels))
    scale, offset = tf.tile(scale, (rows,)), tf.tile(offset, (rows,))
    y, _, _ = _kernel(y, scale, offset, epsilon)
    y = tf.transpose(tf.reshape(y, (height, width, rows, channels)), (2, 0, 1, 3))
    return tf.ensure_shape(y, x.shape)


def _fused(x, scale, offset, epsilon):
    channels = x.shape[-1]
    # (n, ..., c) -> (m, 1, 1, c): the kernel takes four axes.
    image = x if x.shape.rank == 4 else tf.reshape(x, (-1, 1, 1, channels))
    y, mean, variance = _kernel(image, scale, offset, epsilon)
    # The kernel divides by one less than the number of values.
    count = tf.cast(tf.size(x, tf.int64) // channels, tf.float32)
    variance *= (count - 1.0) / count
    y = y if x.shape.rank == 4 else tf.reshape(y, tf.shape(x))
    return tf.ensure_shape(y, x.shape), mean, variance


def _kernel(x, scale, offset, epsilon):
    y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=scale,
        offset=offset,
        mean=tf.zeros((0,)),
        variance=tf.zeros((0,)),
        epsilon=epsilon,
    )
    return y, mean, variance


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
