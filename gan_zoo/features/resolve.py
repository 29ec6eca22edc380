"""Feature objects from names and networks.

Every metric and loss that uses features gets them from `resolve`. Two numbers with the
same feature name and the same description are therefore of the same features.
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
    """What a metric needs from a feature network.

    Attributes:
        name: short name for logs, such as `"mnist"`.
        dim: number of features of one image.
        description: the protocol in words: network, input size, resize, colour.
    """

    name: str
    dim: int
    description: str

    def __call__(self, images):
        """Float32 features (n, dim) of images (n, h, w, c) in [-1, 1]."""


def resolve(features):
    """The feature object that `features` stands for.

    Args:
        features: a name, a `keras.Model`, an object with the attributes of `Features`,
            or the config entry of one. The names: `"mnist"`, the digit network that
            ships with the package; `"inception"` and `"inception_clean"`, the network
            of the FID; `"efficientnet_lite0"` and `"squeezenet"`, whose weights
            `gan_zoo.features.weights` installs; `"keras/<name>"`, such as
            `"keras/MobileNetV2"`, a network of `keras.applications`.

    Returns:
        A `Features` object.

    Raises:
        ValueError: for an unknown name, or a model with the name of a shipped one.
        FileNotFoundError: for weights that are not there; the message says how to get
            them.
        TypeError: for anything else.
    """
    if isinstance(features, str):
        if features.startswith(KERAS):
            return KerasFeatures(features.removeprefix(KERAS))
        if features not in _SHIPPED:
            raise ValueError(
                f"Expected the name of a feature network out of {_names()}, or a "
                f"keras.Model, got {features!r}."
            )
        return _SHIPPED[features]()
    if isinstance(features, keras.Model):
        features = NetworkFeatures(features)
    if isinstance(features, dict):
        return keras.saving.deserialize_keras_object(features)
    if not (isinstance(features, Features) and callable(features)):
        raise TypeError(
            f"Expected a name out of {_names()}, a keras.Model or a callable object "
            f"with name, dim and description, got {features!r}."
        )
    # The package's own are subclasses of NetworkFeatures, or classes of their own.
    ours = type(features).__module__.startswith("gan_zoo.")
    users = type(features) is NetworkFeatures or not ours
    if users and (features.name in _SHIPPED or features.name.startswith("keras_")):
        raise ValueError(
            f"The name {features.name!r} belongs to a feature network of the "
            "package and would mislead in the logs. Give yours another name."
        )
    return features


def serialize(features):
    """The config entry from which `resolve` makes the features again.

    Feature objects of this package have `serialized()`; a user's own have `get_config`.
    """
    if hasattr(features, "serialized"):
        return features.serialized()
    return keras.saving.serialize_keras_object(features)


_SHIPPED = {
    "mnist": MnistFeatures,
    "inception": lambda: inception(resize="legacy"),
    "inception_clean": lambda: inception(resize="clean"),
    "efficientnet_lite0": efficientnet_lite0,
    "squeezenet": squeezenet,
}


def _names():
    return [*sorted(_SHIPPED), f"{KERAS}<name>"]
