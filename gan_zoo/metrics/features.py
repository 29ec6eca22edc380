"""The only door from pixels to features: resize, colour, network, in that order.

Every metric that looks at features asks `resolve` for them, so that two numbers with
the same feature name and the same description went through the same door.
"""

import math
from typing import Protocol, runtime_checkable

import keras
import tensorflow as tf
from keras import ops

from gan_zoo import backend
from gan_zoo.metrics.resize import clean_bilinear

# Names of the 2015 Inception network behind its first resize and behind an antialiased
# one. No other features may be called so.
INCEPTION = ("inception", "inception_clean")

# What the names of networks of keras.applications begin with.
KERAS = "keras/"

# ITU-R BT.601, the weights of every common RGB-to-grey conversion.
LUMA = (0.299, 0.587, 0.114)


@runtime_checkable
class Features(Protocol):
    """What a metric needs from a feature network.

    Attributes:
        name: Short name for logs, such as `"mnist"`.
        dim: Number of features of one image.
        description: The protocol in words: network, input size, resize, colour.
    """

    name: str
    dim: int
    description: str

    def __call__(self, images):
        """Map images `[N, H, W, C]` in [-1, 1] to float32 features `[N, dim]`."""


class NetworkFeatures:
    """Features of images read from the output of a Keras network.

    Images are resized to the network's input size by antialiased bilinear
    interpolation where they differ from it, grey images are repeated to three channels
    and RGB images reduced to grey by the BT.601 luma where the network wants it. The
    network sees the range [-1, 1]; one that wants another begins with a `Rescaling`.
    A rank 4 output is averaged over height and width, any other is flattened.

    Args:
        network: Built `keras.Model`, one NHWC image input, one output of known size.
        name: Name for logs. Defaults to `network.name`.

    Raises:
        ValueError: If the input is not one image or the output size is not known.
    """

    def __init__(self, network, name=None):
        inputs = getattr(network, "inputs", None)  # absent from unbuilt models
        if not (inputs and len(inputs) == 1 and len(inputs[0].shape) == 4):
            raise ValueError(
                "A feature network takes one image input [N, H, W, C]. Received "
                f"{network.name!r} with inputs {inputs}. Pass a functional keras.Model."
            )
        outputs = network.outputs
        if len(outputs) != 1 or outputs[0].shape[-1] is None:
            raise ValueError(
                "A feature network has one output whose last axis is known. Received "
                f"{network.name!r} with outputs {outputs}. Choose one with "
                "keras.Model(network.input, network.get_layer(...).output)."
            )
        *_, height, width, self._channels = inputs[0].shape
        self._size = (height, width)
        self._pooled = len(outputs[0].shape) == 4
        shape = outputs[0].shape[-1:] if self._pooled else outputs[0].shape[1:]
        if None in shape:
            raise ValueError(
                "The flattened output of a feature network has a known size. Received "
                f"{network.name!r} with output shape {outputs[0].shape}. Pool it first."
            )
        self.network = network
        self.name = name or network.name
        self.dim = math.prod(shape)
        self.description = (
            f"{self.name} network ({self.dim}-d"
            f"{', global average' if self._pooled else ''}), input "
            f"{_size_in_words(self._size)} {_channels_in_words(self._channels)} in "
            "[-1, 1], resize antialiased bilinear"
        )

    def prepare(self, images):
        """Resize and recolour images `[N, H, W, C]` for the network."""
        images = checked(images)
        return _resized(recoloured(images, self._channels), self._size)

    @backend.once
    def outputs(self, images):
        """Return a list of what the network says of images `[N, H, W, C]`."""
        return [self.network(self.prepare(images), training=False)]

    def __call__(self, images):
        """Map images `[N, H, W, C]` in [-1, 1] to float32 features `[N, dim]`."""
        features = self.outputs(images)[0]
        if self._pooled:
            features = ops.mean(features, axis=(1, 2))  # [N, h, w, dim] -> [N, dim]
        return ops.cast(ops.reshape(features, (-1, self.dim)), "float32")

    def serialized(self):
        """Return the config entry of a metric that uses these features."""
        return absent(self)


@keras.saving.register_keras_serializable(package="gan_zoo")
class AbsentFeatures:
    """What a config remembers of a user's own network: all but the network.

    A config holds no weights, and random features give numbers that look plausible.
    A metric that comes back from a config therefore refuses to measure until it is
    made again with the network.

    Args:
        name: Name of the features, as it appeared in the logs.
        dim: Number of features.
        description: The protocol in words.
    """

    classes = 1

    def __init__(self, name, dim, description):
        self.name = name
        self.dim = dim
        self.description = description

    def __call__(self, images):
        """Raise: there is no network to call."""
        raise ValueError(self.reason())

    def classify(self, images):
        """Raise: there is no network to call."""
        raise ValueError(self.reason())

    def reason(self):
        """Return why there is no network, and what to do."""
        return (
            f"The feature network {self.name!r} was not saved with the metric, whose "
            "config holds no weights. Make the metric again with features=<your "
            "network> and compile the model with it."
        )

    def get_config(self):
        """Return the constructor's arguments."""
        return {"name": self.name, "dim": self.dim, "description": self.description}

    @classmethod
    def from_config(cls, config):
        """Make the object again from `get_config`."""
        return cls(**config)


