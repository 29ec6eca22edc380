"""Data sets as `tf.data` streams of float32 images in [-1, 1]. See `load`."""

from gan_zoo.data import toy
from gan_zoo.data.load import NAMES, load

__all__ = ["NAMES", "load", "toy"]
