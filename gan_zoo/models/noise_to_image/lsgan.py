"""LSGAN: least squares in place of the cross entropy (Mao et al. 2016)."""

import keras

from gan_zoo.checks import as_tuple, is_number
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class LSGAN(GAN):
    """Least squares GAN: scores are drawn to target numbers.

    Discriminator: minimise ½ E (D(x) − b)² + ½ E (D(G(z)) − a)².
    Generator: minimise ½ E (D(G(z)) − c)².

    The gradient grows with the distance from the target, so that images on the right
    side of the boundary but far from the data are still moved.

    Args:
        targets: (a, b, c). The default (0, 1, 1) is the paper's equation 9; (−1, 1, 0)
            its equation 8, which minimises Pearson's χ² divergence.
        **kwargs: as `GAN`.

    Raises:
        ValueError: for other than three targets or b = a, and as `GAN`.

    Differs from the paper:
        1. Networks are DCGAN's, as in the paper's experiments on stability (its LSUN
           networks have additional levels, those for Chinese characters fewer, and
           labels).
        2. The learning rate is that of the Chinese characters, 2e-4 (LSUN: 1e-3).
        3. z has 100 numbers, as DCGAN's (authors' code: 1,024).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64)
        gan = gan_zoo.LSGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Mao et al. 2016, Least Squares Generative Adversarial Networks,
    1611.04076, equations 2, 8 and 9.
    """

    paper_prior = "uniform"
    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(dcgan_discriminator)

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=100,
        *,
        targets=(0.0, 1.0, 1.0),
        **kwargs,
    ):
        given = as_tuple(targets)
        three = len(given) == 3 and all(map(is_number, given))
        if not three or given[0] == given[1]:
            raise ValueError(
                "Expected three targets (a, b, c), numbers, those of generated and of "
                f"real images different, got {targets!r}. The paper's are (0, 1, 1)."
            )
        super().__init__(image_shape, latent_dim, **kwargs)
        self.targets = given

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }

    def discriminator_loss(self, real_scores, fake_scores):
        """½ E (D(x) − b)² + ½ E (D(G(z)) − a)²."""
        a, b, _ = self.targets
        return losses.least_squares_loss(real_scores, b) + losses.least_squares_loss(
            fake_scores, a
        )

    def generator_loss(self, fake_scores):
        """½ E (D(G(z)) − c)²."""
        return losses.least_squares_loss(fake_scores, self.targets[2])

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"targets": self.targets}
