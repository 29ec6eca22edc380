"""Placeholders for feature networks that are not on this machine."""

import keras

from gan_zoo.features.names import KERAS


@keras.saving.register_keras_serializable(package="gan_zoo")
class AbsentFeatures:
    """A placeholder for a user's own network, which a config cannot hold.

    A config contains no weights, and random features would give wrong numbers without
    an error. A metric that is rebuilt from a config therefore raises when it is used.
    Make the metric again with the network.

    Args:
        name: name of the features, as it appeared in the logs.
        dim: number of features.
        description: protocol of the features, in words.
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
        """The arguments of the placeholder."""
        return {"name": self.name, "dim": self.dim, "description": self.description}

    @classmethod
    def from_config(cls, config):
        """Rebuilds the placeholder."""
        return cls(**config)


class MissingFile(AbsentFeatures):
    """A placeholder for a named network whose file is not on this machine.

    A model that was compiled with it can be loaded, and it generates images. Only its
    metrics raise.

    Args:
        features: name of the features, as for `resolve`.
        error: the `FileNotFoundError`, whose message says how to get the file.
    """

    def __init__(self, features, error):
        name = features.lower().replace(KERAS, "keras_")
        super().__init__(name, 1, f"{features}, whose file is missing")
        self._features = features
        self._error = str(error)

    def reason(self):
        """Where the file should be, and how to get it."""
        return f"{self._error} Then load the model again."

    def serialized(self):
        """The name, so that a model that is saved again keeps it."""
        return self._features


def absent(features):
    """The config entry of features whose network is not in the config."""
    return keras.saving.serialize_keras_object(
        AbsentFeatures(features.name, features.dim, features.description)
    )
