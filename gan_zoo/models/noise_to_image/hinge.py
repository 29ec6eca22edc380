"""HingeGAN: the margin of a support vector machine as objective (Lim & Ye 2017)."""

import keras

from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import rmsprop


@keras.saving.register_keras_serializable("gan_zoo")
class HingeGAN(GAN):
    """Geometric GAN: the discriminator cares about images within its margin only.

    Discriminator: minimise −E min(0, −1 + D(x)) − E min(0, −1 − D(G(z))).
    Generator: minimise −E D(G(z)).

    Args: as `GAN`.

    Differs from the paper:
        1. One generator update per discriminator update (authors: ten).
        2. The discriminator's last layer has no weight decay (authors' code: 1 over
           batch size times C, the margin's term of a support vector machine).
        3. DCGAN's widths from 128 on and 5×5 (authors' code: from 64 on and 4×4, no
           biases).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64)
        gan = gan_zoo.HingeGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Lim & Ye 2017, Geometric GAN, 1705.02894, equations 13 and 14.
    """

    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(dcgan_discriminator)

    def paper_optimizers(self):
        """RMSprop 2e-4 for both, PyTorch's."""
        return {
            "d": rmsprop(2e-4),
            "g": rmsprop(2e-4),
        }

    def discriminator_loss(self, real_scores, fake_scores):
        """E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))."""
        return losses.hinge_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E D(G(z))."""
        return losses.wasserstein_generator_loss(fake_scores)
