"""WGAN-GP: a Wasserstein critic whose gradient has norm 1 (Gulrajani et al. 2017)."""

import keras

from gan_zoo.checks import check_weight
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.wgan_gp import wgan_gp_critic, wgan_gp_generator
from gan_zoo.objectives import losses, penalties
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class WGANGP(GAN):
    """Wasserstein GAN with gradient penalty.

    Critic: minimise E f(G(z)) − E f(x) + λ E (‖∇ f(x̂)‖₂ − 1)², x̂ uniform between a
    real and a generated image. Generator: minimise −E f(G(z)).

    The log `wasserstein` is E f(x) − E f(G(z)), the critic's estimate of the distance;
    `penalty` is the term with λ.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z.
        gradient_penalty: λ.
        critic_steps: critic updates per generator update, each on a fresh batch.
        prior: distribution of z, "normal" (the paper's) or "uniform".
        generator: maps z to images; the authors' MNIST network by default.
        discriminator: the critic, images to scores (n, 1). `fit` refuses one with batch
            norm: the score of an image would depend on the others of the batch.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    Raises:
        ValueError: for a `gradient_penalty` below 0, and as `GAN`.

    Differs from the paper:
        1. Images lie in [-1, 1]; the generator ends in tanh (the authors' MNIST script:
           [0, 1], sigmoid).
        2. β1 is 0 as in Algorithm 1 (their MNIST script: 0.5).
        3. First weights have variance 2 over the mean of both fans (their MNIST script:
           with the fan on the side of the smaller image divided by 4, and variance 1
           over the mean for dense layers).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64)
        gan = gan_zoo.WGANGP(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Gulrajani et al. 2017, Improved Training of Wasserstein GANs,
    1704.00028, equation 3 and Algorithm 1.
    """

    tracked = ("d_loss", "g_loss", "wasserstein", "penalty")

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=128,
        *,
        gradient_penalty=10.0,
        critic_steps=5,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, critic_steps=critic_steps, **kwargs)
        check_weight("gradient_penalty", gradient_penalty)
        self.gradient_penalty = gradient_penalty

    def paper_generator(self, image_shape, latent_dim):
        """The authors' MNIST generator."""
        return wgan_gp_generator(image_shape, latent_dim)

    def paper_discriminator(self, image_shape):
        """The authors' MNIST critic."""
        return wgan_gp_critic(image_shape)

    def paper_optimizers(self):
        """Adam 1e-4, β 0 and 0.9 for both (Algorithm 1)."""
        return {
            "d": Adam(1e-4, beta_1=0.0, beta_2=0.9),
            "g": Adam(1e-4, beta_1=0.0, beta_2=0.9),
        }

    def discriminator_loss(self, real_scores, fake_scores):
        """E f(G(z)) − E f(x)."""
        return losses.wasserstein_critic_loss(real_scores, fake_scores)

    def discriminator_objective(self, real, fake, **others):
        """The loss, and the estimate of the distance."""
        loss, logs = super().discriminator_objective(real, fake, **others)
        return loss, logs | {"wasserstein": -loss}

    def generator_loss(self, fake_scores):
        """−E f(G(z))."""
        return losses.wasserstein_generator_loss(fake_scores)

    def penalty(self, score, real, fake):
        """λ E (‖∇ f(x̂)‖₂ − 1)²."""
        return self.gradient_penalty * penalties.gradient_penalty(score, real, fake)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"gradient_penalty": self.gradient_penalty}
