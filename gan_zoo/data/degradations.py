"""What restoration undoes: small images, JPEG blocks, missing pixels.

Each degradation is a pure function of a batch and of random numbers that belong to its
samples (see draws.py), so a run that is resumed sees the same ones.
"""

import dataclasses
import math
from collections.abc import Callable

import tensorflow as tf

from gan_zoo.data import draws

# Tags of random numbers begin here; those of crops and flips are smaller.
_FIRST_TAG = 1000
_STROKES = 4
_BENDS_TAG = 50
_GUIDE_TAG = 100


@dataclasses.dataclass(frozen=True)
class Degradation:
    """One way to degrade images on the fly.

    Attributes:
        call: function of uint8 images [B, H, W, C] and a function of a tag to float32
            [B, 4] in [0, 1), that returns the components of a batch.
        multiple: what height and width must be multiples of.
    """

    call: Callable
    multiple: int = 1

    def apply(self, images, seed, first, count):
        """The components of a batch of images.

        Args:
            images: uint8 [B, H, W, C].
            seed: Python int in [0, 2**31).
            first: index of the first sample; int64 scalar.
            count: number of samples, or None where the shape in the graph says it.

        Returns:
            Tuple of tensors; uint8 ones are images.
        """
        count = tf.shape(images)[0] if count is None else count

        def numbers(tag):
            return draws.uniform(seed, _FIRST_TAG + tag, first, count)

        return self.call(images, numbers)


def degradation(text):
    """The `Degradation` of a text, such as "bicubic:4".

    | text | a batch holds |
    |---|---|
    | `bicubic:2`, `bicubic:4` ... | (images reduced so many times, images) |
    | `jpeg:10` ... | (images compressed at that quality, 1 to 100, images) |
    | `mask:rectangles`, `mask:strokes` | (images, masks): 1 where a pixel is missing |
    | `guided:rectangles`, `guided:strokes` | (images, masks, guides); see `guides` |

    Args:
        text: one of these.

    Raises:
        ValueError: for another text.
    """
    kind, _, value = str(text).partition(":")
    number = int(value) if value.isdigit() else 0
    if kind == "bicubic" and number >= 2:
        return Degradation(lambda x, _: (reduced(x, number), x), number)
    if kind == "jpeg" and 1 <= number <= 100:
        return Degradation(lambda x, _: (compressed(x, number), x))
    if kind == "mask" and value in _MASKS:
        return Degradation(lambda x, numbers: (x, _MASKS[value](x, numbers)))
    if kind == "guided" and value in _MASKS:
        return Degradation(
            lambda x, numbers: (x, _MASKS[value](x, numbers), guides(x, numbers))
        )
    raise ValueError(
        "Expected degrade as 'bicubic:4' (a factor of at least 2), 'jpeg:10' (a "
        "quality from 1 to 100), 'mask:rectangles', 'mask:strokes', or 'guided:' with "
        f"one of these masks, got {text!r}."
    )


def reduced(images, factor):
    """Images reduced by bicubic interpolation with a filter as wide as that needs.

    Args:
        images: uint8 [B, H, W, C], static sides that are multiples of the factor.
        factor: int of at least 2.

    Returns:
        uint8 [B, H / factor, W / factor, C].
    """
    size = [side // factor for side in images.shape[1:3]]
    small = tf.image.resize(images, size, "bicubic", antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(small, 0.0, 255.0)), tf.uint8)


def enlarged(images, factor):
    """Images enlarged by bicubic interpolation: what super-resolution is compared with.

    Args:
        images: float array [N, H, W, C] in [-1, 1].
        factor: int of at least 2.

    Returns:
        float32 array [N, H * factor, W * factor, C] in [-1, 1].
    """
    size = [side * factor for side in images.shape[1:3]]
    large = tf.image.resize(tf.cast(images, tf.float32), size, "bicubic")
    return tf.clip_by_value(large, -1.0, 1.0).numpy()


def compressed(images, quality):
    """Images after JPEG compression.

    Args:
        images: uint8 [B, H, W, 1 or 3].
        quality: int from 1 to 100.

    Returns:
        uint8, the same shape.
    """
    channels = images.shape[-1]

    def each(image):
        encoded = tf.io.encode_jpeg(image, quality=quality)
        return tf.io.decode_jpeg(encoded, channels, dct_method="INTEGER_ACCURATE")

    return tf.ensure_shape(tf.map_fn(each, images), images.shape)


def rectangles(images, numbers):
    """One rectangle per image, its sides between ¼ and ½ of the image's.

    Args:
        images: [B, H, W, C], static sides.
        numbers: function of a tag to float32 [B, 4] in [0, 1).

    Returns:
        float32 [B, H, W, 1], 1 inside.
    """
    drawn = numbers(0)
    sides = 0.25 + 0.25 * drawn[:, :2]
    starts = (1.0 - sides) * drawn[:, 2:]
    inside = [
        (place >= starts[:, axis, None]) & (place < (starts + sides)[:, axis, None])
        for axis, place in enumerate(_places(images))
    ]
    both = inside[0][:, :, None] & inside[1][:, None, :]
    return tf.cast(both, tf.float32)[..., None]


def strokes(images, numbers):
    """Four strokes of a broad brush per image, from a random place, with two bends.

    A stroke is up to half an image long, and a twelfth to a sixth of it wide. At a bend
    it turns by up to a right angle.

    Args:
        images: [B, H, W, C], static sides.
        numbers: function of a tag to float32 [B, 4] in [0, 1).

    Returns:
        float32 [B, H, W, 1], 1 inside.
    """
    rows, columns = _places(images)
    covered = False
    for stroke in range(_STROKES):
        drawn = numbers(stroke)[:, :, None, None]  # [B, 4, 1, 1]
        bends = numbers(_BENDS_TAG + stroke)[:, :, None, None]
        y, x = rows[:, None] - drawn[:, 0], columns[None] - drawn[:, 1]
        angle, length = 2.0 * math.pi * drawn[:, 2], drawn[:, 3] / 6.0
        radius = 1.0 / 24.0 + drawn[:, 3] / 24.0
        for piece in range(3):
            down, right = tf.sin(angle), tf.cos(angle)
            # The distance to the segment: along it, at most to its ends.
            along = tf.clip_by_value(y * down + x * right, 0.0, length)
            across = tf.square(y - along * down) + tf.square(x - along * right)
            covered |= across < tf.square(radius)
            y, x = y - length * down, x - length * right
            angle += math.pi * (bends[:, piece] - 0.5)
    return tf.cast(covered, tf.float32)[..., None]


def guides(images, numbers):
    """Mirrored images in another light: a stand-in for a second photo of a face.

    Contrast is multiplied by 0.8 to 1.2, and brightness moves by up to 25 of 255.

    Args:
        images: uint8 [B, H, W, C].
        numbers: function of a tag to float32 [B, 4] in [0, 1).

    Returns:
        uint8, the same shape.
    """
    drawn = numbers(_GUIDE_TAG)[:, :, None, None, None]  # [B, 4, 1, 1, 1]
    gain, shift = 0.8 + 0.4 * drawn[:, 0], 50.0 * drawn[:, 1] - 25.0
    levels = (tf.cast(images[:, :, ::-1], tf.float32) - 127.5) * gain + 127.5 + shift
    return tf.cast(tf.round(tf.clip_by_value(levels, 0.0, 255.0)), tf.uint8)


def _places(images):
    """Middles of rows and of columns, in shares of a side."""
    return [
        (tf.range(side, dtype=tf.float32) + 0.5) / side for side in images.shape[1:3]
    ]


_MASKS = {"rectangles": rectangles, "strokes": strokes}
