"""The original GAN (Goodfellow et al. 2014) and its two generator objectives."""

import keras
from keras import ops

from gan_zoo.models.base.adversarial import AdversarialModel, answer
from gan_zoo.models.base.checks import (
    check_count,
    check_count_of,
    check_image_range,
    check_image_shape,
    check_logits,
    check_network,
)
from gan_zoo.models.noise_to_image.base import (
    NoiseToImage,
    check_prior,
    inputs_of,
)
from gan_zoo.networks.gan import maxout_discriminator, relu_generator
from gan_zoo.objectives import losses


@keras.saving.register_keras_serializable("gan_zoo")
class GAN(NoiseToImage, AdversarialModel):
    """Generative adversarial networks: a forger against a judge.

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
        1. Images lie in [-1, 1]; the generator ends in tanh (paper: [0, 1], sigmoid).
        2. Learning rate and momentum stay at their first values (the authors' MNIST
           settings move them slowly over hundreds of epochs).
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
    # What the networks must take, by names for messages; None where any count will do.
    generator_inputs = None
    discriminator_inputs = None
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
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        prior = prior or self.paper_prior
        check_prior(prior)
        check_count("critic_steps", critic_steps)
        check_count("latent_dim", latent_dim)
        generator = generator or self.paper_generator(image_shape, latent_dim)
        discriminator = discriminator or self.paper_discriminator(image_shape)
        _check_networks(generator, discriminator, image_shape, latent_dim)
        self._check_inputs("generator", generator, self.generator_inputs)
        self._check_inputs("discriminator", discriminator, self.discriminator_inputs)
        self.check_outputs([tuple(x.shape[1:]) for x in discriminator.outputs])
        for place, head in enumerate(self.logits):
            check_logits(f"discriminator's {head}", discriminator, place)
        super().__init__(
            {"d": {"discriminator": discriminator}, "g": {"generator": generator}},
            ema=ema,
            seed=seed,
            name=name,
        )
        self.image_shape = image_shape
        self.latent_dim = latent_dim
        self.critic_steps = critic_steps
        self.prior = prior

    def _check_inputs(self, part, network, names):
        if not names:
            return
        check_count_of("inputs", part, network, names)
        for name, taken in zip(names, network.inputs, strict=True):
            if name in self.conditions:
                self.conditions[name].check_input(part, tuple(taken.shape[1:]))

    # The paper's choices.

    def paper_generator(self, image_shape, latent_dim):
        """The paper's generator for images of this shape."""
        return relu_generator(image_shape, latent_dim)

    def paper_discriminator(self, image_shape):
        """The paper's discriminator for images of this shape."""
        return maxout_discriminator(image_shape)

    def paper_optimizers(self):
        """SGD with the authors' MNIST settings.

        They halve the discriminator's loss and take 0.1 for both; half the rate is the
        same.
        """
        return {
            "d": keras.optimizers.SGD(0.05, momentum=0.5),
            "g": keras.optimizers.SGD(0.1, momentum=0.5),
        }

    def check_outputs(self, shapes):
        """Raises ValueError for a discriminator that this system cannot use.

        Args:
            shapes: of its outputs, without the batch axis.
        """
        if len(shapes) != 1:
            raise ValueError(
                f"Expected a discriminator with one output, logits, got {len(shapes)} "
                f"of shapes {shapes}."
            )
        if any(side != 1 for side in shapes[0]):
            raise ValueError(
                "Expected a discriminator with one score per image, logits (n, 1), got "
                f"shape {('n', *shapes[0])}. End it in keras.layers.Dense(1), after "
                "keras.layers.Flatten() where it has convolutions."
            )

    # The objective: what variants override.

    def discriminator_loss(self, real_scores, fake_scores):
        """Scalar loss of the discriminator from its logits."""
        return losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """Scalar loss of the generator from the logits of its images."""
        return losses.non_saturating_generator_loss(fake_scores)

    def penalty(self, score, real, fake):
        """Scalar added to the discriminator's loss.

        Args:
            score: the discriminator, images to scores (n, 1).
            real: real images.
            fake: as many generated ones.
        """
        return 0.0

    # The algorithm. A batch is a tuple: images, then their labels where they matter.

    @property
    def batches_per_step(self):
        """Batches of the data set in one step: one per discriminator update."""
        return self.critic_steps

    def train_step(self, data):
        """Algorithm 1: k discriminator updates, then one of the generator."""
        for k, batch in enumerate(self.minibatches(self.batch_of(data))):
            with self.draws("discriminator", k):
                self.update_discriminator(*batch)
        with self.draws("generator"):
            self.update_generator(*batch)
        return self.finish_step()

    def fake(self, z, *conditions):
        """Images, float32, of latents z as the generator makes them in training."""
        return answer(self.generator, inputs_of(z, conditions))

    def judged(self, images, *conditions):
        """List of the discriminator's outputs in training, float32; scores first."""
        outputs = answer(self.discriminator, inputs_of(images, conditions))
        return outputs if isinstance(outputs, (tuple, list)) else [outputs]

    def scores(self, images, *conditions):
        """Scores (n, 1) of images as the discriminator gives them in training."""
        return self.judged(images, *conditions)[0]

    def update_discriminator(self, real, *conditions):
        """Lines 3 to 6 of Algorithm 1, on one minibatch and fresh noise."""
        # Outside the objective, so that no gradient is kept for the generator.
        fake = self.fake(self.latents(ops.shape(real)[0]), *conditions)

        def score(images):
            return self.scores(images, *conditions)

        def objective():
            # Two passes: batch norm must not mix real and generated images.
            real_scores, fake_scores = score(real), score(fake)
            penalty = self.penalty(score, real, fake)
            loss = self.discriminator_loss(real_scores, fake_scores) + penalty
            loss += sum(self.discriminator.losses)
            return loss, self.discriminator_logs(
                loss, penalty, real_scores, fake_scores
            )

        self.update("d", objective)

    def discriminator_logs(self, loss, penalty, real_scores, fake_scores):
        """Values of a discriminator update for the logs, by their `tracked` names."""
        return {"d_loss": loss, "real_score": real_scores, "fake_score": fake_scores}

    def update_generator(self, real, *conditions):
        """Lines 8 and 9 of Algorithm 1, on fresh noise for as many images."""
        z = self.latents(ops.shape(real)[0])

        def objective():
            fake = self.fake(z, *conditions)
            loss = self.generator_loss(self.scores(fake, *conditions))
            loss += sum(self.generator.losses)
            return loss, {"g_loss": loss}

        self.update("g", objective)

    def get_config(self):
        """Arguments of the model, networks included."""
        save = keras.saving.serialize_keras_object
        return super().get_config() | {
            "image_shape": self.image_shape,
            "latent_dim": self.latent_dim,
            "generator": save(self.generator),
            "discriminator": save(self.discriminator),
            "critic_steps": self.critic_steps,
            "prior": self.prior,
        }


@keras.saving.register_keras_serializable("gan_zoo")
class MinimaxGAN(GAN):
    """The GAN of equation 1: the generator minimises E log(1 − σ(D(G(z)))).

    The theory is about this game; in practice its generator stops learning where the
    discriminator is sure, since the gradient of log(1 − σ(s)) vanishes as s → −∞.

    Args: as `GAN`. Differs from the paper: as `GAN`.

    Reference: Goodfellow et al. 2014, Generative Adversarial Nets, 1406.2661,
    equation 1.
    """

    def generator_loss(self, fake_scores):
        """E log(1 − σ(D(G(z))))."""
        return losses.minimax_generator_loss(fake_scores)


def _check_networks(generator, discriminator, image_shape, latent_dim):
    check_network("generator makes images", generator, "outputs", image_shape)
    check_image_range("generator", generator)
    check_network("generator takes latents", generator, "inputs", (latent_dim,))
    check_network("discriminator takes images", discriminator, "inputs", image_shape)
