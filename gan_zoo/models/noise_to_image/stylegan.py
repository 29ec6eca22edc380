"""StyleGAN: a generator steered by styles (Karras et al. 2018)."""

import keras
from keras import ops

from gan_zoo.checks import check_count, check_weight
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.models.noise_to_image.style_based import StyleBased
from gan_zoo.networks.stylegan import stylegan_discriminator, stylegan_generator
from gan_zoo.objectives import penalties
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class StyleGAN(StyleBased, GAN):
    """StyleGAN: mapping network, styles by AdaIN, per-pixel noise, style mixing.

    Discriminator: minimise −E log σ(D(x)) − E log(1 − σ(D(G(z)))) + γ/2 E ‖∇D(x)‖².
    Generator: minimise −E log σ(D(G(z))).

    Args:
        image_shape: (height, width, channels); sides halve evenly down to 4 to 7.
        latent_dim: length of the noise vector z.
        r1: γ, weight of the gradient penalty on real images.
        r1_interval: apply the penalty every so many steps, that many times stronger; 1
            as the paper. (The lazy form is StyleGAN2's.)
        generator: a model of z with sub-models named `mapping` and `synthesis`, see
            `gan_zoo.networks.stylegan`; the paper's by default.
        discriminator: images to logits (n, 1); the paper's by default.
        critic_steps: discriminator updates per generator update.
        ema: decay of the generator's moving average, which `generate` uses.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    Raises:
        ValueError: when the generator lacks `mapping` or `synthesis`, and as `GAN`.

    Differs from the paper:
        1. Trained at full resolution from the start, without progressive growing.
        2. One learning rate, 1e-3, at every resolution (authors: up to 3e-3 from 512).
        3. Each image draws whether it is mixed and its own crossover (released code:
           one draw of both per minibatch).
        4. The average's decay is a number per step, 0.999 and less early on (authors: a
           half-life of 10,000 images from the start).
        5. Truncation acts on every layer by default; `cutoff=8` is that of the authors'
           pictures, the layers from 4² to 32².
        6. The lazy form of the penalty, `r1_interval` above 1, adds it to D's loss
           (StyleGAN2: a step of Adam of its own).

    Example:
        train, test = gan_zoo.data.load("mnist", image_size=32, batch_size=32)
        gan = gan_zoo.StyleGAN(image_shape=(32, 32, 1))
        gan.compile()
        gan.fit(train, epochs=20)
        images = gan.generate(16, seed=0, truncation=0.7)

    Reference: Karras et al. 2018, A Style-Based Generator Architecture for Generative
    Adversarial Networks, 1812.04948, section 2 and appendices B and C.
    """

    tracked = ("d_loss", "g_loss", "real_score", "fake_score", "penalty")

    def __init__(
        self,
        image_shape=(32, 32, 1),
        latent_dim=512,
        *,
        r1=10.0,
        r1_interval=1,
        ema=0.999,
        **kwargs,
    ):
        check_weight("r1", r1)
        check_count("r1_interval", r1_interval)
        super().__init__(image_shape, latent_dim, ema=ema, **kwargs)
        self.r1 = r1
        self.r1_interval = r1_interval

    def paper_generator(self, image_shape, latent_dim):
        """The paper's style-based generator."""
        return stylegan_generator(image_shape, latent_dim)

    def paper_discriminator(self, image_shape):
        """ProGAN's discriminator."""
        return stylegan_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 1e-3, β 0 and 0.99 for both (appendix C)."""
        return {
            "d": Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8),
            "g": Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8),
        }

    def outputs_and_penalty(self, discriminate, real, fake):
        """D's outputs, and γ/2 E ‖∇D(x)‖²."""
        if self.r1_interval > 1:  # what a condition decides shares no pass
            return super().outputs_and_penalty(discriminate, real, fake)
        real_outputs, r1 = penalties.value_and_zero_centred_penalty(discriminate, real)
        return real_outputs, discriminate(fake), self.r1 / 2 * r1

    def penalty(self, score, real, fake):
        """γ/2 E ‖∇D(x)‖² at every `r1_interval`-th step, that many times as strong."""

        def r1():
            strength = self.r1_interval * self.r1 / 2
            return strength * penalties.zero_centred_penalty(score, real)

        due = ops.equal(self.steps % self.r1_interval, 0)
        return ops.cond(due, r1, lambda: ops.zeros(()))

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"r1": self.r1, "r1_interval": self.r1_interval}
