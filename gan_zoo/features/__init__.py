"""Feature networks and their weights: the only door from pixels to features."""

from gan_zoo.features.absent import AbsentFeatures, MissingFile
from gan_zoo.features.network_features import NetworkFeatures
from gan_zoo.features.resolve import Features, resolve, serialize

__all__ = [
    "AbsentFeatures",
    "Features",
    "MissingFile",
    "NetworkFeatures",
    "resolve",
    "serialize",
]
