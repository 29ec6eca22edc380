"""What GANs share whose networks take the class of an image."""

from gan_zoo.inputs import Label
from gan_zoo.models.noise_to_image.gan import GAN


class OptionallyConditionalGAN(GAN):
    """A `GAN` that is given classes of images, or none.

    With `num_classes`, the generator takes [z, labels] and the discriminator [images,
    labels], labels int32 (n,), and batches are (images, labels). Generated images are
    given the labels of the real batch beside them, so that classes are as frequent as
    in the data.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        num_classes: number of classes; None for images without classes.
        **kwargs: as `GAN`.

    Raises:
        ValueError: for fewer than two classes, and as `GAN`.
    """

    def __init__(
        self, image_shape=(28, 28, 1), latent_dim=100, *, num_classes=None, **kwargs
    ):
        # First, since the paper's networks depend on it.
        if num_classes is not None:
            num_classes = Label(num_classes).num_classes
        self.num_classes = num_classes
        super().__init__(image_shape, latent_dim, **kwargs)

    @property
    def conditions(self):
        """A class per image, where there are classes."""
        return {} if self.num_classes is None else {"labels": Label(self.num_classes)}

    @property
    def batch_parts(self):
        """Images, and their labels where there are classes."""
        return super().batch_parts | self.conditions

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"num_classes": self.num_classes}


class ClassConditionalGAN(OptionallyConditionalGAN):
    """An `OptionallyConditionalGAN` that needs classes.

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
        classes = Label(num_classes).num_classes
        super().__init__(image_shape, latent_dim, num_classes=classes, **kwargs)
