"""Unchanged images, for metrics without a feature network."""

import keras


@keras.saving.register_keras_serializable(package="gan_zoo")
class Pixels:
    """Replaces a feature network and returns the images unchanged."""

    name = "pixels"
    dim = None
    description = "pixels as they are"

    def __call__(self, images):
        """The images unchanged."""
        return images

    def get_config(self):
        """No arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """Rebuilds the object."""
        return cls(**config)
