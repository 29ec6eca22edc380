"""CGAN: the label is told to both players (Mirza & Osindero 2014)."""

import keras

from gan_zoo.models.noise_to_image.class_conditional import ClassConditionalGAN
from gan_zoo.networks.cgan import cgan_discriminator, cgan_generator


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
        1. Data sets and samples lie in [-1, 1]. The default networks work in the
           paper's [0, 1]: D sees (x + 1) / 2, and G gives 2σ(a) − 1.
        2. Learning rate and momentum stay at their first values, 0.1 and 0.5 (paper:
           decayed by 1.00004 per update, momentum raised to 0.7).
        3. The generator minimises the non-saturating loss (paper: equation 2).
        4. z is uniform on [-1, 1) (paper: on the unit hypercube, [0, 1]).
        5. First weights are those of the GAN paper's settings (this paper gives none).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=100, labels=True)
        gan = gan_zoo.CGAN(image_shape=(28, 28, 1), num_classes=10)
        gan.compile()
        gan.fit(train, epochs=20)
        sevens = gan.generate(16, labels=7)

    Reference: Mirza & Osindero 2014, Conditional Generative Adversarial Nets,
    1411.1784, equation 2 and section 4.1.
    """

    paper_prior = "uniform"

    def paper_generator(self, image_shape, latent_dim):
        """The paper's fully connected MNIST generator."""
        return cgan_generator(image_shape, latent_dim, self.num_classes)

    def paper_discriminator(self, image_shape):
        """The paper's maxout MNIST discriminator."""
        return cgan_discriminator(image_shape, self.num_classes)

    def paper_optimizers(self):
        """SGD 0.1, momentum 0.5 for both (section 4.1)."""
        return {
            "d": keras.optimizers.SGD(0.1, momentum=0.5),
            "g": keras.optimizers.SGD(0.1, momentum=0.5),
        }
