"""CycleGAN (Zhu et al. 2017): translation between two domains without pairs."""

import keras
from keras import ops

from gan_zoo.checks import check_count, check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.layers import ImagePool
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.cyclegan import (
    patch_discriminator,
    patch_receptive_field,
    resnet_generator,
)
from gan_zoo.objectives import losses
from gan_zoo.optimizers import ConstantThenLinear


@keras.saving.register_keras_serializable("gan_zoo")
class CycleGAN(ImageToImage):
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
    directions = {
        "a_to_b": Direction("generator_a_to_b", "a", "b"),
        "b_to_a": Direction("generator_b_to_a", "b", "a"),
    }
    unpaired = True

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        generator_a_to_b=None,
        generator_b_to_a=None,
        discriminator_a=None,
        discriminator_b=None,
        cycle_weight=10.0,
        identity_weight=0.5,
        pool_size=50,
        constant_steps=133_400,
        linear_steps=133_400,
        ema=None,
        seed=0,
        name=None,
    ):
        # The pools hold images of one size.
        image_shape = check_image_shape(image_shape)
        if image_shape_b is not None:
            image_shape_b = check_image_shape(image_shape_b, "image_shape_b")
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

        def players():
            a, b = self.domains["a"], self.domains["b"]
            _check_shapes(a, b, identity_weight)
            g = {
                "generator_a_to_b": generator_a_to_b or self.paper_generator(a, b),
                "generator_b_to_a": generator_b_to_a or self.paper_generator(b, a),
            }
            d = {
                "discriminator_a": discriminator_a or self.paper_discriminator(a),
                "discriminator_b": discriminator_b or self.paper_discriminator(b),
            }
            _check_network("generator_a_to_b", g, a, b)
            _check_network("generator_b_to_a", g, b, a)
            _check_network("discriminator_a", d, a)
            _check_network("discriminator_b", d, b)
            return {"d": d, "g": g}

        super().__init__(
            {"a": image_shape, "b": image_shape_b or image_shape},
            players,
            arguments={"b": "image_shape_b"} if image_shape_b else None,
            ema=ema,
            seed=seed,
            name=name,
        )
        self.pool_a = ImagePool(pool_size)
        self.pool_b = ImagePool(pool_size)
        self.pool_a.build((None, *self.domains["a"]))
        self.pool_b.build((None, *self.domains["b"]))

    # The paper's choices.

    def paper_generator(self, source_shape, target_shape):
        """The paper's generator between images of these shapes."""
        blocks = 9 if min(source_shape[:2]) >= 256 else 6
        return resnet_generator(source_shape, target_shape[-1], blocks=blocks)

    def paper_discriminator(self, image_shape):
        """The paper's 70 × 70 PatchGAN, or the largest whose patches fit the image."""
        n_layers = 3
        while n_layers > 1 and patch_receptive_field(n_layers) > min(image_shape[:2]):
            n_layers -= 1
        return patch_discriminator(image_shape, n_layers=n_layers)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for each side, constant and then linearly to 0."""
        rate = 2e-4, self.constant_steps, self.linear_steps
        # epsilon is that of the authors' framework.
        return {
            player: keras.optimizers.Adam(
                ConstantThenLinear(*rate), beta_1=0.5, epsilon=1e-8
            )
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
            cycle = _l1(cycled_a, real_a) + _l1(cycled_b, real_b)  # equation 2
            identity = _l1(same_b, real_b) + _l1(same_a, real_a)  # section 5.2
            weighted = cycle + self.identity_weight * identity
            loss = adversarial + self.cycle_weight * weighted  # equation 3
            logs = {
                "g_loss": adversarial,
                "cycle_loss": cycle,
                "identity_loss": identity,
            }
            return loss, logs, (fake_a, fake_b)

        with self.draws("generators"):
            fake_a, fake_b = self.update("g", generators)
        with self.draws("pools"):
            # Made before the update, as the generators' loss saw them.
            past_a, past_b = self.pool_a(fake_a), self.pool_b(fake_b)

        def discriminators():
            scores_a = _each(self.discriminator_a, real_a, past_a)
            scores_b = _each(self.discriminator_b, real_b, past_b)
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
        return _each(generator, source, target)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "image_shape_b": self.domains["b"],
            "cycle_weight": self.cycle_weight,
            "identity_weight": self.identity_weight,
            "pool_size": self.pool_size,
            "constant_steps": self.constant_steps,
            "linear_steps": self.linear_steps,
        }


def _l1(x, y):
    return ops.mean(ops.abs(x - y))


def _each(network, first, second):
    """The network on two batches of equal size, in one pass where that is exact.

    It is where no image of a batch touches another. A network with state, such as batch
    norm's moments, gets its batches one after the other.
    """
    if network.non_trainable_variables:
        return forward(network, first), forward(network, second)
    both = forward(network, ops.concatenate([first, second]))
    return tuple(ops.split(both, 2))


def _check_shapes(shape_a, shape_b, identity_weight):
    if shape_a[:2] != shape_b[:2]:
        raise ValueError(
            f"Images of A and B may differ in channels only, got {shape_a} and "
            f"{shape_b}. Resize one of the domains."
        )
    if shape_a != shape_b and identity_weight:
        raise ValueError(
            "The identity loss shows each generator images of its target, but A has "
            f"{shape_a[-1]} channels and B {shape_b[-1]}. Pass identity_weight=0."
        )


def _check_network(name, networks, source, target=None):
    made = {"images": target} if target else {"scores": None}
    check_network(name, networks[name], {"images": source}, made)
    if target:
        check_image_range(name, networks[name])
