"""CycleGAN (Zhu et al. 2017): translation between two domains without pairs."""

import keras
from keras import ops

from gan_zoo.checks import check_count, check_weight
from gan_zoo.layers import ImagePool
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.two_translators import TwoTranslators, for_each
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.networks.pix2pix import patch_discriminator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam, ConstantThenLinear


@keras.saving.register_keras_serializable("gan_zoo")
class CycleGAN(TwoTranslators):
    """Two translators, A → B and B → A, each of which must undo the other.

    With G: A → B, F: B → A, least squares in place of the log likelihood, and
    ‖·‖ the mean absolute difference:

    Generators: minimise E(D_B(G(a)) − 1)² + E(D_A(F(b)) − 1)²
    + λ (‖F(G(a)) − a‖ + ‖G(F(b)) − b‖) + λ μ (‖G(b) − b‖ + ‖F(a) − a‖).
    Discriminators: minimise ½ E(D_B(b) − 1)² + ½ E D_B(G(a))², and the like for D_A,
    on generated images from a pool of earlier ones. The ½ is the paper's: it slows D
    down relative to G.

    Args:
        image_shape: (height, width, channels) of the images of A, sides multiples of 4.
        image_shape_b: the same of B where it differs, in channels only.
        generator_a_to_b: maps images of A to images in [-1, 1] of the shape of B, of
            the paper's size by default: 9 residual blocks from 256 × 256, else 6.
        generator_b_to_a: the same for B to A.
        discriminator_a: maps images of A to scores of any shape; by default a PatchGAN
            of 70 × 70 patches, smaller ones for images below that.
        discriminator_b: the same for B.
        cycle_weight: λ.
        identity_weight: μ, relative to λ; 0 leaves these passes out.
        pool_size: images of each domain's pool, 50 float32 images in the paper; 0 for
            no pool.
        constant_steps: steps at the full learning rate: 100 epochs of the authors'
            loader on horse2zebra, which counts the larger domain's 1,334 images.
        linear_steps: steps from there to a learning rate of 0.
        ema: decay of the generators' moving averages, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1], as many of A as of
    B and nothing that pairs them; the paper's batch is one of each. In the logs
    `g_loss` is the adversarial part of both generators, `cycle_loss` and
    `identity_loss` are the brackets behind λ and λ μ, `d_loss` is the sum of both
    discriminators.

    Raises:
        ValueError: when networks and image shapes do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. The identity loss is on, as in the authors' released settings (μ = 0.5); the
           paper uses it for paintings → photographs only.
        2. The learning rate falls at each step, the authors' at each epoch.
        3. Below 70 × 70 the default patches shrink to 34 or 16 pixels; the paper has
           no smaller images.

    Example:
        train, test = gan_zoo.data.load("cycle_gan/horse2zebra", batch_size=1)
        gan = gan_zoo.CycleGAN(image_shape=(256, 256, 3))
        gan.compile()
        gan.fit(train, epochs=200)
        zebras = gan.translate(horses, "a_to_b")

    Reference: Zhu et al. 2017, Unpaired Image-to-Image Translation using
    Cycle-Consistent Adversarial Networks, 1703.10593, equations 1 to 3, section 4 and
    appendix 7.
    """

    tracked = ("d_loss", "g_loss", "cycle_loss", "identity_loss")

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        cycle_weight=10.0,
        identity_weight=0.5,
        pool_size=50,
        constant_steps=133_400,
        linear_steps=133_400,
        **kwargs,
    ):
        check_weight("cycle_weight", cycle_weight)
        check_weight("identity_weight", identity_weight)
        check_count("pool_size", pool_size, 0)
        check_count("constant_steps", constant_steps, 0)
        check_count("linear_steps", linear_steps)
        self.cycle_weight = cycle_weight
        self.identity_weight = identity_weight
        self.pool_size = pool_size
        self.constant_steps = constant_steps
        self.linear_steps = linear_steps
        super().__init__(image_shape, image_shape_b, **kwargs)
        self.pool_a = ImagePool(pool_size)
        self.pool_b = ImagePool(pool_size)
        self.pool_a.build((None, *self.domains["a"]))
        self.pool_b.build((None, *self.domains["b"]))

    def check_domains(self, shape_a, shape_b):
        """Raises ValueError for other channels in B where the identity loss is on."""
        if shape_a != shape_b and self.identity_weight:
            raise ValueError(
                "The identity loss shows each generator images of its target, but A "
                f"has {shape_a[-1]} channels and B {shape_b[-1]}. Pass "
                "identity_weight=0."
            )

    # The paper's choices.

    def paper_generator(self, source_shape, target_shape):
        """The paper's generator between images of these shapes."""
        blocks = 9 if min(source_shape[:2]) >= 256 else 6
        return resnet_generator(source_shape, target_shape[-1], blocks=blocks)

    def paper_discriminator(self, image_shape):
        """The paper's 70 × 70 PatchGAN, or the largest whose patches fit the image."""
        return patch_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for each side, constant and then linearly to 0."""
        rate = 2e-4, self.constant_steps, self.linear_steps
        # epsilon is that of the authors' framework.
        return {
            player: Adam(ConstantThenLinear(*rate), beta_1=0.5, epsilon=1e-8)
            for player in ("d", "g")
        }

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """½ E(D(x) − 1)² + ½ E D(x̂)²: equation 1 by least squares, halved (7.1)."""
        real_loss = losses.least_squares_loss(real_scores, 1.0)
        return real_loss + losses.least_squares_loss(fake_scores, 0.0)

    def generator_loss(self, fake_scores):
        """E(D(x̂) − 1)²: equation 1 by least squares; only D's objective is halved."""
        return 2.0 * losses.least_squares_loss(fake_scores, 1.0)

    def distance(self, x, y):
        """‖x − y‖ of the cycle and the identity loss: the mean absolute difference."""
        return ops.mean(ops.abs(x - y))

    # The algorithm.

    def train_step(self, data):
        """Both generators against the present discriminators, then these."""
        ((real_a, real_b),) = self.minibatches(data)

        def generators():
            # Each on its source and, for the identity loss, on its target.
            fake_b, same_b = self.fake_and_same(self.generator_a_to_b, real_a, real_b)
            fake_a, same_a = self.fake_and_same(self.generator_b_to_a, real_b, real_a)
            cycled_a = forward(self.generator_b_to_a, fake_b)
            cycled_b = forward(self.generator_a_to_b, fake_a)
            adversarial = self.generator_loss(
                forward(self.discriminator_b, fake_b)
            ) + self.generator_loss(forward(self.discriminator_a, fake_a))
            cycle = self.distance(cycled_a, real_a)  # equation 2
            cycle += self.distance(cycled_b, real_b)
            logs = {"g_loss": adversarial, "cycle_loss": cycle}
            if self.identity_weight:
                identity = self.distance(same_b, real_b)  # section 5.2
                identity += self.distance(same_a, real_a)
                cycle += self.identity_weight * identity
                logs["identity_loss"] = identity
            loss = adversarial + self.cycle_weight * cycle  # equation 3
            return loss, logs, (fake_a, fake_b)

        with self.draws("generators"):
            fake_a, fake_b = self.update("g", generators)
        with self.draws("pools"):
            # Made before the update, as the generators' loss saw them.
            past_a, past_b = self.pool_a(fake_a), self.pool_b(fake_b)

        def discriminators():
            scores_a = for_each(self.discriminator_a, real_a, past_a)
            scores_b = for_each(self.discriminator_b, real_b, past_b)
            loss = self.discriminator_loss(*scores_a)
            loss += self.discriminator_loss(*scores_b)
            return loss, {"d_loss": loss}

        with self.draws("discriminators"):
            self.update("d", discriminators)
        return self.finish_step()

    def fake_and_same(self, generator, source, target):
        """Translated `source` images, and `target` images that should not change."""
        if not self.identity_weight:
            return forward(generator, source), target
        return for_each(generator, source, target)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "cycle_weight": self.cycle_weight,
            "identity_weight": self.identity_weight,
            "pool_size": self.pool_size,
            "constant_steps": self.constant_steps,
            "linear_steps": self.linear_steps,
        }
