"""InfoGAN: codes that can be read from the image (Chen et al. 2016)."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.inputs import Codes, Label
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.infogan import infogan_discriminator, infogan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class InfoGAN(GAN):
    """InfoGAN: a class code and continuous codes that Q reads back from the image.

    With the bound L_I = E log Q(c | G(z, c)) on the mutual information I(c; G(z, c)):
    Discriminator and Q: minimise −E log σ(D(x)) − E log(1 − σ(D(G(z, c)))) − λ L_I.
    Generator: minimise −E log σ(D(G(z, c))) − λ L_I.

    Q shares D's trunk. It is categorical for the class code, Gaussian with σ = 1
    for the continuous ones: log Q is −½ (c − μ)² but for a constant. No labels are
    used: what the class code comes to mean is found in the data. The log
    `code_accuracy` is the share of class codes that Q reads back.

    Args:
        image_shape: (height, width, channels), sides divisible by 4.
        latent_dim: length of the noise z beside the codes.
        num_classes: values of the class code.
        num_codes: continuous codes, uniform on [-1, 1].
        class_weight: λ of the class code.
        code_weight: λ of the continuous codes.
        generator: maps [z, labels, codes] to images, labels int32 (n,) and codes
            (n, num_codes).
        discriminator: maps images to [logits (n, 1), class logits (n, num_classes),
            code means (n, num_codes)].
        **kwargs: as `GAN`.

    `generate(n, labels=..., codes=...)` takes codes for all images or one row each;
    they are drawn at random where they are not given.

    Raises:
        ValueError: for a discriminator with other outputs, and as `GAN`.

    Differs from the paper:
        1. The spread of Q is fixed to 1, as in the authors' MNIST settings (paper:
           learned).
        2. The continuous codes' weight is 0.1 (authors' code: 1 for all codes).
        3. Images in [-1, 1] by tanh (authors: means of pixels that are 0 or 1).
        4. Leaky ReLU has slope 0.1, as in appendix C.1 (authors' code: 0.01); batch
           norm's gains start at 1 (authors' code: N(1, 0.02²)).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=128)
        gan = gan_zoo.InfoGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)
        images = gan.generate(10, labels=range(10), codes=[0.0, 1.0])

    Reference: Chen et al. 2016, InfoGAN, 1606.03657, equations 5 and 6 and appendix
    C.1.
    """

    paper_prior = "uniform"
    logits = ("score", "class output")
    tracked = ("d_loss", "g_loss", "class_loss", "code_loss", "code_accuracy")

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=62,
        *,
        num_classes=10,
        num_codes=2,
        class_weight=1.0,
        code_weight=0.1,
        **kwargs,
    ):
        # First, since the paper's networks depend on them.
        self.num_classes = Label(num_classes).num_classes
        self.num_codes = Codes(num_codes).size
        check_weight("class_weight", class_weight)
        check_weight("code_weight", code_weight)
        super().__init__(image_shape, latent_dim, **kwargs)
        self.class_weight = class_weight
        self.code_weight = code_weight

    def check_outputs(self, shapes):
        """Refuses other outputs than a logit, class logits and means of the codes."""
        if shapes != [(1,), (self.num_classes,), (self.num_codes,)]:
            raise ValueError(
                "Expected a discriminator with the outputs logit (1,), class logits "
                f"({self.num_classes},) and code means ({self.num_codes},), got "
                f"{shapes}."
            )

    @property
    def conditions(self):
        """The codes, by the names that `generate` and the exported model take."""
        return {"labels": Label(self.num_classes), "codes": Codes(self.num_codes)}

    def paper_generator(self, image_shape, latent_dim):
        """The paper's MNIST generator."""
        return infogan_generator(
            image_shape, latent_dim, self.num_classes, self.num_codes
        )

    def paper_discriminator(self, image_shape):
        """The paper's MNIST discriminator and Q."""
        return infogan_discriminator(image_shape, self.num_classes, self.num_codes)

    def paper_optimizers(self):
        """Adam 2e-4 for D and Q, 1e-3 for G, β1 0.5 (appendix C)."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(1e-3, beta_1=0.5),
        }

    def information_loss(self, labels, codes, class_logits, means):
        """−λ L_I, and what the logs say of it."""
        class_loss = losses.class_loss(labels, class_logits)
        code_loss = ops.mean(ops.sum(ops.square(codes - means), axis=-1)) / 2.0
        read = ops.cast(ops.argmax(class_logits, axis=-1), labels.dtype)
        return self.class_weight * class_loss + self.code_weight * code_loss, {
            "class_loss": class_loss,
            "code_loss": code_loss,
            "code_accuracy": ops.cast(read == labels, "float32"),
        }

    def discriminator_objective(self, real, fake, labels, codes):
        """D's loss, and Q's on generated images."""
        (real_scores, *_), (fake_scores, *read) = real, fake
        information, _ = self.information_loss(labels, codes, *read)
        return self.discriminator_loss(real_scores, fake_scores) + information, {}

    def generator_objective(self, fake, real, labels, codes):
        """The score's loss and −λ L_I."""
        scores, *read = fake
        information, logs = self.information_loss(labels, codes, *read)
        return self.generator_loss(scores) + information, logs

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "num_classes": self.num_classes,
            "num_codes": self.num_codes,
            "class_weight": self.class_weight,
            "code_weight": self.code_weight,
        }
