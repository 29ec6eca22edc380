"""VAE/GAN: a VAE that measures its errors in a discriminator (Larsen et al. 2015)."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.models.autoencoders.base import AutoencoderModel, reparameterized
from gan_zoo.models.base.network_checks import (
    check_image_range,
    check_logits,
    check_network,
)
from gan_zoo.models.base.networks import forward
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.networks.vaegan import (
    vaegan_decoder,
    vaegan_discriminator,
    vaegan_encoder,
)
from gan_zoo.objectives import likelihoods, losses


@keras.saving.register_keras_serializable("gan_zoo")
class VAEGAN(AutoencoderModel, NoiseToImage):
    """VAE/GAN: the decoder is a generator, and D's features replace the pixels.

    With z ~ q(z|x), x̃ = Dec(z), x_p = Dec(z_p), z_p ~ N(0, I) and D's features l:
    L_prior = KL(q(z|x) ‖ N(0, I)), L_llike = ½ E ‖l(x) − l(x̃)‖²,
    L_GAN = E log σ(D(x)) + E log(1 − σ(D(x̃))) + E log(1 − σ(D(x_p))).

    Encoder: minimise L_prior + L_llike.
    Decoder: minimise γ L_llike − E log σ(D(x̃)) − E log σ(D(x_p)).
    Discriminator: minimise −L_GAN.

    What the encoder learns does not depend on L_GAN, nor D on L_llike.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of z.
        encoder: maps images to [means, log variances] (n, latent_dim).
        decoder: maps z to images in [-1, 1].
        discriminator: maps images to [logits (n, 1), features (n, ...)].
        similarity_weight: γ: how much a sample should look like its original rather
            than real.
        ema: decay of the decoder's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of images, float32 in [-1, 1]; labels beside them are ignored.
    The logs `similarity` and `divergence` are L_llike and L_prior.

    Raises:
        ValueError: when the networks do not fit `image_shape` and `latent_dim`, the
            discriminator's score comes from a sigmoid or another bounded activation,
            or the decoder ends in a sigmoid.

    Differs from the paper:
        1. The decoder minimises the non-saturating form of its part of L_GAN (paper:
           L_GAN itself; the authors' code then skips updates of D, or of the decoder,
           where one is far ahead of the other).
        2. x, x̃ and x_p pass D in batches of their own (authors: in one), so that its
           batch norm never mixes them.
        3. The learning rate stays at its first value (authors' code: falls to a 2,000th
           of it over 150 epochs).
        4. D's loss counts x, x̃ and x_p alike (authors' CelebA settings: 0.66, 0.17 and
           0.17).
        5. Weights do not decay (authors' code: weight decay 1e-5).

    Example:
        train, test = gan_zoo.data.load("celeb_a", batch_size=64, image_size=64)
        gan = gan_zoo.VAEGAN(image_shape=(64, 64, 3))
        gan.compile()
        gan.fit(train, epochs=20)
        images = gan.generate(16, seed=0)
        same = gan.reconstruct(images)

    Reference: Larsen et al. 2015, Autoencoding beyond pixels using a learned similarity
    metric, 1512.09300, equations 5 to 9 and Algorithm 1.
    """

    tracked = (
        "d_loss",
        "g_loss",
        "similarity",
        "divergence",
        "real_score",
        "fake_score",
    )

    def __init__(
        self,
        image_shape=(64, 64, 3),
        latent_dim=128,
        *,
        encoder=None,
        decoder=None,
        discriminator=None,
        similarity_weight=1e-5,
        ema=None,
        seed=0,
        name=None,
    ):
        check_weight("similarity_weight", similarity_weight)
        self.similarity_weight = similarity_weight

        def players():
            shape = self.image_shape
            e = encoder or vaegan_encoder(shape, latent_dim)
            g = decoder or vaegan_decoder(shape, latent_dim)
            d = discriminator or vaegan_discriminator(shape)
            self._check_networks(e, g, d)
            return {"e": {"encoder": e}, "g": {"decoder": g}, "d": {"discriminator": d}}

        super().__init__(
            image_shape, latent_dim, players, ema=ema, seed=seed, name=name
        )

    def _check_networks(self, encoder, decoder, discriminator):
        shape, code = self.image_shape, (self.latent_dim,)
        heads = {"means": code, "log variances": code}
        check_network("encoder", encoder, {"images": shape}, heads)
        check_network("decoder", decoder, {"latents": code}, {"images": shape})
        check_image_range("decoder", decoder)
        heads = {"logits": (1,), "features": None}
        check_network("discriminator", discriminator, {"images": shape}, heads)
        check_logits("discriminator", discriminator)

    def paper_optimizers(self):
        """RMSprop 3e-4 for all three (section 4)."""
        return {
            player: keras.optimizers.RMSprop(3e-4, rho=0.9, epsilon=1e-8)
            for player in ("e", "g", "d")
        }

    def train_step(self, data):
        """Algorithm 1: all gradients are those of the networks the step began with.

        The encoder comes first, then the decoder, then D: each is given what the ones
        before it made from their old weights.
        """
        ((images,),) = self.minibatches(data)
        with self.draws("encoder"):
            z = self.update_encoder(images)
        with self.draws("decoder"):
            fakes = self.update_decoder(images, z)
        with self.draws("discriminator"):
            self.update_discriminator(images, fakes)
        return self.finish_step()

    def generated(self, z):
        """Images, float32, of latents as the decoder makes them in training."""
        return forward(self.decoder, z)

    def discriminate(self, images):
        """D's logits (n, 1) and features in training, float32."""
        return forward(self.discriminator, images)

    def update_encoder(self, images):
        """Minimises L_prior + L_llike; returns z (n, latent_dim)."""

        def objective():
            means, log_variances = self.encoder(images, training=True)
            z = reparameterized(means, log_variances)
            divergence = ops.mean(likelihoods.normal_divergence(means, log_variances))
            _, wanted = self.discriminate(images)
            _, features = self.discriminate(self.generated(z))
            distance = feature_distance(wanted, features)
            logs = {"divergence": divergence, "similarity": distance}
            return divergence + distance, logs, z

        return self.update("e", objective)

    def update_decoder(self, images, z):
        """Minimises γ L_llike and the decoder's part of L_GAN; returns x̃ and x_p."""
        z_p = self.latents(ops.shape(z)[0])
        _, wanted = self.discriminate(images)

        def objective():
            fakes = [self.generated(codes) for codes in (z, z_p)]
            (score, features), (score_p, _) = map(self.discriminate, fakes)
            loss = self.similarity_weight * feature_distance(wanted, features)
            loss += losses.non_saturating_generator_loss(score)
            loss += losses.non_saturating_generator_loss(score_p)
            return loss, {"g_loss": loss}, fakes

        return self.update("g", objective)

    def update_discriminator(self, images, fakes):
        """Minimises −L_GAN on images, reconstructions and samples."""

        def objective():
            real, again, fake = (self.discriminate(x)[0] for x in (images, *fakes))
            loss = losses.minimax_discriminator_loss(real, again)
            loss -= losses.minimax_generator_loss(fake)
            return loss, {"d_loss": loss, "real_score": real, "fake_score": fake}

        self.update("d", objective)

    def decoded(self, codes):
        """Images in [-1, 1], float32, of latents (n, latent_dim)."""
        decoder = self.sampling_networks["decoder"]
        return ops.cast(decoder(codes, training=False), "float32")

    def sample(self, z):
        """As `decoded`."""
        return self.decoded(z)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"similarity_weight": self.similarity_weight}


def feature_distance(wanted, features):
    """L_llike = ½ E ‖l(x) − l(x̃)‖², the sum over all features of an image.

    Args:
        wanted: features (n, ...) of originals.
        features: features of their reconstructions.

    Returns:
        Scalar, at least 0.
    """
    squares = ops.square(wanted - features)
    # (n, ...) -> (n,)
    squares = ops.sum(squares, axis=tuple(range(1, len(wanted.shape))))
    return 0.5 * ops.mean(squares)
