"""The GAN of equation 1, whose generator saturates (Goodfellow et al. 2014)."""

import keras

from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.objectives import losses


@keras.saving.register_keras_serializable("gan_zoo")
class MinimaxGAN(GAN):
    """The GAN of equation 1: the generator minimises E log(1 − σ(D(G(z)))).

    The theory is about this game; in practice its generator stops learning where the
    discriminator is sure, since the gradient of log(1 − σ(s)) vanishes as s → −∞.

    Args: as `GAN`.

    Differs from the paper: as `GAN`. With the paper's SGD the generator stops: the
    discriminator's loss is about 0.001 after 800 steps of 100 bundled digits, and the
    gradient of log(1 − σ(s)) vanishes.

    Reference: Goodfellow et al. 2014, Generative Adversarial Nets, 1406.2661,
    equation 1.
    """

    def generator_loss(self, fake_scores):
        """E log(1 − σ(D(G(z))))."""
        return losses.minimax_generator_loss(fake_scores)
