"""R3GAN: a relativistic loss, two gradient penalties, no tricks (Huang et al. 2025)."""

import dataclasses

import keras
from keras import ops

from gan_zoo.checks import check_choice, check_count, check_weight
from gan_zoo.models.noise_to_image.class_conditional import OptionallyConditionalGAN
from gan_zoo.networks.r3gan import r3gan_discriminator, r3gan_generator
from gan_zoo.objectives import losses, penalties
from gan_zoo.optimizers import Adam, Cosine


@dataclasses.dataclass(frozen=True)
class Configuration:
    """Settings of the authors for one data set.

    Args:
        image_shape: (height, width, channels).
        gamma: γ at the start.
        batch_size: images per step.
        half_life: that of the averages at the end, in images.
        images: after which the schedules end.
        num_classes: number of classes, or None.
        width: of the networks' levels; None for the default ones.
        group: channels per group of the 3×3 convolutions.
    """

    image_shape: tuple
    gamma: float
    batch_size: int
    half_life: float = 5e5
    images: float = 2e7
    num_classes: int | None = None
    width: int | None = None
    group: int = 16


_IMAGENET = {
    "batch_size": 4096,
    "half_life": 5e7,
    "images": 2e8,
    "num_classes": 1000,
    "width": 1536,
    "group": 32,
}
CONFIGURATIONS = {
    "cifar10": Configuration((32, 32, 3), 0.05, 512, 5e6, num_classes=10),
    "ffhq64": Configuration((64, 64, 3), 2.0, 256),
    "ffhq256": Configuration((256, 256, 3), 150.0, 256),
    "imagenet32": Configuration((32, 32, 3), 0.5, **_IMAGENET),
    "imagenet64": Configuration((64, 64, 3), 1.0, **_IMAGENET),
}


