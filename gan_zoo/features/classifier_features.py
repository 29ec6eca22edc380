"""Features of a published network that also classifies."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.features.any_rows import any_rows
from gan_zoo.features.network_features import NetworkFeatures, nan_where_broken


class ClassifierFeatures(NetworkFeatures):
    """Features of a network that also classifies, with a name for `resolve`.

    Args:
        network: built `keras.Model` with two outputs, features and logits (n, classes).
        name: name in logs and for `resolve`.
        weights: source and digest of the weights, in words.
    """

    def __init__(self, network, name, weights):
        self._classifier = network
        features, logits = network.outputs
        super().__init__(keras.Model(network.input, features, name=name))
        self.classes = logits.shape[-1]
        self.description = f"{self.description}; {weights}"

    @backend.once
    @any_rows
    def outputs(self, images):
        """Features and logits of images (n, h, w, c)."""
        made = self._classifier(self.prepare(images), training=False)
        return nan_where_broken(images, made)

    def classify(self, images):
        """Class probabilities (n, classes) of images (n, h, w, c)."""
        return ops.softmax(ops.cast(self.outputs(images)[1], "float32"))

    def serialized(self):
        """The name of these features for `resolve`."""
        return self.name
