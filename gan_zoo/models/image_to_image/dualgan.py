"""DualGAN (Yi et al. 2017): two translators, critics with clipped weights."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_positive, check_weight
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.two_translators import TwoTranslators, for_each
from gan_zoo.networks.blocks import instance_norm
from gan_zoo.networks.pix2pix import patch_discriminator, unet_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import rmsprop


@keras.saving.register_keras_serializable("gan_zoo")
class DualGAN(TwoTranslators):
    """Two translators, A → B and B → A, against critics of the Wasserstein distance.

    With G: A → B, F: B → A, and ‖·‖ the mean absolute difference:

    Critics: minimise E D_B(G(a)) − E D_B(b) + E D_A(F(b)) − E D_A(a), their weights
    clipped to [−c, c] after each update.
    Generators: minimise −E D_B(G(a)) − E D_A(F(b)) + λ_A ‖F(G(a)) − a‖
    + λ_B ‖G(F(b)) − b‖.

    Args:
        image_shape: (height, width, channels) of the images of A.
        image_shape_b: the same of B where it differs, in channels only.
        recovery_weight_a: λ_A (λ_U in the paper).
        recovery_weight_b: λ_B (λ_V). The paper takes a smaller weight for a domain of
            photos, where the other one holds none.
        clip: c.
        critic_steps: updates of the critics per update of the generators, each on a
            fresh batch.
        generator_a_to_b: maps images of A to images in [-1, 1] of the shape of B; by
            default pix2pix's U-Net, whose dropout is the noise of the paper.
        generator_b_to_a: the same for B to A.
        discriminator_a: maps images of A to scores of any shape; by default a PatchGAN
            of 70 × 70 patches, smaller ones for images below that.
        discriminator_b: the same for B.
        **kwargs: as `AdversarialModel`: `ema`, `seed`, `name`.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1], as many of A as of
    B; the paper's batch is 1 to 4 of each. In the logs `d_loss` is the sum of both
    critics, `g_loss` the adversarial part of both generators, and `recovery_loss` the
    sum of ‖F(G(a)) − a‖ and ‖G(F(b)) − b‖.

    Raises:
        ValueError: when networks and image shapes do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. Of the ranges that the paper gives (λ from 100 to 1000, c from 0.01 to 0.1,
           2 to 4 critic steps) the defaults take 100, 0.1 and 3. The authors' code was
           later changed to the cross entropy with λ = 20.
        2. The networks have pix2pix's norm, see `Pix2Pix`.
        3. Below 70 × 70 the default patches shrink to 34 or 16 pixels.

    Example:
        train, test = gan_zoo.data.load("fluent_sample/unpaired", batch_size=4)
        gan = gan_zoo.DualGAN(image_shape=(32, 32, 3))
        gan.compile()
        gan.fit(train, epochs=50)

    Reference: Yi et al. 2017, DualGAN: Unsupervised Dual Learning for Image-to-Image
    Translation, 1704.02510, equations 1 to 3 and Algorithm 1.
    """

    tracked = ("d_loss", "g_loss", "recovery_loss")

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        recovery_weight_a=100.0,
        recovery_weight_b=100.0,
        clip=0.1,
        critic_steps=3,
        **kwargs,
    ):
        check_weight("recovery_weight_a", recovery_weight_a)
        check_weight("recovery_weight_b", recovery_weight_b)
        check_positive("clip", clip)
        check_count("critic_steps", critic_steps)
        self.recovery_weight_a = recovery_weight_a
        self.recovery_weight_b = recovery_weight_b
        self.clip = clip
        self.critic_steps = critic_steps
        super().__init__(image_shape, image_shape_b, **kwargs)

    # The paper's choices.

    def paper_generator(self, source_shape, target_shape):
        """pix2pix's U-Net between images of these shapes (section 3.2)."""
        return unet_generator(source_shape, target_shape[-1])

    def paper_discriminator(self, image_shape):
        """The 70 × 70 PatchGAN, or the largest whose patches fit the image."""
        return patch_discriminator(image_shape, norm=lambda: instance_norm(scale=True))

    def paper_optimizers(self):
        """RMSprop 5e-5 for each side; learning rate and decay of the authors' code."""
        return {player: rmsprop(5e-5, rho=0.9) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """E D(x̂) − E D(x): equations 1 and 2."""
        return losses.wasserstein_critic_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E D(x̂): the last two terms of equation 3."""
        return losses.wasserstein_generator_loss(fake_scores)

    # The algorithm.

    @property
    def batches_per_step(self):
        """Batches of the data set in one step: one per update of the critics."""
        return self.critic_steps

    def train_step(self, data):
        """Algorithm 1: several updates of the critics, then one of the generators."""
        for k, (real_a, real_b) in enumerate(self.minibatches(data)):
            with self.draws("critics", k):
                self.update_critics(real_a, real_b)
        with self.draws("generators"):
            self.update_generators(real_a, real_b)
        return self.finish_step()

    def update_critics(self, real_a, real_b):
        """The update of both critics, then the clipping of their weights."""
        fake_b = forward(self.generator_a_to_b, real_a)
        fake_a = forward(self.generator_b_to_a, real_b)

        def critics():
            scores_a = for_each(self.discriminator_a, real_a, fake_a)
            scores_b = for_each(self.discriminator_b, real_b, fake_b)
            loss = self.discriminator_loss(*scores_a)
            loss += self.discriminator_loss(*scores_b)
            return loss, {"d_loss": loss}

        self.update("d", critics)
        weights = self.variables_of("d")
        clipped = [ops.clip(w.value, -self.clip, self.clip) for w in weights]
        backend.assign_all(weights, clipped)

    def update_generators(self, real_a, real_b):
        """The update of both generators: equation 3."""

        def generators():
            fake_b = forward(self.generator_a_to_b, real_a)
            fake_a = forward(self.generator_b_to_a, real_b)
            recovered_a = forward(self.generator_b_to_a, fake_b)
            recovered_b = forward(self.generator_a_to_b, fake_a)
            adversarial = self.generator_loss(forward(self.discriminator_b, fake_b))
            adversarial += self.generator_loss(forward(self.discriminator_a, fake_a))
            lost_a = ops.mean(ops.abs(recovered_a - real_a))
            lost_b = ops.mean(ops.abs(recovered_b - real_b))
            loss = adversarial + self.recovery_weight_a * lost_a
            loss += self.recovery_weight_b * lost_b
            return loss, {"g_loss": adversarial, "recovery_loss": lost_a + lost_b}

        self.update("g", generators)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "recovery_weight_a": self.recovery_weight_a,
            "recovery_weight_b": self.recovery_weight_b,
            "clip": self.clip,
            "critic_steps": self.critic_steps,
        }
