"""Placeholders for feature networks that are not on this machine."""

import keras

from gan_zoo.features.names import KERAS


@keras.saving.register_keras_serializable(package="gan_zoo")
class AbsentFeatures:
    """A placeholder for a user's own network, which a config cannot hold.

    A config holds no weights, and random features would give numbers that look
    plausible. A metric that is rebuilt from a config therefore raises when it is used.
    It works again once it is made with the network.

    Args:
        name: name of the features, as it appeared in the logs.
        dim: number of features.
        description: the protocol in words.
    """

    classes = 1

    def __init__(self, name, dim, description):
        self.name = name
        self.dim = dim
        self.description = description

    def __call__(self, images):
        """Raises ValueError, since there is no network to call."""
        raise ValueError(self.reason())

    def classify(self, images):
        """Raises ValueError, since there is no network to call."""
        raise ValueError(self.reason())

    def reason(self):
        """Why there is no network, and what to do."""
        return (
            f"The feature network {self.name!r} was not saved with the metric, whose "
            "config holds no weights. Make the metric again with features=<your "
            "network> and compile the model with it."
        )

    def get_config(self):
        """Arguments of the placeholder."""
        return {"name": self.name, "dim": self.dim, "description": self.description}

    @classmethod
    def from_config(cls, config):
        """Rebuilds the placeholder."""
        return cls(**config)


class MissingFile(AbsentFeatures):
    """A placeholder for a named network whose file is not on this machine.

    A model that was compiled with it can be loaded and generates images. Only its
    metrics raise.

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
        """Where the file was looked for, and how to get it."""
        return f"{self._error} Then load the model again."

    def serialized(self):
        """The name, so that a model saved again still asks for the network."""
        return self._features


def absent(features):
    """The config entry of features whose network a config cannot hold."""
    return keras.saving.serialize_keras_object(
        AbsentFeatures(features.name, features.dim, features.description)
    )
