"""ACGAN: a discriminator that names the class as well (Odena et al. 2016)."""

import keras
from keras import ops

from gan_zoo.models.noise_to_image.class_conditional import ClassConditionalGAN
from gan_zoo.networks.acgan import acgan_discriminator, acgan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class ACGAN(ClassConditionalGAN):
    """Auxiliary classifier GAN: D tells real from generated, and the class of both.

    With L_S = E log σ(D(x)) + E log(1 − σ(D(G(z, y)))) and
    L_C = E log P(y | x) + E log P(y | G(z, y)):
    Discriminator: minimise −L_S − L_C.
    Generator: minimise −E log σ(D(G(z, y))) − E log P(y | G(z, y)).

    The log `real_accuracy` is the share of real images whose class D names, and
    `fake_accuracy` that of generated ones.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        num_classes: number of classes.
        generator: maps [z, labels] to images; labels are int32 (n,).
        discriminator: maps images to [logits (n, 1), class logits (n, num_classes)].
        **kwargs: as `GAN`.

    `fit` expects (images, labels); `generate(n, labels=...)` takes one label or n.

    Raises:
        ValueError: for labels that are no classes, for a discriminator with other
            outputs, and as `GAN`.

    Differs from the paper:
        1. The generator minimises the non-saturating form of L_S (paper: maximises
           L_C − L_S).
        2. Generated images take the labels of the real batch, in both updates (paper:
           c ~ p_c, drawn apart from the data).
        3. The discriminator's activations get no noise (paper: they do, appendix A).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=100, labels=True)
        gan = gan_zoo.ACGAN(image_shape=(28, 28, 1), num_classes=10)
        gan.compile()
        gan.fit(train, epochs=20)
        sevens = gan.generate(16, labels=7)

    Reference: Odena et al. 2016, Conditional Image Synthesis with Auxiliary Classifier
    GANs, 1610.09585, equations 2 and 3 and appendix A.
    """

    discriminator_conditions = ()
    logits = ("score", "class output")
    tracked = ("d_loss", "g_loss", "real_accuracy", "fake_accuracy")

    def check_outputs(self, shapes):
        """Refuses other outputs than a logit and class logits."""
        if shapes != [(1,), (self.num_classes,)]:
            raise ValueError(
                "Expected a discriminator with the outputs logit (1,) and class logits "
                f"({self.num_classes},), got {shapes}."
            )

    def paper_generator(self, image_shape, latent_dim):
        """The paper's CIFAR-10 generator."""
        return acgan_generator(image_shape, latent_dim, self.num_classes)

    def paper_discriminator(self, image_shape):
        """The paper's CIFAR-10 discriminator."""
        return acgan_discriminator(image_shape, self.num_classes)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both (appendix A)."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }

    def discriminator_objective(self, real, fake, labels):
        """−L_S − L_C."""
        (real_scores, real_classes), (fake_scores, fake_classes) = real, fake
        loss = self.discriminator_loss(real_scores, fake_scores)
        loss += losses.class_loss(labels, real_classes)
        loss += losses.class_loss(labels, fake_classes)
        return loss, {
            "real_accuracy": _accuracy(labels, real_classes),
            "fake_accuracy": _accuracy(labels, fake_classes),
        }

    def generator_objective(self, fake, real, labels):
        """The score's loss and that of the class."""
        scores, classes = fake
        return self.generator_loss(scores) + losses.class_loss(labels, classes), {}


def _accuracy(labels, class_logits):
    named = ops.cast(ops.argmax(class_logits, axis=-1), labels.dtype)
    return ops.cast(named == labels, "float32")
