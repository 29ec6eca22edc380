"""Images as they are, for metrics that look through no network."""

import keras


@keras.saving.register_keras_serializable(package="gan_zoo")
class Pixels:
    """Stands where a metric has its features, and leaves the images alone."""

    name = "pixels"
    dim = None
    description = "pixels as they are"

    def __call__(self, images):
        """The images themselves."""
        return images

    def get_config(self):
        """No arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """Make the object again from `get_config`."""
        return cls(**config)