@keras.saving.register_keras_serializable("gan_zoo")
class R3GAN(OptionallyConditionalGAN):
    """Regularised relativistic GAN.

    With f(t) = −log σ(t):
    Discriminator: minimise E f(D(x) − D(G(z))) + γ/2 (E ‖∇D(x)‖² + E ‖∇D(G(z))‖²).
    Generator: minimise E f(D(G(z)) − D(x)).

    γ falls to a tenth along half a cosine, over `decay_steps` steps. Adam's learning
    rate falls from 2e-4 to 5e-5, and β2 grows from 0.9 to 0.99, over as many steps. The
    half-life of the averages grows from 0 to that of `ema`.

    Args:
        image_shape: (height, width, channels); sides halve evenly down to 4 to 7.
        latent_dim: length of the noise vector z.
        num_classes: number of classes; None for images without classes.
        gamma: γ at the start. It depends on the data: see docs/gamma.md.
        decay_steps: training steps after which γ, the learning rates, β2 and the
            half-life stay constant. `fit` may go on after that.
        generator: z, or [z, labels], to images; the paper's by default.
        discriminator: images, or [images, labels], to scores (n, 1); the paper's by
            default. A gradient penalty refuses batch norm.
        ema: decay of the generator's average at the end; 0.5 ** (1 / h) for a half-life
            of h steps.
        **kwargs: as `GAN`.

    Raises:
        ValueError: for a `gamma` below 0 or `decay_steps` below 1, and as `GAN`.

    Differs from the paper:
        1. Images are not augmented by default (authors: ADA's operations, whose
           probability grows to 0.3 to 0.55). See `gan_zoo.augment`.
        2. Samples are clipped to [-1, 1]; in training images have no bounds, as the
           authors'.

    Example:
        train, test = gan_zoo.data.load("mnist", image_size=32, batch_size=64)
        gan = gan_zoo.R3GAN(image_shape=(32, 32, 1), gamma=1.0, decay_steps=20_000)
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Huang et al. 2025, The GAN is dead; long live the GAN! A Modern GAN
    Baseline, 2501.05441, equations 2 and 5 and section 4; the schedules from the
    authors' code.
    """

    tracked = ("d_loss", "g_loss", "real_score", "fake_score", "penalty")

    def __init__(
        self,
        image_shape=(32, 32, 3),
        latent_dim=64,
        *,
        num_classes=None,
        gamma=0.05,
        decay_steps=39_062,
        ema=0.5 ** (512 / 5e6),
        **kwargs,
    ):
        check_weight("gamma", gamma)
        check_count("decay_steps", decay_steps)
        self.gamma = gamma
        self.decay_steps = decay_steps
        super().__init__(
            image_shape, latent_dim, num_classes=num_classes, ema=ema, **kwargs
        )

    @classmethod
    def configured(cls, name, **kwargs):
        """A model with the authors' settings for a data set.

        Args:
            name: one of "cifar10", "ffhq64", "ffhq256", "imagenet32", "imagenet64".
            **kwargs: arguments of the class, in place of the authors'.

        Returns:
            The model. `gan_zoo.models.noise_to_image.r3gan.CONFIGURATIONS[name]` has
            the batch size.

        Raises:
            ValueError: for another name.
        """
        check_choice("name", name, CONFIGURATIONS)
        chosen = CONFIGURATIONS[name]
        sizes = {"group": chosen.group, "num_classes": chosen.num_classes}
        if chosen.width:
            levels = chosen.image_shape[0].bit_length() - 2  # from a side of 4
            sizes["widths"] = [chosen.width] * levels
        arguments = {
            "image_shape": chosen.image_shape,
            "num_classes": chosen.num_classes,
            "gamma": chosen.gamma,
            "decay_steps": int(chosen.images / chosen.batch_size),
            "ema": 0.5 ** (chosen.batch_size / chosen.half_life),
        } | kwargs
        if "generator" not in kwargs:
            arguments["generator"] = r3gan_generator(chosen.image_shape, **sizes)
        if "discriminator" not in kwargs:
            made = r3gan_discriminator(chosen.image_shape, **sizes)
            arguments["discriminator"] = made
        return cls(**arguments)

    def paper_generator(self, image_shape, latent_dim):
        """The paper's generator, as for CIFAR-10 and FFHQ."""
        return r3gan_generator(image_shape, latent_dim, num_classes=self.num_classes)

    def paper_discriminator(self, image_shape):
        """The paper's discriminator, as for CIFAR-10 and FFHQ."""
        return r3gan_discriminator(image_shape, num_classes=self.num_classes)

    def paper_optimizers(self):
        """Adam, β1 0; learning rate 2e-4 to 5e-5 and β2 0.9 to 0.99 by half cosines."""

        def adam(updates):
            steps = self.decay_steps * updates
            rate, beta_2 = Cosine(2e-4, 5e-5, steps), Cosine(0.9, 0.99, steps)
            return Adam(rate, 0.0, beta_2, epsilon=1e-8)

        return {"d": adam(self.critic_steps), "g": adam(1)}

    def decay_after(self, steps, decay):
        """Decay of the half-life that the present step has."""
        share = Cosine(0.0, 1.0, self.decay_steps)(steps)
        # 0.5 ** (1 / (h · share)) where the decay is 0.5 ** (1 / h)
        return ops.power(decay, 1.0 / ops.maximum(share, 1e-8))

    def discriminator_loss(self, real_scores, fake_scores):
        """E f(D(x) − D(G(z)))."""
        return losses.relativistic_loss(real_scores, fake_scores)

    def generator_objective(self, fake, real, **others):
        """E f(D(G(z)) − D(x))."""
        return losses.relativistic_loss(fake[0], real()[0]), {}

    def outputs_and_penalty(self, discriminate, real, fake):
        """D's outputs, and γ/2 (R1 + R2), each from the pass of its images."""
        real_outputs, r1 = penalties.value_and_zero_centred_penalty(discriminate, real)
        fake_outputs, r2 = penalties.value_and_zero_centred_penalty(discriminate, fake)
        gamma = Cosine(self.gamma, self.gamma / 10, self.decay_steps)(self.steps)
        return real_outputs, fake_outputs, gamma / 2 * (r1 + r2)

    def sample(self, z, **conditions):
        """As `NoiseToImage.sample`; images are clipped to [-1, 1]."""
        made = super().sample(z, **conditions)
        return made if len(self.image_shape) == 1 else ops.clip(made, -1.0, 1.0)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "gamma": self.gamma,
            "decay_steps": self.decay_steps,
        }
