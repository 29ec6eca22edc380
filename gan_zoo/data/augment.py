"""Stateless augmentations: pure functions of a batch and of random numbers.

The random numbers `draws` [B, 4] in [0, 1) belong to the samples, not to the batch (see
draws.py). Two aligned images, an input and its target, stay aligned if they have the
same size and the same random numbers.
"""

import tensorflow as tf


def horizontal_flip(images, draws):
    """Flips each image horizontally with probability ½.

    Args:
        images: [B, H, W, C], any dtype, static W.
        draws: float32 [B, 4] in [0, 1); the first column is used.

    Returns:
        [B, H, W, C], same dtype.
    """
    columns = tf.range(images.shape[2])
    chosen = tf.where(draws[:, :1] < 0.5, columns[::-1], columns)  # [B, W]
    return tf.gather(images, chosen, axis=2, batch_dims=1)


def random_crop(images, draws, size):
    """Crops a window at a random position of each image, uniformly distributed.

    Images loaded at 286 x 286 and cropped to 256 x 256 are the "random jitter" of
    Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks",
    2017 (arXiv:1611.07004, section 6.2). CycleGAN uses it too.

    Args:
        images: [B, H, W, C], any dtype, static H and W.
        draws: float32 [B, 4] in [0, 1); columns 0 and 1 give the position.
        size: (height, width) of the window.

    Returns:
        [B, height, width, C], same dtype.

    Raises:
        ValueError: the window is larger than the images.
    """
    height, width = images.shape[1:3]
    if size[0] > height or size[1] > width:
        raise ValueError(
            f"random_crop expected a window no larger than the images {height} x "
            f"{width}, got {size[0]} x {size[1]}; load larger images."
        )
    top = tf.cast(draws[:, 0] * (height - size[0] + 1), tf.int32)
    left = tf.cast(draws[:, 1] * (width - size[1] + 1), tf.int32)
    images = tf.gather(images, top[:, None] + tf.range(size[0]), axis=1, batch_dims=1)
    return tf.gather(images, left[:, None] + tf.range(size[1]), axis=2, batch_dims=1)
