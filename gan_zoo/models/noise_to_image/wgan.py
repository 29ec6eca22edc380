"""WGAN: a critic of the Wasserstein distance, weights clipped (Arjovsky 2017)."""

import keras

from gan_zoo.models.noise_to_image.clipped_critic import CriticClipping
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import rmsprop


@keras.saving.register_keras_serializable("gan_zoo")
class WGAN(GAN):
    """Wasserstein GAN with weight clipping.

    Critic: minimise E f(G(z)) − E f(x), its weights clipped to [−c, c] after each
    update. Generator: minimise −E f(G(z)).

    The log `wasserstein` is E f(x) − E f(G(z)): up to a factor that depends on the
    critic and on c, an estimate of the distance, which falls as images improve.

    Early on, when the critic is still poor, the generator waits: it moves at each
    `warmup_critic_steps` / `critic_steps`-th training step until it has moved
    `warmup_generator_steps` times. With the defaults these are the first 500 steps.

    Args:
        image_shape: as `GAN`, as is `latent_dim`.
        latent_dim: length of the noise vector z.
        clip: c.
        critic_steps: critic updates per generator update, each on a fresh batch.
        warmup_generator_steps: generator updates of the warm-up; 0 for none.
        warmup_critic_steps: critic updates per generator update during the warm-up, a
            multiple of `critic_steps`.
        **kwargs: as `GAN`.

    Raises:
        ValueError: when `clip` is not positive, `warmup_critic_steps` no positive
            multiple of `critic_steps`, `warmup_generator_steps` below 0, and as `GAN`.

    Differs from the paper:
        1. The warm-up is the authors' code's, which the paper does not mention; their
           code takes 100 critic steps before each 500th generator step as well.
        2. The networks are those of the DCGAN paper, widths from 128 on and 5×5
           (authors' code: from 64 on and 4×4, without biases).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64)
        gan = gan_zoo.WGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Arjovsky et al. 2017, Wasserstein GAN, 1701.07875, Algorithm 1.
    """

    tracked = ("d_loss", "g_loss", "wasserstein")
    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(dcgan_discriminator)

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=100,
        *,
        clip=0.01,
        critic_steps=5,
        warmup_generator_steps=25,
        warmup_critic_steps=100,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, critic_steps=critic_steps, **kwargs)
        self.clipping = CriticClipping(
            clip, warmup_generator_steps, warmup_critic_steps, critic_steps
        )

    def paper_optimizers(self):
        """RMSprop 5e-5 for both (Algorithm 1); the authors' code's decay and ε."""
        return {
            "d": rmsprop(5e-5),
            "g": rmsprop(5e-5),
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

    def update_discriminator(self, real, **given):
        """Lines 3 to 7 of Algorithm 1: the update, then the clipping."""
        super().update_discriminator(real, **given)
        self.clipping.clip_weights(self.variables_of("d"))

    def update_generator(self, real, **given):
        """Lines 9 to 11 of Algorithm 1, where the warm-up lets the generator move."""
        with self.clipping.generator_waits(self):
            super().update_generator(real, **given)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | self.clipping.get_config()
