"""SNGAN: every layer of the critic has spectral norm 1 (Miyato et al. 2018)."""

import keras

from gan_zoo import layers
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.sngan import sngan_discriminator, sngan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class SNGAN(GAN):
    """Spectrally normalised GAN with the hinge loss.

    Discriminator: minimise E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))); each of its
    weights W acts as W / σ(W), σ the largest singular value.
    Generator: minimise −E D(G(z)).

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        critic_steps: discriminator updates per generator update, each on a fresh batch.
        generator: maps z to images; by default the paper's ResNet for the size, at
            64×64 the authors'.
        discriminator: images to scores (n, 1), of spectrally normalised layers
            (`gan_zoo.layers.SpectralConv2D` ...); the same by default.
        **kwargs: as `GAN`.

    Raises:
        ValueError: when no layer of the discriminator is spectrally normalised, and as
            `GAN`. Layers of the user's own are taken to be.

    Differs from the paper:
        1. Learning rates stay constant (authors' CIFAR-10 settings: linearly to 0).
        2. The generator's update sees as many images as each of the discriminator's
           (authors' CIFAR-10 settings: 128 to 64).
        3. The power iteration behind σ takes a step at each pass in training, two per
           discriminator update and one per generator update, as in the authors' code
           (Algorithm 1: one per update).
        4. Sizes other than the paper's 32×32, 48×48 and 128×128 and the authors' 64×64
           have networks of the same pattern.

    Example:
        train, test = gan_zoo.data.load("cifar10", batch_size=64)
        gan = gan_zoo.SNGAN(image_shape=(32, 32, 3))
        gan.compile()
        gan.fit(train, epochs=50)

    Reference: Miyato et al. 2018, Spectral Normalization for Generative Adversarial
    Networks, 1802.05957, equations 16 and 17 and appendix B.
    """

    paper_generator = staticmethod(sngan_generator)
    paper_discriminator = staticmethod(sngan_discriminator)

    def __init__(
        self, image_shape=(32, 32, 3), latent_dim=128, *, critic_steps=5, **kwargs
    ):
        super().__init__(image_shape, latent_dim, critic_steps=critic_steps, **kwargs)
        check_normalised(self.discriminator)

    def paper_optimizers(self):
        """Adam 2e-4, β 0 and 0.9 for both (appendix B)."""
        return {
            "d": Adam(2e-4, beta_1=0.0, beta_2=0.9),
            "g": Adam(2e-4, beta_1=0.0, beta_2=0.9),
        }

    def discriminator_loss(self, real_scores, fake_scores):
        """E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))."""
        return losses.hinge_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E D(G(z))."""
        return losses.wasserstein_generator_loss(fake_scores)


# With Keras's own, which wraps a layer.
SPECTRAL = (
    layers.SpectralConv2D,
    layers.SpectralConv2DTranspose,
    layers.SpectralDense,
    layers.SpectralEmbedding,
    keras.layers.SpectralNormalization,
)


def check_normalised(discriminator):
    """Raises ValueError for a network whose layers are known and none is normalised.

    Layers that are neither Keras's nor the zoo's may do it in a way of their own.
    """
    for layer in discriminator._flatten_layers():
        known = type(layer).__module__.split(".")[0] in ("keras", "gan_zoo")
        if not known or isinstance(layer, SPECTRAL):
            return
    raise ValueError(
        f"Expected spectrally normalised layers in the discriminator, got none in "
        f"{discriminator.name!r}: without them this is HingeGAN. Build it of "
        "gan_zoo.layers.SpectralConv2D, SpectralDense and SpectralEmbedding."
    )
