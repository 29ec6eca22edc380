"""BicycleGAN (Zhu et al. 2017): many translations of one image, by a latent code."""

import keras
import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.autoencoders.base import reparameterized
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import (
    Direction,
    ImageToImage,
    check_same_sides,
)
from gan_zoo.networks.bicyclegan import bicycle_encoder, bicycle_generator
from gan_zoo.networks.pix2pix import patch_discriminator
from gan_zoo.objectives import likelihoods, losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class BicycleGAN(ImageToImage):
    """Translates an image in many ways: a latent code says which.

    Two cycles share the generator: cVAE-GAN, a conditional variational autoencoder, and
    cLR-GAN, the regression of the latent code. From a pair (a, b), E gives N(μ, σ²) of
    the code of b. With z drawn from it, z̃ from N(0, 1), and the mean absolute
    difference ‖·‖:

    cVAE-GAN, b → z → G(a, z): E(D(G(a, z)) − 1)² + λ ‖b − G(a, z)‖
    + λ_KL KL(N(μ, σ²) ‖ N(0, 1)).
    cLR-GAN, z̃ → G(a, z̃) → μ̃: E(D̃(G(a, z̃)) − 1)² + λ_latent ‖z̃ − μ̃‖, where μ̃ is
    E's mean for G(a, z̃).

    Encoder: minimise the terms of cVAE-GAN. Generator: minimise the terms of both.
    Discriminators: minimise E(D(b) − 1)² + E D(G(a, z))², and the like for D̃ and
    G(a, z̃).

    Args:
        image_shape: (height, width, channels) of the images of A.
        image_shape_b: the same of B where it differs, in channels only.
        latent_dim: length of the code.
        l1_weight: λ.
        latent_weight: λ_latent.
        divergence_weight: λ_KL.
        generator: maps [images of A, codes (n, latent_dim)] to images in [-1, 1] of the
            shape of B; by default a U-Net, whose sides must be multiples of a power of
            2.
        encoder: maps images of B to [means, log variances], each (n, latent_dim).
        discriminator: D, maps images of B to scores of any shape; by default a PatchGAN
            of 70 × 70 patches, smaller ones for images below that.
        discriminator_of_drawn: D̃, likewise.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of pairs (images_a, images_b), float32 in [-1, 1].
    `translate(images, seed=k)` draws one code for all images; another seed gives other
    translations. `translate_like(images, examples)` takes the codes of images of B. In
    the logs `g_loss` is the adversarial part of both terms; `l1_loss`, `latent_loss`
    and `divergence` are those behind λ, λ_latent and λ_KL.

    Raises:
        ValueError: when networks and image shapes do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. All pairs of a batch are used for D and for D̃ (authors' code: one half of the
           batch for each).
        2. The encoder is updated before the generator. The generator's update takes z
           of the encoder's old weights and μ̃ of its new ones (authors: one update).
        3. Each discriminator has one scale (authors' code: two). The encoder has
           strided convolutions only (authors: residual blocks).
        4. The learning rate stays at its first value (authors: falls to 0 in the second
           half).

    Example:
        train, test = gan_zoo.data.load("paired:edges2shoes", batch_size=2)
        gan = gan_zoo.BicycleGAN(image_shape=(256, 256, 3))
        gan.compile()
        gan.fit(train, epochs=60)
        five = [gan.translate(edges, seed=k) for k in range(5)]

    Reference: Zhu et al. 2017, Toward Multimodal Image-to-Image Translation,
    1711.11586, equations 1 to 9, and the authors' code.
    """

    tracked = ("d_loss", "g_loss", "l1_loss", "latent_loss", "divergence")
    directions = {"a_to_b": Direction("generator", "a", "b")}

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        latent_dim=8,
        l1_weight=10.0,
        latent_weight=0.5,
        divergence_weight=0.01,
        generator=None,
        encoder=None,
        discriminator=None,
        discriminator_of_drawn=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        if image_shape_b is not None:
            image_shape_b = check_image_shape(image_shape_b, "image_shape_b")
        check_count("latent_dim", latent_dim)
        check_weight("l1_weight", l1_weight)
        check_weight("latent_weight", latent_weight)
        check_weight("divergence_weight", divergence_weight)
        self.latent_dim = latent_dim
        self.l1_weight = l1_weight
        self.latent_weight = latent_weight
        self.divergence_weight = divergence_weight

        def players():
            a, b = self.domains["a"], self.domains["b"]
            check_same_sides(a, b)
            code = (latent_dim,)
            g = generator or self.paper_generator(a, b)
            e = encoder or self.paper_encoder(b)
            d = {
                "discriminator": discriminator or self.paper_discriminator(b),
                "discriminator_of_drawn": discriminator_of_drawn
                or self.paper_discriminator(b),
            }
            check_network("generator", g, {"images": a, "codes": code}, {"images": b})
            check_image_range("generator", g)
            heads = {"means": code, "log variances": code}
            check_network("encoder", e, {"images": b}, heads)
            for name, network in d.items():
                check_network(name, network, {"images": b}, {"scores": None})
            return {"d": d, "e": {"encoder": e}, "g": {"generator": g}}

        super().__init__(
            {"a": image_shape, "b": image_shape_b or image_shape},
            players,
            arguments={"b": "image_shape_b"},
            ema=ema,
            seed=seed,
            name=name,
        )

    # The paper's choices.

    def paper_generator(self, source_shape, target_shape):
        """A U-Net whose levels all see the code."""
        return bicycle_generator(source_shape, self.latent_dim, target_shape[-1])

    def paper_encoder(self, image_shape):
        """Strided convolutions to the mean and the log variance."""
        return bicycle_encoder(image_shape, self.latent_dim)

    def paper_discriminator(self, image_shape):
        """The 70 × 70 PatchGAN, or the largest whose patches fit the image."""
        return patch_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for all."""
        # epsilon is that of the authors' framework.
        return {
            player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "e", "g")
        }

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """E(D(b) − 1)² + E D(b̂)²."""
        real_loss = losses.least_squares_loss(real_scores, 1.0)
        return 2.0 * (real_loss + losses.least_squares_loss(fake_scores, 0.0))

    def generator_loss(self, fake_scores):
        """E(D(b̂) − 1)²."""
        return 2.0 * losses.least_squares_loss(fake_scores, 1.0)

    # The algorithm.

    def train_step(self, data):
        """The encoder, the generator, then both discriminators."""
        ((source, target),) = self.minibatches(data)
        with self.draws("encoder"):
            code = self.update_encoder(source, target)
        with self.draws("generator"):
            made, drawn = self.update_generator(source, target, code)
        with self.draws("discriminators"):
            self.update_discriminators(target, made, drawn)
        return self.finish_step()

    def update_encoder(self, source, target):
        """The terms of cVAE-GAN, for E; returns z."""

        def objective():
            means, log_variances = forward(self.encoder, target)
            code = reparameterized(means, log_variances)
            divergence = ops.mean(likelihoods.normal_divergence(means, log_variances))
            adversarial, distance, _ = self.encoded(source, target, code)
            loss = adversarial + self.l1_weight * distance
            loss += self.divergence_weight * divergence
            return loss, {"divergence": divergence}, code

        return ops.stop_gradient(self.update("e", objective))

    def update_generator(self, source, target, code):
        """The terms of both parts, for G; returns G(a, z) and G(a, z̃)."""
        drawn_code = backend.normal(tuple(ops.shape(code)))

        def objective():
            adversarial, distance, made = self.encoded(source, target, code)
            drawn = forward(self.generator, [source, drawn_code])
            scores = forward(self.discriminator_of_drawn, drawn)
            adversarial += self.generator_loss(scores)
            means, _ = forward(self.encoder, drawn)
            latent = ops.mean(ops.abs(drawn_code - means))
            logs = {
                "g_loss": adversarial,
                "l1_loss": distance,
                "latent_loss": latent,
            }
            loss = adversarial + self.l1_weight * distance
            return loss + self.latent_weight * latent, logs, (made, drawn)

        return self.update("g", objective)

    def encoded(self, source, target, code):
        """What E and G share: the adversarial term, ‖b − G(a, z)‖, and G(a, z)."""
        made = forward(self.generator, [source, code])
        adversarial = self.generator_loss(forward(self.discriminator, made))
        return adversarial, ops.mean(ops.abs(target - made)), made

    def update_discriminators(self, target, made, drawn):
        """D by G(a, z) and D̃ by G(a, z̃)."""
        sides = ((self.discriminator, made), (self.discriminator_of_drawn, drawn))

        def objective():
            loss = sum(
                self.discriminator_loss(forward(d, target), forward(d, fake))
                for d, fake in sides
            )
            return loss, {"d_loss": loss}

        self.update("d", objective)

    # After training.

    def translated_evenly(self, images, direction):
        """Translations by one code, drawn from the open scope, for all images."""
        code = backend.normal((1, self.latent_dim), shared=True)
        codes = ops.broadcast_to(code, (ops.shape(images)[0], self.latent_dim))
        return infer(self.sampling_networks["generator"], [images, codes])

    def translate_like(self, images, examples, batch_size=16):
        """Translates images by the codes of examples: in their colours, for example.

        Args:
            images: float array (n, h, w, c) in [-1, 1] of A, of the sides of `fit`.
            examples: n images of B, or one for all.
            batch_size: images translated at a time.

        Returns:
            float32 array (n, h, w, c') in [-1, 1].

        Raises:
            ValueError: for images of the wrong shape or type, or another number of
                examples.
        """
        name = type(self).__name__
        images = self.image_of("a").of_user(name, images)
        examples = self.image_of("b").of_user(name, examples)
        if len(examples) not in (1, len(images)):
            raise ValueError(
                f"Expected one example or {len(images)}, as many as images, got "
                f"{len(examples)}."
            )
        examples = np.broadcast_to(examples, (len(images), *examples.shape[1:]))
        rows = {"images": images, "examples": examples}
        return self.in_batches("translated_like", rows, batch_size)

    def translated_like(self, images, examples):
        """As `translate_like`, of tensors."""
        means, _ = infer(self.encoder, examples)
        return infer(self.sampling_networks["generator"], [images, means])

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "image_shape_b": self.domains["b"],
            "latent_dim": self.latent_dim,
            "l1_weight": self.l1_weight,
            "latent_weight": self.latent_weight,
            "divergence_weight": self.divergence_weight,
        }
