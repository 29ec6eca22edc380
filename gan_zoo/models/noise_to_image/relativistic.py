"""Relativistic GANs: is this image more real than that one? (Jolicoeur-Martineau)."""

import keras

from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class RelativisticGAN(GAN):
    """RSGAN: the discriminator compares each real image with a generated one.

    With f(t) = −log σ(t):
    Discriminator: minimise E f(D(x) − D(G(z))).
    Generator: minimise E f(D(G(z)) − D(x)).

    The generator also lowers the scores of real images. A variant with another f
    overrides `margin_loss`; see `gan_zoo.losses`.

    Args: as `GAN`.

    Differs from the paper:
        1. Networks are DCGAN's, as in its experiments on cats at 64×64 (CIFAR-10: those
           of SNGAN, with spectral norm).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64)
        gan = gan_zoo.RelativisticGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Jolicoeur-Martineau 2018, The relativistic discriminator: a key element
    missing from standard GAN, 1807.00734, section 4.1 and Algorithm 1.
    """

    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(dcgan_discriminator)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }

    # f, with the mean over all margins.
    margin_loss = staticmethod(losses.logistic_margin_loss)

    def relativistic_loss(self, higher, lower):
        """E f(a − b): the loss of the player that wants scores a above scores b."""
        return losses.relativistic_loss(higher, lower, self.margin_loss)

    def discriminator_loss(self, real_scores, fake_scores):
        """E f(D(x) − D(G(z)))."""
        return self.relativistic_loss(real_scores, fake_scores)

    def generator_objective(self, fake, real, **others):
        """E f(D(G(z)) − D(x))."""
        return self.relativistic_loss(fake[0], real()[0]), {}


@keras.saving.register_keras_serializable("gan_zoo")
class RelativisticAverageGAN(RelativisticGAN):
    """RaSGAN: each image is compared with the average image of the other side.

    With f(t) = −log σ(t):
    Discriminator: minimise E f(D(x) − E D(G(z))) + E f(E D(x) − D(G(z))).
    Generator: minimise E f(D(G(z)) − E D(x)) + E f(E D(G(z)) − D(x)).

    The means are those of the global batch.

    Args: as `GAN`. Differs from the paper: as `RelativisticGAN`.

    Reference: Jolicoeur-Martineau 2018, 1807.00734, section 4.2 and Algorithm 2.
    """

    def relativistic_loss(self, higher, lower):
        """E f(a − E b) + E f(E a − b)."""
        return losses.relativistic_average_loss(higher, lower, self.margin_loss)


@keras.saving.register_keras_serializable("gan_zoo")
class RelativisticAverageLSGAN(RelativisticAverageGAN):
    """RaLSGAN: `RelativisticAverageGAN` with least squares, f(t) = (t − 1)².

    Args: as `GAN`. Differs from the paper: as `RelativisticGAN`.

    Reference: Jolicoeur-Martineau 2018, 1807.00734, section 4.2 and appendix.
    """

    margin_loss = staticmethod(losses.least_squares_margin_loss)


@keras.saving.register_keras_serializable("gan_zoo")
class RelativisticAverageHingeGAN(RelativisticAverageGAN):
    """RaHingeGAN: `RelativisticAverageGAN` with the hinge, f(t) = max(0, 1 − t).

    Args: as `GAN`. Differs from the paper: as `RelativisticGAN`.

    Reference: Jolicoeur-Martineau 2018, 1807.00734, section 4.2 and appendix.
    """

    margin_loss = staticmethod(losses.hinge_margin_loss)
