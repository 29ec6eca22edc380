"""Convolutions for which TensorFlow has a faster form than its own."""

import tensorflow as tf


def grouped_conv(x, kernel, groups):
    """A convolution of stride 1 and SAME padding within groups of channels.

    Args:
        x: (n, h, w, c).
        kernel: (k, k, c / groups, filters).
        groups: number of groups.

    Returns:
        Tensor (n, h, w, filters).
    """
    kernel = tf.convert_to_tensor(kernel)
    # On a CPU, the gradients of TensorFlow's grouped kernel take 35 to 130 times as
    # long as those of a convolution per group.
    if groups == 1 or tf.config.list_logical_devices("GPU"):
        return tf.nn.conv2d(x, kernel, 1, "SAME")
    parts = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([tf.nn.conv2d(part, k, 1, "SAME") for part, k in parts], -1)
