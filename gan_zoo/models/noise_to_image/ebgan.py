"""EBGAN: a discriminator whose reconstruction error is an energy (Zhao et al. 2016)."""

import math

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_weight, is_number
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_generator
from gan_zoo.networks.ebgan import ebgan_autoencoder
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class EBGAN(GAN):
    """Energy-based GAN: D gives real images low energies, others energies up to m.

    With D(x) = ‖Dec(Enc(x)) − x‖, the Euclidean norm over the numbers of an image:
    Discriminator: minimise E D(x) + E max(0, m − D(G(z))).
    Generator: minimise E D(G(z)) + λ f_PT(Enc(G(z))).

    The pulling-away term f_PT is the mean squared cosine between the codes of two
    generated images of the batch. It is high when the generator makes the same image
    again and again. Under a strategy the batch is the global one.

    The log `pull_away` is f_PT; `real_score` and `fake_score` are the mean energies.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        margin: m, above 0. The energy grows with the square root of the number of
            pixels, and so should m: the paper takes 20 for 64×64 colour images (CelebA)
            and 80 for LSUN. 10 suits 28×28 grey images.
        pull_away_weight: λ. With 0 the model is the paper's EBGAN, and above 0 its
            EBGAN-PT.
        generator: maps z to images; DCGAN's by default.
        discriminator: maps images to [reconstructions, codes]; the paper's by default.
        **kwargs: as `GAN`.

    Raises:
        ValueError: for a discriminator with other outputs than images and codes,
            numbers out of range, and as `GAN`.

    Differs from the paper: none that it states. What it leaves open is chosen so:
        1. D's reconstructions end in tanh, as the generator's images do.
        2. The optimizers are those of DCGAN, whose guidance the paper follows.

    Example:
        train, test = gan_zoo.data.load("celeb_a", batch_size=128, image_size=64)
        gan = gan_zoo.EBGAN(image_shape=(64, 64, 3))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Zhao et al. 2016, Energy-based Generative Adversarial Network,
    1609.03126, equations 1, 2 and 4 and appendix D.
    """

    tracked = (*GAN.tracked, "pull_away")
    logits = ()  # D makes images and codes
    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(ebgan_autoencoder)

    def __init__(
        self,
        image_shape=(64, 64, 3),
        latent_dim=100,
        *,
        margin=20.0,
        pull_away_weight=0.1,
        **kwargs,
    ):
        if not is_number(margin) or not margin > 0:
            raise ValueError(f"Expected margin above 0, a number, got {margin!r}.")
        check_weight("pull_away_weight", pull_away_weight)
        super().__init__(image_shape, latent_dim, **kwargs)
        self.margin = margin
        self.pull_away_weight = pull_away_weight

    def check_outputs(self, shapes):
        """Refuses other outputs than an image and its code."""
        if len(shapes) != 2 or shapes[0] != self.image_shape:
            raise ValueError(
                "Expected a discriminator with two outputs, reconstructions of shape "
                f"{self.image_shape} and codes, got {shapes}. Build it as "
                "keras.Model(images, [decoder(codes), codes])."
            )

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }

    def discriminate(self, images, conditions):
        """The energies (n, 1) of images, and their codes."""
        again, codes = super().discriminate(images, conditions)
        axes = tuple(range(1, len(again.shape)))
        squared = ops.sum(ops.square(again - images), axis=axes)  # (n, h, w, c) -> (n,)
        # The root has no gradient at 0.
        return [ops.sqrt(ops.maximum(squared, 1e-12))[:, None], codes]

    def discriminator_loss(self, real_scores, fake_scores):
        """E D(x) + E max(0, m − D(G(z)))."""
        return ops.mean(real_scores) + ops.mean(ops.relu(self.margin - fake_scores))

    def generator_objective(self, fake, real, **others):
        """E D(G(z)) + λ f_PT(Enc(G(z)))."""
        energies, codes = fake
        term = pulling_away(codes)
        loss = ops.mean(energies) + self.pull_away_weight * term
        return loss, {"pull_away": term}

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "margin": self.margin,
            "pull_away_weight": self.pull_away_weight,
        }


def pulling_away(codes):
    """Mean squared cosine between two codes of the global batch.

    1 / (n (n − 1)) Σ_{i ≠ j} (s_i · s_j / ‖s_i‖ ‖s_j‖)².

    Args:
        codes: (n, ...).

    Returns:
        Scalar in [0, 1]: 0 for codes at right angles to each other, and for one code.

    Reference: Zhao et al. 2016, 1609.03126, equation 4.
    """
    # (n, ...) -> (n, d)
    codes = ops.reshape(codes, (-1, math.prod(codes.shape[1:])))
    squared = ops.sum(ops.square(codes), axis=1, keepdims=True)
    # Not ops.normalize, whose gradient at 0 is NaN.
    directions = backend.gather(codes * ops.rsqrt(ops.maximum(squared, 1e-12)))
    cosines = ops.square(ops.matmul(directions, ops.transpose(directions)))
    n = ops.shape(cosines)[0]
    others = ops.sum(cosines) - ops.trace(cosines)
    return others / ops.cast(ops.maximum(n * (n - 1), 1), "float32")
