"""What GANs share whose networks take the class of an image."""

from gan_zoo.inputs import Label
from gan_zoo.models.noise_to_image.gan import GAN


class ClassConditionalGAN(GAN):
    """A `GAN` whose generator takes [z, labels], labels int32 (n,).

    Batches are (images, labels). Generated images are given the labels of the real
    batch beside them, so that classes are as frequent as in the data.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        num_classes: number of classes.
        **kwargs: as `GAN`.

    Raises:
        ValueError: for fewer than two classes, and as `GAN`.
    """

    def __init__(
        self, image_shape=(28, 28, 1), latent_dim=100, *, num_classes=10, **kwargs
    ):
        # First, since the paper's networks depend on it.
        self.num_classes = Label(num_classes).num_classes
        super().__init__(image_shape, latent_dim, **kwargs)

    @property
    def conditions(self):
        """A class per image."""
        return {"labels": Label(self.num_classes)}

    @property
    def batch_parts(self):
        """Images and their labels."""
        return super().batch_parts | self.conditions

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"num_classes": self.num_classes}
