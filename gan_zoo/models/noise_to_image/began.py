"""BEGAN: a discriminator that reconstructs, held in balance (Berthelot et al. 2017)."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_weight, is_number
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.began import began_autoencoder, began_decoder
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class BEGAN(GAN):
    """Boundary equilibrium GAN: D is an autoencoder, and its error is the energy.

    With L(x) = mean |x − D(x)| over the numbers of an image:
    Discriminator: minimise E L(x) − k E L(G(z)).
    Generator: minimise E L(G(z)).
    After both: k ← k + λ_k (γ E L(x) − E L(G(z))), kept in [0, 1].

    γ is the ratio E L(G(z)) / E L(x) that k holds the two players at: a low γ gives
    sharper images that differ less.

    The log `convergence` is M = E L(x) + |γ E L(x) − E L(G(z))|, which falls as images
    improve; `real_score` and `fake_score` are E L(x) and E L(G(z)), `balance` is k.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        diversity_ratio: γ, in (0, 1].
        balance_rate: λ_k.
        generator: maps z to images; the paper's by default.
        discriminator: maps images to images; the paper's by default.
        **kwargs: as `GAN`.

    Raises:
        ValueError: for a discriminator that makes other than images, numbers out of
            range, and as `GAN`.

    Differs from the paper:
        1. The learning rate stays at its first value (paper: halved where M stalls).
        2. No vanishing residuals and no skip connections, both optional in the paper.
        3. Below 8 × 8 levels may have 7 pixels a side, such as those of 28 × 28.

    Example:
        train, test = gan_zoo.data.load("celeb_a", batch_size=16, image_size=64)
        gan = gan_zoo.BEGAN(image_shape=(64, 64, 3))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Berthelot et al. 2017, BEGAN: Boundary Equilibrium Generative Adversarial
    Networks, 1703.10717, sections 3.3 to 3.5.
    """

    tracked = (*GAN.tracked, "balance", "convergence")
    paper_prior = "uniform"
    logits = ()  # D makes images
    paper_generator = staticmethod(began_decoder)
    paper_discriminator = staticmethod(began_autoencoder)

    def __init__(
        self,
        image_shape=(64, 64, 3),
        latent_dim=64,
        *,
        diversity_ratio=0.5,
        balance_rate=1e-3,
        **kwargs,
    ):
        if not is_number(diversity_ratio) or not 0 < diversity_ratio <= 1:
            raise ValueError(
                f"Expected diversity_ratio in (0, 1], got {diversity_ratio!r}."
            )
        check_weight("balance_rate", balance_rate)
        super().__init__(image_shape, latent_dim, **kwargs)
        self.diversity_ratio = diversity_ratio
        self.balance_rate = balance_rate
        self.balance = self.add_weight(
            name="balance",
            shape=(),
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
            autocast=False,
        )

    def check_outputs(self, shapes):
        """Refuses other outputs than one image."""
        if shapes != [self.image_shape]:
            raise ValueError(
                "Expected a discriminator that reconstructs images, with one output of "
                f"shape {self.image_shape}, got {shapes}."
            )

    def paper_optimizers(self):
        """Adam 1e-4 for both (section 4.1); the moments' decay is not stated."""
        return {
            "d": Adam(1e-4, beta_1=0.5),
            "g": Adam(1e-4, beta_1=0.5),
        }

    def discriminate(self, images, conditions):
        """The energy L (n, 1) of images."""
        (again,) = super().discriminate(images, conditions)
        axes = tuple(range(1, len(again.shape)))
        # (n, h, w, c) -> (n, 1)
        return [ops.mean(ops.abs(images - again), axis=axes)[:, None]]

    def train_step(self, data):
        """Both updates, then that of k."""
        for k, (real,) in enumerate(self.minibatches(data)):
            with self.draws("discriminator", k):
                (real_energy,), _ = self.update_discriminator(real)
        with self.draws("generator"):
            (fake_energy,) = self.update_generator(real)
        self.rebalance(real_energy, fake_energy)
        return self.finish_step()

    def discriminator_loss(self, real_scores, fake_scores):
        """E L(x) − k E L(G(z))."""
        return ops.mean(real_scores) - self.balance.value * ops.mean(fake_scores)

    def generator_loss(self, fake_scores):
        """E L(G(z))."""
        return ops.mean(fake_scores)

    def rebalance(self, real_energy, fake_energy):
        """Moves k by the energies (n, 1) of both sides, means of the global batch."""
        real, fake = (ops.mean(backend.gather(x)) for x in (real_energy, fake_energy))
        difference = self.diversity_ratio * real - fake
        moved = self.balance.value + self.balance_rate * difference
        backend.assign_all([self.balance], [ops.clip(moved, 0.0, 1.0)])
        self.track(balance=self.balance.value, convergence=real + ops.abs(difference))

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "diversity_ratio": self.diversity_ratio,
            "balance_rate": self.balance_rate,
        }
