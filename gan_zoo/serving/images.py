"""Images on the wire: bytes 0 to 255 and PNG, inside a graph."""

import tensorflow as tf

# What a PNG can hold: grey, grey and alpha, RGB, RGBA.
PNG_CHANNELS = (1, 2, 3, 4)
# What `tf.io.decode_image` can be asked for.
DECODED_CHANNELS = (1, 3, 4)

_PNG = b"\x89PNG\r\n\x1a\n"  # the first bytes of such a file


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
    """One PNG, JPEG, BMP or GIF (its first frame) as uint8 (h, w, channels).

    What is transparent in a PNG is laid on white, unless `channels` is 4. The EXIF
    orientation is not applied: TensorFlow does not read it.
    """

    def opaque():
        return tf.io.decode_image(encoded, channels, expand_animations=False)

    def on_white():
        coloured = tf.cast(tf.io.decode_png(encoded, 4), tf.float32)
        pixels, alpha = coloured[..., :3], coloured[..., 3:] / 255.0
        if channels == 1:  # grey as TensorFlow makes it of the file
            pixels = tf.cast(tf.io.decode_png(encoded, 1), tf.float32)
        laid = tf.round(pixels * alpha + 255.0 * (1.0 - alpha))
        return tf.cast(laid, tf.uint8)

    if channels == 4:
        return tf.ensure_shape(opaque(), (None, None, channels))
    png = tf.strings.substr(encoded, 0, len(_PNG)) == _PNG
    return tf.ensure_shape(tf.cond(png, on_white, opaque), (None, None, channels))
