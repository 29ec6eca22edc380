"""ProjectionGAN: the class enters the critic by an inner product (Miyato 2018)."""

import keras

from gan_zoo.models.noise_to_image.class_conditional import ClassConditionalGAN
from gan_zoo.networks.sngan import sngan_discriminator, sngan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class ProjectionGAN(ClassConditionalGAN):
    """cGAN with projection discriminator: D(x, y) = ψ(φ(x)) + yᵀ V φ(x).

    Discriminator: minimise E max(0, 1 − D(x, y)) + E max(0, 1 + D(G(z, y), y)).
    Generator: minimise −E D(G(z, y), y); it knows the class by conditional batch norm.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        num_classes: number of classes.
        critic_steps: discriminator updates per generator update.
        generator: maps [z, labels] to images; labels are int32 (n,).
        discriminator: maps [images, labels] to scores (n, 1).
        **kwargs: as `GAN`.

    `fit` expects (images, labels); `generate(n, labels=...)` takes one label or n.

    Raises:
        ValueError: for labels that are no classes, and as `GAN`.

    Differs from the paper:
        1. The paper's networks are for ImageNet at 128×128; smaller images are given
           SNGAN's, at 64×64 those of the authors' code.
        2. Learning rates stay constant (paper: linearly to 0 in the last iterations).
        3. Generated images take the labels of the real batch, those of the generator's
           update of the last one (authors' code: drawn uniformly, apart from the data).
        4. The generator's update sees as many images as each of the discriminator's
           (authors' settings for CIFAR-10 and 128×128: twice as many).

    Example:
        train, test = gan_zoo.data.load("cifar10", batch_size=64, labels=True)
        gan = gan_zoo.ProjectionGAN(image_shape=(32, 32, 3), num_classes=10)
        gan.compile()
        gan.fit(train, epochs=50)
        horses = gan.generate(16, labels=7)

    Reference: Miyato & Koyama 2018, cGANs with Projection Discriminator, 1802.05637,
    equation 3 and section 4.
    """

    def __init__(
        self,
        image_shape=(32, 32, 3),
        latent_dim=128,
        *,
        num_classes=10,
        critic_steps=5,
        **kwargs,
    ):
        super().__init__(
            image_shape,
            latent_dim,
            num_classes=num_classes,
            critic_steps=critic_steps,
            **kwargs,
        )

    def paper_generator(self, image_shape, latent_dim):
        """A ResNet with conditional batch norm."""
        return sngan_generator(image_shape, latent_dim, num_classes=self.num_classes)

    def paper_discriminator(self, image_shape):
        """A ResNet with spectral norm and the projection."""
        return sngan_discriminator(image_shape, num_classes=self.num_classes)

    def paper_optimizers(self):
        """Adam 2e-4, β 0 and 0.9 for both (section 4)."""
        return {
            "d": Adam(2e-4, beta_1=0.0, beta_2=0.9),
            "g": Adam(2e-4, beta_1=0.0, beta_2=0.9),
        }

    def discriminator_loss(self, real_scores, fake_scores):
        """E max(0, 1 − D(x, y)) + E max(0, 1 + D(G(z, y), y))."""
        return losses.hinge_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E D(G(z, y), y)."""
        return losses.wasserstein_generator_loss(fake_scores)
