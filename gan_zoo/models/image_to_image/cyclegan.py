"""CycleGAN (Zhu et al. 2017): translation between two domains without pairs."""

import keras
import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.layers import ImagePool
from gan_zoo.models.base.adversarial import AdversarialModel, answer
from gan_zoo.models.base.checks import (
    check_count,
    check_float,
    check_image_range,
    check_image_shape,
    check_network,
    check_weight,
)
from gan_zoo.networks.cyclegan import (
    patch_discriminator,
    patch_receptive_field,
    resnet_generator,
)
from gan_zoo.objectives import losses
from gan_zoo.optimizers import ConstantThenLinear


@keras.saving.register_keras_serializable("gan_zoo")
class CycleGAN(AdversarialModel):
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
        shape_a = shape_b = check_image_shape(image_shape)
        if image_shape_b is not None:
            shape_b = check_image_shape(image_shape_b, "image_shape_b")
        check_weight("cycle_weight", cycle_weight)
        check_weight("identity_weight", identity_weight)
        check_count("pool_size", pool_size, 0)
        check_count("constant_steps", constant_steps, 0)
        check_count("linear_steps", linear_steps)
        _check_shapes(shape_a, shape_b, identity_weight)
        generators = {
            "generator_a_to_b": generator_a_to_b
            or self.paper_generator(shape_a, shape_b),
            "generator_b_to_a": generator_b_to_a
            or self.paper_generator(shape_b, shape_a),
        }
        discriminators = {
            "discriminator_a": discriminator_a or self.paper_discriminator(shape_a),
            "discriminator_b": discriminator_b or self.paper_discriminator(shape_b),
        }
        _check_network("generator_a_to_b", generators, shape_a, shape_b)
        _check_network("generator_b_to_a", generators, shape_b, shape_a)
        _check_network("discriminator_a", discriminators, shape_a)
        _check_network("discriminator_b", discriminators, shape_b)
        super().__init__(
            {"d": discriminators, "g": generators}, ema=ema, seed=seed, name=name
        )
        self.image_shape = shape_a
        self.image_shape_b = shape_b
        self.cycle_weight = cycle_weight
        self.identity_weight = identity_weight
        self.pool_size = pool_size
        self.constant_steps = constant_steps
        self.linear_steps = linear_steps
        self.pool_a = ImagePool(pool_size)
        self.pool_b = ImagePool(pool_size)
        self.pool_a.build((None, *shape_a))
        self.pool_b.build((None, *shape_b))

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
        real_a, real_b = self.images_of(data)

        def generators():
            # Each on its source and, for the identity loss, on its target.
            fake_b, same_b = self.fake_and_same(self.generator_a_to_b, real_a, real_b)
            fake_a, same_a = self.fake_and_same(self.generator_b_to_a, real_b, real_a)
            cycled_a = answer(self.generator_b_to_a, fake_b)
            cycled_b = answer(self.generator_a_to_b, fake_a)
            adversarial = self.generator_loss(
                answer(self.discriminator_b, fake_b)
            ) + self.generator_loss(answer(self.discriminator_a, fake_a))
            cycle = _l1(cycled_a, real_a) + _l1(cycled_b, real_b)  # equation 2
            identity = _l1(same_b, real_b) + _l1(same_a, real_a)  # section 5.2
            weighted = cycle + self.identity_weight * identity
            loss = adversarial + self.cycle_weight * weighted  # equation 3
            logs = {
                "g_loss": adversarial,
                "cycle_loss": cycle,
                "identity_loss": identity,
            }
            return loss + self.regularization("g"), (fake_a, fake_b, logs)

        with self.draws("generators"):
            fake_a, fake_b, logs = backend.update(
                generators, self.variables_of("g"), self.optimizer_of("g")
            )
        self.track(**logs)
        with self.draws("pools"):
            # Made before the update, as the generators' loss saw them.
            past_a, past_b = self.pool_a(fake_a), self.pool_b(fake_b)

        def discriminators():
            scores_a = _each(self.discriminator_a, real_a, past_a)
            scores_b = _each(self.discriminator_b, real_b, past_b)
            loss = self.discriminator_loss(*scores_a)
            loss += self.discriminator_loss(*scores_b) + self.regularization("d")
            return loss, {"d_loss": loss}

        with self.draws("discriminators"):
            self.update("d", discriminators)
        return self.finish_step()

    def fake_and_same(self, generator, source, target):
        """Translated `source` images, and `target` images that should not change."""
        if not self.identity_weight:
            return answer(generator, source), target
        return _each(generator, source, target)

    def regularization(self, player):
        """Sum of what the layers of a player's networks ask to keep small."""
        return sum(loss for net in self.players[player] for loss in net.losses)

    def images_of(self, data):
        """(images_a, images_b) of a batch, float32."""
        # Keras wraps a pair of arrays once more.
        pair = data[0] if len(data) == 1 else data[:2]
        return tuple(ops.cast(images, "float32") for images in pair)

    # Sampling.

    @property
    def directions(self):
        """Translators by direction, the averages where `ema` is on."""
        return dict(zip(("a_to_b", "b_to_a"), self.sampling_networks, strict=True))

    def a_to_b(self, images):
        """Images of B in [-1, 1], float32, of a batch of A."""
        translated = self.directions["a_to_b"](images, training=False)
        return ops.cast(translated, "float32")

    def b_to_a(self, images):
        """Images of A in [-1, 1], float32, of a batch of B."""
        translated = self.directions["b_to_a"](images, training=False)
        return ops.cast(translated, "float32")

    def translate(self, images, direction="a_to_b", batch_size=16):
        """Translates images from one domain to the other.

        Args:
            images: float array (n, h, w, c) in [-1, 1].
            direction: "a_to_b" or "b_to_a".
            batch_size: images translated at a time.

        Returns:
            float32 array (n, h, w, c') in [-1, 1].

        Raises:
            ValueError: for an unknown direction or images of the wrong shape or type.
        """
        if direction not in self.directions:
            raise ValueError(
                f"Expected direction in {sorted(self.directions)}, got {direction!r}."
            )
        made = self.image_shape_b if direction == "a_to_b" else self.image_shape
        source = self.image_shape if direction == "a_to_b" else self.image_shape_b
        images = np.asarray(images)
        _check_images(direction[0], images, source)
        translate = self.graph_of(direction)
        translated = np.zeros((len(images), *made), "float32")
        for start in range(0, len(images), batch_size):
            stop = start + batch_size
            batch = ops.convert_to_tensor(images[start:stop], "float32")
            translated[start:stop] = ops.convert_to_numpy(translate(batch))
        return translated

    def fake_for(self, data):
        """Real images of B, and those of A translated to B."""
        real_a, real_b = self.images_of(data)
        return real_b, self.a_to_b(real_a)

    def check_batch(self, spec):
        """Refuses batches that are no pair of float images of the right shapes."""
        self._check_pair(spec)
        images_a, images_b = spec
        if images_a.shape[0] != images_b.shape[0]:
            raise ValueError(
                f"Expected as many images of A as of B, got {images_a.shape[0]} and "
                f"{images_b.shape[0]}. Cut both domains to one length."
            )

    def check_test_batch(self, spec):
        """Refuses other images; there need not be as many of A as of B."""
        if isinstance(spec, (tuple, list)):
            spec = spec[0] if len(spec) == 1 else spec[:2]
        self._check_pair(spec)

    def _check_pair(self, spec):
        pair = isinstance(spec, (tuple, list)) and len(spec) == 2
        if not pair or not all(hasattr(images, "shape") for images in spec):
            raise ValueError(
                f"{type(self).__name__} trains on batches (images_a, images_b), got "
                f"{spec}. Zip the two domains, for example tf.data.Dataset.zip(a, b)."
            )
        _check_images("a", spec[0], self.image_shape)
        _check_images("b", spec[1], self.image_shape_b)

    def get_config(self):
        """Arguments of the model, networks included."""
        save = keras.saving.serialize_keras_object
        return super().get_config() | {
            "image_shape": self.image_shape,
            "image_shape_b": self.image_shape_b,
            "generator_a_to_b": save(self.generator_a_to_b),
            "generator_b_to_a": save(self.generator_b_to_a),
            "discriminator_a": save(self.discriminator_a),
            "discriminator_b": save(self.discriminator_b),
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
        return answer(network, first), answer(network, second)
    both = answer(network, ops.concatenate([first, second]))
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
    network = networks[name]
    check_network(f"{name} takes images", network, "inputs", source)
    if target:
        check_network(f"{name} makes images", network, "outputs", target)
        check_image_range(name, network)


def _check_images(domain, images, shape):
    if tuple(images.shape[1:]) != shape:
        raise ValueError(
            f"The model was built for images of domain {domain} of shape {shape}, but "
            f"they have shape {tuple(images.shape)}. Resize them, or pass other "
            "image_shape and image_shape_b to the model."
        )
    check_float(images)
