"""Networks of `keras.applications` as features, with Keras's own ImageNet weights."""

import contextlib
import difflib
import hashlib
import inspect
import random
import sys

import keras
import numpy as np

from gan_zoo.features.names import KERAS
from gan_zoo.features.network_features import NetworkFeatures

# Height and width of the training images, if not 224.
SIZES = {
    "InceptionV3": 299,
    "InceptionResNetV2": 299,
    "Xception": 299,
    "NASNetLarge": 331,
    "EfficientNetB1": 240,
    "EfficientNetB2": 260,
    "EfficientNetB3": 300,
    "EfficientNetB4": 380,
    "EfficientNetB5": 456,
    "EfficientNetB6": 528,
    "EfficientNetB7": 600,
    "EfficientNetV2B1": 240,
    "EfficientNetV2B2": 260,
    "EfficientNetV2B3": 300,
    "EfficientNetV2S": 384,
    "EfficientNetV2M": 480,
    "EfficientNetV2L": 480,
}


class KerasFeatures(NetworkFeatures):
    """The last feature map of a network of `keras.applications`, averaged.

    The preprocessing of the network is applied. Keras stores the weights in
    `~/.keras/models` and downloads them on first use. Keras's InceptionV3
    is not the network of the FID.

    Args:
        name: the function's name, such as `"MobileNetV2"`.
        weights: `"imagenet"`, a file of weights without the classifier, or None for
            random weights, which are for tests only.
        size: height and width of the input, one number. The default is the size of the
            training images.

    Raises:
        ValueError: if Keras has no such network.
        FileNotFoundError: if the weights are missing and cannot be downloaded.
    """

    def __init__(self, name, weights="imagenet", size=None):
        self._application = _application(name)
        module = sys.modules[self._application.__module__]
        self._preprocess = module.preprocess_input
        size = size or SIZES.get(name, 224)
        network = _built(self._application, weights, (size, size, 3))
        super().__init__(network, f"keras_{name.lower()}")
        content = hashlib.sha256()
        for variable in network.variables:
            content.update(np.asarray(variable).tobytes())
        self.description = (
            f"{self.description}, then Keras's preprocessing; keras.applications."
            f"{name}, weights {weights or 'random'} {content.hexdigest()[:8]}"
        )
        self._published = weights == "imagenet" and size == SIZES.get(name, 224)

    def prepare(self, images):
        """Images (n, h, w, c) in the size, colour and range of the network."""
        return self._preprocess((super().prepare(images) + 1) * 127.5)

    def serialized(self):
        """The name for `resolve`, if the weights are published."""
        if not self._published:
            return super().serialized()
        return KERAS + self._application.__name__


def _application(name):
    known = [n for n, f in vars(keras.applications).items() if inspect.isfunction(f)]
    if name not in known:
        close = difflib.get_close_matches(name, known) or known
        raise ValueError(
            f"Expected a network of keras.applications such as {close}, got {name!r}."
        )
    return getattr(keras.applications, name)


def _built(application, weights, shape):
    with _isolated():
        try:
            return application(include_top=False, weights=weights, input_shape=shape)
        except Exception as error:  # Keras raises Exception if a download fails
            if weights != "imagenet" or "URL fetch failure" not in str(error):
                raise
            raise FileNotFoundError(
                f"The ImageNet weights of {application.__name__} are not in Keras's "
                f"cache and could not be downloaded: {error}. On a machine with a "
                f"network, run keras.applications.{application.__name__}(include_top="
                "False) once, and copy the file from its ~/.keras/models to this one's."
            ) from error


@contextlib.contextmanager
def _isolated():
    """Uses float32 inside, and restores the dtype policy and the random state."""
    policy = keras.config.dtype_policy()
    state = random.getstate()  # Keras seeds its initializers from it
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        random.setstate(state)
