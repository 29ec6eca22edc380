"""The original GAN (Goodfellow et al. 2014) and its two generator objectives."""

import keras
from keras import ops

from gan_zoo.augment import adjust, augmented
from gan_zoo.checks import check_count
from gan_zoo.models.base.network_checks import (
    check_logits,
    check_network,
    check_one_score,
)
from gan_zoo.models.base.networks import forward
from gan_zoo.models.noise_to_image.base import NoiseToImage, inputs_of
from gan_zoo.networks.gan import maxout_discriminator, relu_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class GAN(NoiseToImage):
    """Generative adversarial networks: a generator against a discriminator.

    Discriminator: minimise −E log σ(D(x)) − E log(1 − σ(D(G(z)))).
    Generator: minimise −E log σ(D(G(z))), the non-saturating form that the paper trains
    with; `MinimaxGAN` keeps the minimax form.

    It is also the template of the systems that differ in their objective only: they
    override `discriminator_loss`, `generator_loss` or `penalty`.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z.
        generator: maps z (n, latent_dim) to images in [-1, 1]; the paper's MNIST
            network by default.
        discriminator: maps images to logits (n, 1); the paper's maxout network by
            default.
        critic_steps: discriminator updates per generator update (k of Algorithm 1),
            each on a fresh batch of the data set and fresh noise.
        prior: distribution of z, "normal" or "uniform" on [-1, 1); the paper's by
            default.
        augment: what changes images before D sees them in training, such as
            `gan_zoo.augment.DiffAugment()`. It becomes the first layer of D.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of images, float32 in [-1, 1]; labels beside them are ignored.

    Raises:
        ValueError: when the networks do not fit `image_shape` and `latent_dim`, when
            the discriminator has several outputs or scores per image, or ends in a
            sigmoid or another bounded activation, when a generator of images ends in a
            sigmoid, for numbers out of range, or for an unknown prior.

    Differs from the paper:
        1. Data sets and samples lie in [-1, 1]. The default networks work in the
           paper's [0, 1]: D sees (x + 1) / 2, and G gives 2σ(a) − 1.
        2. Both players have Adam 2e-4, β1 0.5 by default. The authors' MNIST settings
           are SGD(0.05, momentum=0.5) for D, whose loss they halve at twice that rate,
           and SGD(0.1, momentum=0.5) for G, moved slowly over hundreds of epochs. With
           these the discriminator wins on the bundled 10,000 digits.
        3. The generator's last bias starts at 0 (authors: from the data's mean).
        4. The generator moves after the discriminator, on fresh noise, as Algorithm 1
           says (authors' code: both at once, on the same samples).

    Example:
        train, test = gan_zoo.data.load("mnist")
        gan = gan_zoo.GAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)
        images = gan.generate(16, seed=0)

    Reference: Goodfellow et al. 2014, Generative Adversarial Nets, 1406.2661,
    Algorithm 1.
    """

    tracked = ("d_loss", "g_loss", "real_score", "fake_score")
    paper_prior = "normal"
    # The discriminator's first outputs, which are logits, by their names in messages.
    logits = ("score",)

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=100,
        *,
        generator=None,
        discriminator=None,
        critic_steps=1,
        prior=None,
        augment=None,
        ema=None,
        seed=0,
        name=None,
    ):
        check_count("critic_steps", critic_steps)
        self.critic_steps = critic_steps

        def players():
            shape, dim = self.image_shape, self.latent_dim
            g = generator or self.paper_generator(shape, dim)
            d = discriminator or self.paper_discriminator(shape)
            self._check_networks(g, d)
            if augment is not None:
                d = augmented(d, augment)
            return {"d": {"discriminator": d}, "g": {"generator": g}}

        super().__init__(
            image_shape,
            latent_dim,
            players,
            prior=prior or self.paper_prior,
            ema=ema,
            seed=seed,
            name=name,
        )

    def _check_networks(self, generator, discriminator):
        self.check_generator(generator)
        conditions = {n: self.conditions[n] for n in self.discriminator_conditions}
        images = {"images": self.image_shape}
        check_network("discriminator", discriminator, images, conditions=conditions)
        self.check_outputs([tuple(x.shape[1:]) for x in discriminator.outputs])
        for place, head in enumerate(self.logits):
            check_logits(f"discriminator's {head}", discriminator, place)

    # The paper's choices.

    def paper_generator(self, image_shape, latent_dim):
        """The paper's generator for images of this shape."""
        return relu_generator(image_shape, latent_dim)

    def paper_discriminator(self, image_shape):
        """The paper's discriminator for images of this shape."""
        return maxout_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both, DCGAN's."""
        return {
            "d": Adam(2e-4, beta_1=0.5),
            "g": Adam(2e-4, beta_1=0.5),
        }

    def check_outputs(self, shapes):
        """Raises ValueError for a discriminator that this system cannot use.

        Args:
            shapes: of its outputs, without the batch axis.
        """
        check_one_score(shapes)

    # The objective: what variants override.

    def discriminator_loss(self, real_scores, fake_scores):
        """Scalar loss of the discriminator from its logits."""
        return losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """Scalar loss of the generator from the logits of its images."""
        return losses.non_saturating_generator_loss(fake_scores)

    def penalty(self, score, real, fake):
        """Scalar added to the discriminator's loss.

        What it differentiates is each image's own score. A discriminator with batch
        norm is therefore refused in the first step.

        Args:
            score: the discriminator, images to scores (n, 1).
            real: real images.
            fake: as many generated ones.
        """
        return 0.0

    # The same where D has more outputs than a score: what ACGAN and InfoGAN override.

    def discriminator_objective(self, real, fake, **others):
        """Loss of the discriminator from all its outputs, and values for the logs.

        Args:
            real: list of D's outputs for real images, scores first.
            fake: the same for generated images.
            **others: the other inputs of the batch by their names, and the conditions
                of the generated images.

        Returns:
            Scalar loss, and a dict of further values by their `tracked` names.
        """
        return self.discriminator_loss(real[0], fake[0]), {}

    def generator_objective(self, fake, real, **others):
        """Loss of the generator from all outputs of D, and values for the logs.

        Args:
            fake: list of D's outputs for generated images, scores first.
            real: function without arguments that runs D on the real images of its
                last update; the same list for them.
            **others: as for `discriminator_objective`.

        Returns:
            As `discriminator_objective`.
        """
        return self.generator_loss(fake[0]), {}

    def outputs_and_penalty(self, discriminate, real, fake):
        """D's outputs for real and for generated images, and a penalty.

        A variant whose penalty is about these images themselves gets both in one pass,
        see `penalties.value_and_zero_centred_penalty`.

        Args:
            discriminate: maps images to the list of D's outputs.
            real: real images.
            fake: as many generated ones.
        """
        # Two passes: batch norm must not mix real and generated images.
        outputs = discriminate(real), discriminate(fake)
        return *outputs, self.penalty(lambda x: discriminate(x)[0], real, fake)

    # The algorithm.

    @property
    def discriminator_conditions(self):
        """Names of the conditions that D takes: by default those of the batch."""
        return tuple(name for name in self.conditions if name in self.batch_parts)

    @property
    def batches_per_step(self):
        """Batches of the data set in one step: one per discriminator update."""
        return self.critic_steps

    def train_step(self, data):
        """Algorithm 1: k discriminator updates, then one of the generator."""
        for k, (real, *given) in enumerate(self.minibatches(data)):
            given = dict(zip(self.batch.names[1:], given, strict=True))
            with self.draws("discriminator", k):
                self.update_discriminator(real, **given)
        with self.draws("generator"):
            self.update_generator(real, **given)
        return self.finish_step()

    def generated(self, z, conditions):
        """Images, float32, of latents z as the generator makes them in training."""
        return forward(self.generator, inputs_of(z, conditions.values()))

    def discriminate(self, images, conditions):
        """List of the discriminator's outputs in training, float32; scores first."""
        taken = [conditions[name] for name in self.discriminator_conditions]
        outputs = forward(self.discriminator, inputs_of(images, taken))
        return outputs if isinstance(outputs, (tuple, list)) else [outputs]

    def update_discriminator(self, real, **given):
        """Lines 3 to 6 of Algorithm 1, on fresh noise; returns D's outputs for both."""
        z, conditions = self.latents_and_conditions(ops.shape(real)[0], given)
        # Outside the objective, so that no gradient is kept for the generator.
        fake = self.generated(z, conditions)

        def objective():
            real_outputs, fake_outputs, penalty = self.outputs_and_penalty(
                lambda images: self.discriminate(images, conditions), real, fake
            )
            loss, logs = self.discriminator_objective(
                real_outputs, fake_outputs, **given | conditions
            )
            loss += penalty
            usual = {
                "d_loss": loss,
                "real_score": real_outputs[0],
                "fake_score": fake_outputs[0],
                "penalty": penalty,
            }
            shown = {k: v for k, v in usual.items() if k in self.tracked}
            return loss, shown | logs, (real_outputs, fake_outputs)

        outputs = self.update("d", objective)
        adjust(self.discriminator, outputs[0][0])
        return outputs

    def update_generator(self, real, **given):
        """Lines 8 and 9 of Algorithm 1, on fresh noise; returns D's outputs."""
        z, conditions = self.latents_and_conditions(ops.shape(real)[0], given)

        def real_outputs():
            return self.discriminate(real, conditions)

        def objective():
            outputs = self.discriminate(self.generated(z, conditions), conditions)
            others = given | conditions
            loss, logs = self.generator_objective(outputs, real_outputs, **others)
            return loss, {"g_loss": loss} | logs, outputs

        return self.update("g", objective)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "critic_steps": self.critic_steps,
            "prior": self.prior,
        }
