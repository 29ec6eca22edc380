"""Images on the wire: bytes 0 to 255 and PNG, inside a graph."""

import tensorflow as tf

# What a PNG can hold: grey, grey and alpha, RGB, RGBA.
PNG_CHANNELS = (1, 2, 3, 4)
# What `tf.io.decode_image` can be asked for.
DECODED_CHANNELS = (1, 3, 4)


def to_uint8(images):
    """Float images in [-1, 1] as bytes: round((x + 1) · 127.5), clipped to [0, 255].

    Halves round to even, as in NumPy.
    """
    return tf.cast(
        tf.clip_by_value(tf.round((images + 1.0) * 127.5), 0.0, 255.0), tf.uint8
    )


def to_png(images):
    """PNG of each image: uint8 (n, h, w, c) to strings (n,); n may be 0."""
    return tf.io.encode_png(images)


def decoded(encoded, channels):
    """One PNG, JPEG, BMP or GIF (its first frame) as uint8 (h, w, channels)."""
    image = tf.io.decode_image(encoded, channels, expand_animations=False)
    return tf.ensure_shape(image, (None, None, channels))