class MissingFile(AbsentFeatures):
    """What stands for a named network whose file is not on this machine.

    A model that was compiled with it loads, and draws; only measuring raises.

    Args:
        features: the name, as `resolve` takes it.
        error: the `FileNotFoundError`, whose message says how to get the file.
    """

    def __init__(self, features, error):
        name = features.lower().replace(KERAS, "keras_")
        super().__init__(name, 1, f"{features}, whose file is missing")
        self._features = features
        self._error = str(error)

    def reason(self):
        """Return where the file was looked for, and how to get it."""
        return f"{self._error} Then load the model again."

    def serialized(self):
        """Return the name, so that a model saved again still asks for the network."""
        return self._features


def absent(features):
    """Return the config entry of features whose network a config cannot hold."""
    return keras.saving.serialize_keras_object(
        AbsentFeatures(features.name, features.dim, features.description)
    )


def resolve(features):
    """Return the feature object that `features` stands for.

    Args:
        features: a name, a `keras.Model`, an object with the attributes of `Features`,
            or the config entry of one. The names: `"mnist"`, the digit network that
            ships with the package; `"inception"` and `"inception_clean"`, the network
            of the FID; `"efficientnet_lite0"` and `"squeezenet"`, whose weights
            `gan_zoo.metrics.weights` installs; `"keras/<name>"`, such as
            `"keras/MobileNetV2"`, a network of `keras.applications`.

    Returns:
        A `Features` object.

    Raises:
        ValueError: For an unknown name, or a model that bears a shipped one's name.
        FileNotFoundError: for weights that are not there; the message says how to get
            them.
        TypeError: For anything else.
    """
    if isinstance(features, str):
        if features.startswith(KERAS):
            return _keras(features.removeprefix(KERAS))
        if features not in _SHIPPED:
            raise ValueError(
                f"No feature network is called {features!r}. The names are {_names()}; "
                "a keras.Model is welcome too."
            )
        return _SHIPPED[features]()
    if isinstance(features, keras.Model):
        features = NetworkFeatures(features)
    if isinstance(features, dict):
        return keras.saving.deserialize_keras_object(features)
    if not (isinstance(features, Features) and callable(features)):
        raise TypeError(
            f"Expected a name out of {_names()}, a keras.Model or a callable "
            f"object with name, dim and description. Received {features!r}."
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
    """Return the config entry from which `resolve` makes the features again.

    Feature objects of this package have `serialized()`; a user's own have `get_config`.
    """
    if hasattr(features, "serialized"):
        return features.serialized()
    return keras.saving.serialize_keras_object(features)


# Imported when asked for: each is a module on top of this one.
def _mnist():
    from gan_zoo.metrics.mnist_network import MnistFeatures

    return MnistFeatures()


def _inception(resize):
    from gan_zoo.metrics.inception_network import inception

    return inception(resize=resize)


def _efficientnet_lite0():
    from gan_zoo.metrics.efficientnet_network import efficientnet_lite0

    return efficientnet_lite0()


def _squeezenet():
    from gan_zoo.metrics.squeezenet_network import squeezenet

    return squeezenet()


def _keras(name):
    from gan_zoo.metrics.keras_network import KerasFeatures

    return KerasFeatures(name)


_SHIPPED = {
    "mnist": _mnist,
    "inception": lambda: _inception("legacy"),
    "inception_clean": lambda: _inception("clean"),
    "efficientnet_lite0": _efficientnet_lite0,
    "squeezenet": _squeezenet,
}


def _names():
    return [*sorted(_SHIPPED), f"{KERAS}<name>"]


def checked(images):
    """Return a batch of float images (n, h, w, c) as a float32 tensor."""
    images = ops.convert_to_tensor(images)
    if len(images.shape) != 4 or not images.dtype.is_floating:
        raise ValueError(
            "Expected a batch of images [N, H, W, C], float in [-1, 1]. Received "
            f"shape {tuple(images.shape)}, {images.dtype.name}. For uint8 images: "
            "images / 127.5 - 1."
        )
    return ops.cast(images, "float32")


def recoloured(images, channels):
    """Turn grey images into RGB or RGB ones into grey where `channels` asks for it."""
    given = images.shape[-1]
    if channels is None or given == channels:
        return images
    if (given, channels) == (1, 3):
        return ops.repeat(images, 3, axis=-1)
    if (given, channels) == (3, 1):
        return ops.sum(images * ops.convert_to_tensor(LUMA), axis=-1, keepdims=True)
    raise ValueError(
        f"The feature network wants images with {channels} channel(s), the images have "
        f"{given}. Only grey (1) and RGB (3) are converted into each other."
    )


def _resized(images, size):
    given = tuple(images.shape[1:3])
    if None in size or given == size:
        return images
    if None in given:
        return tf.image.resize(images, size, method="bilinear", antialias=True)
    # The same to float32 rounding, faster, and XLA compiles it.
    return clean_bilinear(images, size)


def _size_in_words(size):
    return "any size" if None in size else f"{size[0]}x{size[1]}"


def _channels_in_words(channels):
    return {
        1: "grey (RGB by BT.601 luma)",
        3: "RGB (grey repeated)",
        None: "any channels",
    }.get(channels, f"{channels} channels")
