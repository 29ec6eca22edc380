"""Augmentations of what a discriminator sees, so that few images are enough.

Each is a Keras layer in front of a discriminator: real and generated images pass it, in
the updates of both players. In `generate`, metrics and exports it does nothing.
"""

from gan_zoo.augment.ada import ADA
from gan_zoo.augment.augmentation import Augmentation, adjust, augmented
from gan_zoo.augment.diff_augment import DiffAugment
from gan_zoo.augment.pipeline import OPERATIONS, Pipeline

__all__ = [
    "ADA",
    "OPERATIONS",
    "Augmentation",
    "DiffAugment",
    "Pipeline",
    "adjust",
    "augmented",
]
