"""CGAN: both players take the label (Mirza & Osindero 2014)."""

import keras

from gan_zoo.models.noise_to_image.class_conditional import ClassConditionalGAN
from gan_zoo.networks.cgan import (
    conditional_dcgan_discriminator,
    conditional_dcgan_generator,
)
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class CGAN(ClassConditionalGAN):
    """Conditional GAN: images of the class that is asked for.

    Discriminator: minimise −E log σ(D(x|y)) − E log(1 − σ(D(G(z|y)|y))).
    Generator: minimise −E log σ(D(G(z|y)|y)).

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z.
        num_classes: number of classes.
        generator: maps [z, labels] to images; labels are int32 (n,).
        discriminator: maps [images, labels] to logits (n, 1).
        **kwargs: as `GAN`.

    `fit` expects (images, labels); `generate(n, labels=...)` takes one label or n.

    Raises:
        ValueError: for labels that are no classes, and as `GAN`.

    Differs from the paper:
        1. The default networks are DCGAN's, 32 channels wide, with the label beside z
           and as planes beside the image; both players have Adam 2e-4, β1 0.5. On the
           bundled digits the paper's fully connected networks with its SGD drew one
           shape for all labels, and their losses became NaN: after 8,600 steps of 32
           images, after 290 of 100. They are `gan_zoo.networks.cgan.cgan_generator`
           and `cgan_discriminator`, with `keras.optimizers.SGD(0.1, momentum=0.5)`;
           `recipes/conditional_mnist.py --preset=paper` trains them.
        2. Data sets and samples lie in [-1, 1] (paper: [0, 1]). The fully connected
           networks work in the paper's [0, 1] inside.
        3. The generator minimises the non-saturating loss (paper: equation 2).
        4. z is uniform on [-1, 1) (paper: on the unit hypercube, [0, 1]).
        5. With the paper's SGD, learning rate and momentum stay at their first values
           (paper: decayed by 1.00004 per update, momentum raised to 0.7). The first
           weights are those of the GAN paper's settings (this paper gives none).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=32, labels=True)
        gan = gan_zoo.CGAN(image_shape=(28, 28, 1), num_classes=10)
        gan.compile()
        gan.fit(train, epochs=20)
        sevens = gan.generate(16, labels=7)

    Reference: Mirza & Osindero 2014, Conditional Generative Adversarial Nets,
    1411.1784, equation 2 and section 4.1.
    """

    paper_prior = "uniform"

    def paper_generator(self, image_shape, latent_dim):
        """DCGAN's generator with a label, 32 channels wide."""
        return conditional_dcgan_generator(
            image_shape, latent_dim, self.num_classes, width=32
        )

    def paper_discriminator(self, image_shape):
        """DCGAN's discriminator with a label, 32 channels wide."""
        return conditional_dcgan_discriminator(image_shape, self.num_classes, width=32)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both, DCGAN's."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }
