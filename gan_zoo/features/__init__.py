"""Feature networks and their weights. All features of images come from here."""

from gan_zoo.features.absent import AbsentFeatures, MissingFile
from gan_zoo.features.maps import feature_maps
from gan_zoo.features.network_features import NetworkFeatures
from gan_zoo.features.perceptual import PerceptualDistance
from gan_zoo.features.resolve import Features, resolve, serialize

__all__ = [
    "AbsentFeatures",
    "Features",
    "MissingFile",
    "NetworkFeatures",
    "PerceptualDistance",
    "feature_maps",
    "resolve",
    "serialize",
]
