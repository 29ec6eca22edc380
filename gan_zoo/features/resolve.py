"""Feature objects from names and networks.

All metrics and losses get their features from `resolve`. Two numbers with the same name
and description of the features therefore use the same features.
"""

from typing import Protocol, runtime_checkable

import keras

from gan_zoo.features.efficientnet import efficientnet_lite0
from gan_zoo.features.inception import inception
from gan_zoo.features.keras_applications import KerasFeatures
from gan_zoo.features.mnist import MnistFeatures
from gan_zoo.features.names import KERAS
from gan_zoo.features.network_features import NetworkFeatures
from gan_zoo.features.squeezenet import squeezenet


@runtime_checkable
class Features(Protocol):
    """The interface of a feature network for metrics.

    Attributes:
        name: short name in logs, such as `"mnist"`.
        dim: number of features of one image.
        description: protocol in words: network, input size, resize, colour.
    """

    name: str
    dim: int
    description: str

    def __call__(self, images):
        """Float32 features (n, dim) of images (n, h, w, c) in [-1, 1]."""


def resolve(features):
    """The feature object for a name or a network.

    Args:
        features: a name, a `keras.Model`, an object with the attributes of `Features`,
            or the config entry of one. The names are: `"mnist"`, the digit network of
            the package; `"inception"` and `"inception_clean"`, the network
            of the FID; `"efficientnet_lite0"` and `"squeezenet"`, whose weights
            `gan_zoo.features.weights` installs; `"keras/<name>"`, such as
            `"keras/MobileNetV2"`, a network of `keras.applications`.

    Returns:
        A `Features` object.

    Raises:
        ValueError: for an unknown name, or a model with the name of a network of the
            package.
        FileNotFoundError: if a file of weights does not exist. The message says how to
            get it.
        TypeError: for any other type.
    """
    if isinstance(features, str):
        if features.startswith(KERAS):
            return KerasFeatures(features.removeprefix(KERAS))
        if features not in _BUILT_IN:
            raise ValueError(
                f"Expected the name of a feature network out of {_names()}, or a "
                f"keras.Model, got {features!r}."
            )
        return _BUILT_IN[features]()
    if isinstance(features, keras.Model):
        features = NetworkFeatures(features)
    if isinstance(features, dict):
        return keras.saving.deserialize_keras_object(features)
    if not (isinstance(features, Features) and callable(features)):
        raise TypeError(
            f"Expected a name out of {_names()}, a keras.Model or a callable object "
            f"with name, dim and description, got {features!r}."
        )
    # Those of the package are subclasses of NetworkFeatures, or other classes of
    # gan_zoo.
    ours = type(features).__module__.startswith("gan_zoo.")
    users = type(features) is NetworkFeatures or not ours
    if users and (features.name in _BUILT_IN or features.name.startswith("keras_")):
        raise ValueError(
            f"The name {features.name!r} belongs to a feature network of the "
            "package and would mislead in the logs. Give yours another name."
        )
    return features


def serialize(features):
    """The config entry from which `resolve` makes the features again.

    Feature objects of this package have `serialized()`. Those of a user have
    `get_config`.

    Args:
        features: feature object.

    Returns:
        str or dict.
    """
    if hasattr(features, "serialized"):
        return features.serialized()
    return keras.saving.serialize_keras_object(features)


_BUILT_IN = {
    "mnist": MnistFeatures,
    "inception": lambda: inception(resize="legacy"),
    "inception_clean": lambda: inception(resize="clean"),
    "efficientnet_lite0": efficientnet_lite0,
    "squeezenet": squeezenet,
}


def _names():
    return [*sorted(_BUILT_IN), f"{KERAS}<name>"]
