"""Data sets as `tf.data` streams of float32 images in [-1, 1]. See `load`."""

from gan_zoo.data import degradations, toy
from gan_zoo.data.avatars import avatar_counterfactuals
from gan_zoo.data.load import NAMES, load

__all__ = ["NAMES", "avatar_counterfactuals", "degradations", "load", "toy"]
