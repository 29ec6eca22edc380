"""VAE: maximises a lower bound on the log likelihood (Kingma & Welling 2013)."""

import keras
import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count
from gan_zoo.models.autoencoders.base import AutoencoderModel, reparameterized
from gan_zoo.models.base.network_checks import check_logits, check_network
from gan_zoo.models.base.sampling import pieces
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.networks.vae import bernoulli_decoder, normal_decoder, vae_encoder
from gan_zoo.objectives import likelihoods


@keras.saving.register_keras_serializable("gan_zoo")
class VAE(AutoencoderModel, NoiseToImage):
    """Variational autoencoder: no opponent, but a bound on the likelihood of the data.

    Encoder and decoder: minimise −L(x) = −E log p(x|z) + KL(q(z|x) ‖ N(0, I)), the
    expectation over z = μ(x) + σ(x) ε, ε ~ N(0, I), with one ε per image. L(x), in
    nats, is at most log p(x).

    p(x|z) is a Bernoulli per pixel, its logits the decoder's, of t = (x + 1) / 2;
    `GaussianVAE` has a normal distribution instead. `generate` gives its means.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of z.
        encoder: maps images to [means, log variances] (n, latent_dim); the paper's
            perceptron by default.
        decoder: maps z to a logit per pixel; the paper's perceptron by default.
        ema: decay of the moving average of both networks, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of images, float32 in [-1, 1]; labels beside them are ignored.
    The logs show −L as `loss` and its two terms.

    Raises:
        ValueError: when the networks do not fit `image_shape` and `latent_dim`, or the
            decoder of logits ends in a sigmoid, tanh or another bounded activation.

    Differs from the paper:
        1. The weights have no prior (paper: N(0, I), a small decay).
        2. Adagrad's sums of squares start at 0.1, as Keras's do (as published: at 0).
        3. Weights start with a standard deviation of 0.01, biases at 0 (paper: all from
           N(0, 0.01), which may be meant as a variance).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=100)
        vae = gan_zoo.VAE(image_shape=(28, 28, 1))
        vae.compile()
        vae.fit(train, epochs=20)
        images = vae.generate(16, seed=0)
        bound = vae.elbo(images).mean()

    Reference: Kingma & Welling 2013, Auto-Encoding Variational Bayes, 1312.6114,
    equation 10, Algorithm 1 and appendices B and C.
    """

    tracked = ("loss", "reconstruction", "divergence")
    image_limit = 1.0

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=20,
        *,
        encoder=None,
        decoder=None,
        ema=None,
        seed=0,
        name=None,
    ):
        def players():
            shape, code = self.image_shape, (self.latent_dim,)
            e = encoder or vae_encoder(shape, latent_dim)
            d = decoder or self.paper_decoder(shape, latent_dim)
            heads = {"means": code, "log variances": code}
            check_network("encoder", e, {"images": shape}, heads)
            self.check_decoder(d)
            return {"vae": {"encoder": e, "decoder": d}}

        super().__init__(
            image_shape, latent_dim, players, ema=ema, seed=seed, name=name
        )

    def decays(self):
        """Both networks are averaged."""
        return {"vae": self.ema}

    def paper_decoder(self, image_shape, latent_dim):
        """The paper's decoder for images of this shape."""
        return bernoulli_decoder(image_shape, latent_dim)

    def paper_optimizers(self):
        """Adagrad 0.02, one of the three step sizes of section 5."""
        return {"vae": keras.optimizers.Adagrad(0.02)}

    # The likelihood: what `GaussianVAE` overrides.

    def check_decoder(self, decoder):
        """Raises ValueError for a decoder of other outputs than logits."""
        taken, made = {"latents": (self.latent_dim,)}, {"logits": self.image_shape}
        check_network("decoder", decoder, taken, made)
        check_logits("decoder", decoder)

    def log_likelihood(self, images, outputs):
        """The log p(x|z) (n,) of images under the decoder's outputs."""
        return likelihoods.bernoulli_log_likelihood(images, outputs)

    def means_of(self, outputs):
        """E p(x|z), float32 in [-1, 1], of the decoder's outputs."""
        return likelihoods.bernoulli_means(outputs)

    # The algorithm.

    def train_step(self, data):
        """Algorithm 1: one step up the bound of a minibatch."""
        ((images,),) = self.minibatches(data)

        def objective():
            networks = self.encoder, self.decoder
            log_likelihood, divergence = self.bound(images, *networks, training=True)
            loss = ops.mean(divergence - log_likelihood)
            return loss, {
                "loss": loss,
                "reconstruction": -log_likelihood,
                "divergence": divergence,
            }

        with self.draws("vae"):
            self.update("vae", objective)
        return self.finish_step()

    def bound(self, images, encoder, decoder, training):
        """The log p(x|z) (n,), z from q(z|x), and KL(q(z|x) ‖ N(0, I)) (n,)."""
        means, log_variances = encoder(images, training=training)
        z = reparameterized(means, log_variances)
        log_likelihood = self.log_likelihood(images, decoder(z, training=training))
        return log_likelihood, likelihoods.normal_divergence(means, log_variances)

    def elbo(self, images, samples=1, seed=0, batch_size=100, *, averaged=True):
        """The bound L(x) of each image, at most log p(x) but for the draws of z.

        Args:
            images: float array (n, *image_shape) in [-1, 1].
            samples: draws of z per image to take the mean of.
            seed: integer from which they are drawn.
            batch_size: images looked at at a time; another one draws other z.
            averaged: use averaged weights where there are any.

        Returns:
            float32 array (n,), nats.

        Raises:
            TypeError, ValueError: for what is no array of images in [-1, 1].
        """
        images = self.checked_images(images)
        check_count("samples", samples)
        check_count("batch_size", batch_size)
        bounds = np.zeros(len(images), "float32")
        with backend.draws((seed, 0)), self.use_averages(averaged):
            networks = (
                self.sampling_networks["encoder"],
                self.sampling_networks["decoder"],
            )
            for piece in pieces(len(images), batch_size):
                batch = ops.convert_to_tensor(images[piece])
                for _ in range(samples):
                    log_likelihood, divergence = self.bound(
                        batch, *networks, training=False
                    )
                    bound = ops.convert_to_numpy(log_likelihood - divergence)
                    bounds[piece] += bound / samples
        return bounds

    def decoded(self, codes):
        """Images in [-1, 1], float32, of latents (n, latent_dim)."""
        decoder = self.sampling_networks["decoder"]
        return self.means_of(decoder(codes, training=False))

    def sample(self, z):
        """As `decoded`."""
        return self.decoded(z)


@keras.saving.register_keras_serializable("gan_zoo")
class GaussianVAE(VAE):
    """The VAE of continuous data: p(x|z) is normal, with the decoder's mean and spread.

    Log likelihoods are densities: where a pixel never changes, such as at the edge of
    MNIST's images, its spread falls to 0 and the bound rises beyond all limits. Use
    `VAE` there.

    Args: as `VAE`, but the decoder maps z to [means, log variances] of the pixels.
    Differs from the paper: as `VAE`.

    Reference: Kingma & Welling 2013, Auto-Encoding Variational Bayes, 1312.6114,
    appendix C.2.
    """

    image_limit = None

    def paper_decoder(self, image_shape, latent_dim):
        """The paper's decoder for continuous images of this shape."""
        return normal_decoder(image_shape, latent_dim)

    def check_decoder(self, decoder):
        """Raises ValueError for a decoder of other outputs than means and spreads."""
        shape = self.image_shape
        heads = {"means": shape, "log variances": shape}
        check_network("decoder", decoder, {"latents": (self.latent_dim,)}, heads)

    def log_likelihood(self, images, outputs):
        """The log of N(x; μ(z), diag σ²(z)) (n,)."""
        return likelihoods.normal_log_likelihood(images, *outputs)

    def means_of(self, outputs):
        """μ(z), float32."""
        means, _ = outputs
        return ops.cast(means, "float32")
