"""DRAGAN: a penalty on the gradient norm near the data (Kodali et al. 2017)."""

import functools

import keras

from gan_zoo.checks import check_weight
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_zoo.objectives import penalties
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class DRAGAN(GAN):
    """The GAN objective with a penalty on ‖∇ D‖ near the data.

    Discriminator: minimise −E log σ(D(x)) − E log(1 − σ(D(G(z))))
    + λ E (‖∇ D(x + δ)‖₂ − k)², δ = ½ std(x) U, U uniform on [0, 1) per pixel.
    Generator: minimise −E log σ(D(G(z))).

    Args:
        image_shape: as `GAN`, as is `latent_dim`.
        latent_dim: length of the noise vector z.
        gradient_penalty: λ.
        target_norm: k, the target gradient norm.
        **kwargs: as `GAN`. `fit` refuses a discriminator with batch norm.

    Raises:
        ValueError: for a number below 0, and as `GAN`.

    Differs from the paper:
        1. The gradient is that of the logit, as in the authors' code (paper: of D).
        2. The penalty is taken at x + δ, as in Algorithm 1 (authors' code: at a random
           point between x and x + δ). δ is uniform, as in the authors' code (paper's
           objective: N(0, cI)).
        3. The discriminator has no batch norm: it would couple the images of a batch,
           and the penalty is about each image's own gradient.
        4. Optimizers and networks are DCGAN's, Adam 2e-4 with β 0.5 and 0.999, and
           images lie in [-1, 1] (authors' released notebook: Adam 1e-4 with β 0.5 and
           0.9, perceptrons of 128 hidden units, pixels in [0, 1]).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64)
        gan = gan_zoo.DRAGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Kodali et al. 2017, On Convergence and Stability of GANs, 1705.07215,
    Algorithm 1.
    """

    tracked = ("d_loss", "g_loss", "real_score", "fake_score", "penalty")
    paper_prior = "uniform"
    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(
        functools.partial(dcgan_discriminator, batch_norm=False)
    )

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=100,
        *,
        gradient_penalty=10.0,
        target_norm=1.0,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, **kwargs)
        check_weight("gradient_penalty", gradient_penalty)
        check_weight("target_norm", target_norm)
        self.gradient_penalty = gradient_penalty
        self.target_norm = target_norm

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both, as DCGAN's."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }

    def penalty(self, score, real, fake):
        """λ E (‖∇ D(x + δ)‖₂ − k)²."""
        return self.gradient_penalty * penalties.around_data_penalty(
            score, real, self.target_norm
        )

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "gradient_penalty": self.gradient_penalty,
            "target_norm": self.target_norm,
        }
