"""DCGAN: the GAN objective with a deep convolutional pair (Radford et al. 2015)."""

import keras

from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class DCGAN(GAN):
    """Deep convolutional GAN: `GAN`'s objectives, all-convolutional networks.

    Real and generated images pass the discriminator in batches of their own, so that
    its batch norm never mixes their statistics.

    Args: as `GAN`; z is uniform on [-1, 1) unless `prior="normal"`. The networks suit
        any image of at least 7 pixels a side.

    Differs from the paper:
        1. Levels of odd size (28 → 14 → 7 → 4) are cropped on the way up.
        2. Batch norm's moving averages have momentum 0.9; they are synchronised over
           replicas. Samples use them (authors' code: the moments of their own batch).
        3. Weights do not decay (authors' code: 1e-5, which the paper does not mention).
        4. The generator's last layer and the discriminator's first and last have biases
           (authors' code: none).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=128)
        gan = gan_zoo.DCGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Radford et al. 2015, Unsupervised Representation Learning with Deep
    Convolutional Generative Adversarial Networks, 1511.06434, sections 3 and 4.
    """

    paper_prior = "uniform"

    def paper_generator(self, image_shape, latent_dim):
        """Fractionally strided convolutions with batch norm."""
        return dcgan_generator(image_shape, latent_dim)

    def paper_discriminator(self, image_shape):
        """Strided convolutions with batch norm and leaky ReLU."""
        return dcgan_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both (section 4)."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }
