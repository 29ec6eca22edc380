"""MMD GAN: a moment matching network whose kernel is learned (Li et al. 2017)."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_bandwidths, check_weight
from gan_zoo.models.base.network_checks import check_network
from gan_zoo.models.base.networks import forward
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.models.noise_to_image.clipped_critic import CriticClipping
from gan_zoo.networks.dcgan import dcgan_generator
from gan_zoo.networks.mmd_gan import mmd_gan_decoder, mmd_gan_encoder
from gan_zoo.objectives import kernels
from gan_zoo.optimizers import rmsprop


@keras.saving.register_keras_serializable("gan_zoo")
class MMDGAN(NoiseToImage):
    """MMD GAN: the critic learns the codes in which the discrepancy is largest.

    With codes f(x) of the critic's encoder, its decoder r, the means over pixels ‖·‖²
    and over code entries h = mean min(0, E f(x) − E f(G(z))):

    Critic: maximise √MMD²(f(x), f(G(z))) + μ h
    − λ (E‖r(f(x)) − x‖² + E‖r(f(G(z))) − G(z)‖²), the encoder's weights clipped to
    [−c, c] after each update.
    Generator: minimise √MMD²(f(x), f(G(z))) + μ h.

    k(a, b) = Σ_σ exp(−‖a − b‖² / 2σ²). The decoder keeps f from losing what tells
    images apart; h keeps f from switching sign (E f(x) ≥ E f(G(z))).

    Early on the generator waits for the critic as in `WGAN`. Under a strategy the
    discrepancy is that of the global batch, whose codes every replica gathers.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z; the authors' for MNIST by default.
        generator: maps z (n, latent_dim) to images in [-1, 1]; DCGAN's by default.
        encoder: maps images to codes (n, k); DCGAN's by default, k = latent_dim.
        decoder: maps codes to images in [-1, 1]; DCGAN's by default.
        bandwidths: the σ, distances of codes.
        reconstruction_weight: λ.
        rank_weight: μ; 0 for vectors, which have no bounds: on a ring of Gaussians the
            term sent samples beyond 1e7.
        clip: c.
        critic_steps: critic updates per generator update, each on a fresh batch.
        warmup_generator_steps: generator updates of the warm-up; 0 for none.
        warmup_critic_steps: critic updates per generator update during the warm-up, a
            multiple of `critic_steps`.
        prior: distribution of z, "normal" or "uniform" on [-1, 1).
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of images, float32 in [-1, 1]; labels beside them are ignored.
    A step takes `critic_steps` + 1 of them: the generator's images are compared with
    real ones that the critic was not just trained on.

    Raises:
        ValueError: when the networks do not fit together, for a generator of images
            that ends in a sigmoid, for numbers out of range, or for an unknown prior.

    Differs from the paper:
        1. The weights λ and μ, the term h in the generator's objective and the warm-up
           are the authors' code's, which takes 100 critic steps before each 500th
           generator step as well.
        2. The encoder's first layer and the last ones of generator and decoder have
           biases (authors' code: none).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=64, image_size=32)
        gan = gan_zoo.MMDGAN(image_shape=(32, 32, 1))
        gan.compile()
        gan.fit(train, epochs=100)

    Reference: Li et al. 2017, MMD GAN: Towards Deeper Understanding of Moment Matching
    Network, 1705.08584, equation 4, section 4 and Algorithm 1.
    """

    tracked = ("d_loss", "g_loss", "mmd", "reconstruction")

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=10,
        *,
        generator=None,
        encoder=None,
        decoder=None,
        bandwidths=(1.0, 2.0, 4.0, 8.0, 16.0),
        reconstruction_weight=8.0,
        rank_weight=16.0,
        clip=0.01,
        critic_steps=5,
        warmup_generator_steps=25,
        warmup_critic_steps=100,
        prior="normal",
        ema=None,
        seed=0,
        name=None,
    ):
        self.bandwidths = check_bandwidths(bandwidths)
        check_weight("reconstruction_weight", reconstruction_weight)
        check_weight("rank_weight", rank_weight)
        self.reconstruction_weight = reconstruction_weight
        self.rank_weight = rank_weight

        def players():
            shape = self.image_shape
            g = generator or dcgan_generator(shape, latent_dim, 64, 4)
            e = encoder or mmd_gan_encoder(shape, latent_dim)
            self.check_generator(g)
            check_network("encoder", e, {"images": shape}, {"codes": (None,)})
            code_dim = e.outputs[0].shape[-1]
            d = decoder or mmd_gan_decoder(shape, code_dim)
            check_network("decoder", d, {"codes": (code_dim,)}, {"images": shape})
            return {"d": {"encoder": e, "decoder": d}, "g": {"generator": g}}

        super().__init__(
            image_shape,
            latent_dim,
            players,
            prior=prior,
            ema=ema,
            seed=seed,
            name=name,
        )
        self.critic_steps = critic_steps
        self.clipping = CriticClipping(
            clip, warmup_generator_steps, warmup_critic_steps, critic_steps
        )

    def paper_optimizers(self):
        """RMSprop 5e-5 for both; the authors' code's decay and ε."""
        return {
            "d": rmsprop(5e-5),
            "g": rmsprop(5e-5),
        }

    @property
    def batches_per_step(self):
        """One batch per critic update, and one for the generator's."""
        return self.critic_steps + 1

    def train_step(self, data):
        """Algorithm 1: the critic's updates, then one of the generator."""
        *critics, (last,) = self.minibatches(data)
        for k, (real,) in enumerate(critics):
            with self.draws("critic", k):
                self.update_critic(real)
        with self.draws("generator"), self.clipping.generator_waits(self):
            self.update_generator(last)
        return self.finish_step()

    def update_critic(self, real):
        """Encoder and decoder on one minibatch and fresh noise, then the clipping."""
        # Outside the objective, so that no gradient is kept for the generator.
        fake = forward(self.generator, self.latents(ops.shape(real)[0]))

        def objective():
            real_codes = self.encoder(real, training=True)
            fake_codes = self.encoder(fake, training=True)
            mmd, rank = self.discrepancy(real_codes, fake_codes)
            error = self.reconstruction_error(real, real_codes)
            error += self.reconstruction_error(fake, fake_codes)
            loss = self.reconstruction_weight * error - mmd - self.rank_weight * rank
            return loss, {"d_loss": loss, "mmd": mmd, "reconstruction": error}

        self.update("d", objective)
        self.clipping.clip_weights(self.encoder.trainable_variables)

    def update_generator(self, real):
        """The generator on one minibatch and fresh noise."""
        z = self.latents(ops.shape(real)[0])
        real_codes = self.encoder(real, training=True)

        def objective():
            fake = forward(self.generator, z)
            mmd, rank = self.discrepancy(real_codes, self.encoder(fake, training=True))
            loss = mmd + self.rank_weight * rank
            return loss, {"g_loss": loss}

        self.update("g", objective)

    def discrepancy(self, real_codes, fake_codes):
        """(√MMD², h) of two samples of codes, each spread over the replicas."""
        x, y = (
            backend.gather(ops.cast(codes, "float32"))
            for codes in (real_codes, fake_codes)
        )
        mmd2 = kernels.mmd2_biased(*kernels.kernel_matrices(self.kernel, x, y))
        above = ops.mean(x, axis=0) - ops.mean(y, axis=0)
        return ops.sqrt(ops.maximum(mmd2, 1e-10)), ops.mean(ops.minimum(above, 0.0))

    def kernel(self, x, y):
        """Σ_σ exp(−‖x − y‖² / 2σ²)."""
        return kernels.rbf_kernel(x, y, self.bandwidths)

    def reconstruction_error(self, images, codes):
        """Mean squared difference of images and what their codes are decoded to."""
        return ops.mean(ops.square(forward(self.decoder, codes) - images))

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "bandwidths": self.bandwidths,
            "reconstruction_weight": self.reconstruction_weight,
            "rank_weight": self.rank_weight,
            "critic_steps": self.critic_steps,
            "prior": self.prior,
            **self.clipping.get_config(),
        }
