"""The residual form of AttributeGAN (Shen & Liu 2016): what to add to an image."""

import functools

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_logits, check_network
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.attributegan import residual_discriminator, residual_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam

# The classes of the discriminator.
WITHOUT, HAVING, MADE = range(3)


@keras.saving.register_keras_serializable("gan_zoo")
class ResidualAttributeGAN(ImageToImage):
    """Adds an attribute or removes it, by a difference that is added to the image.

    Images a lack the attribute, images b have it. With ã = a + G(a), b̃ = b + F(b), the
    log probability P_t of class t by a discriminator of three classes, and its feature
    map φ:

    Discriminator: minimise −E log P_without(a) − E log P_having(b) − E log P_made(ã)
    − E log P_made(b̃).
    Generators: minimise −E log P_having(ã) − E log P_without(b̃)
    − E log P_without(ã + F(ã)) − E log P_having(b̃ + G(b̃))
    + α E(‖G(a)‖₁ + ‖F(b)‖₁) + β E(‖φ(ã) − φ(a)‖₁ + ‖φ(b̃) − φ(b)‖₁).

    The third and fourth term are the dual cycle: what was made by one generator is
    undone by the other. ‖·‖₁ is the sum of absolute values over an image or map.

    Args:
        image_shape: (height, width, channels), sides multiples of 32 for the default
            networks.
        residual_weight: α, which keeps differences sparse.
        perceptual_weight: β.
        generator_a_to_b: G, maps images to differences of their shape.
        generator_b_to_a: F, likewise.
        discriminator: maps images to [class logits (n, 3), feature maps], the classes
            being: without the attribute, having it, made.
        ema: decay of the generators' moving averages, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b) as `AttributeGAN` does.
    `translate(images, "a_to_b")` adds the attribute, "b_to_a" removes it; results are
    clipped to [-1, 1]. `residuals(images, direction)` gives the differences. In the
    logs `g_loss` is the sum of the generators' first two terms, `dual_loss` that of the
    third and fourth; `residual_loss` and `perceptual_loss` are those behind α and β.

    Raises:
        ValueError: when networks and image shape do not fit together, or for numbers
            out of range.

    Differs from the paper:
        1. Only a part of the paper's text was at hand. The values of α and β (those of
           a local attribute such as glasses) and the level of φ were not checked.
        2. Both generators are moved by the whole objective. So the third term moves F
           as well as G.
        3. The last layer of D is dense.

    Example:
        train, test = gan_zoo.data.load("celeb_a", 16, 128, domains="Eyeglasses")
        gan = gan_zoo.ResidualAttributeGAN(image_shape=(128, 128, 3))
        gan.compile()
        gan.fit(train, epochs=20)
        with_glasses = gan.translate(faces, "a_to_b")

    Reference: Shen & Liu 2016, Learning Residual Images for Face Attribute
    Manipulation, 1612.05363, section 3.
    """

    tracked = ("d_loss", "g_loss", "dual_loss", "residual_loss", "perceptual_loss")
    directions = {
        "a_to_b": Direction("generator_a_to_b", "a", "b"),
        "b_to_a": Direction("generator_b_to_a", "b", "a"),
    }
    unpaired = True

    def __init__(
        self,
        image_shape=(128, 128, 3),
        *,
        residual_weight=5e-4,
        perceptual_weight=5e-5,
        generator_a_to_b=None,
        generator_b_to_a=None,
        discriminator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_weight("residual_weight", residual_weight)
        check_weight("perceptual_weight", perceptual_weight)
        self.residual_weight = residual_weight
        self.perceptual_weight = perceptual_weight

        def players():
            image = {"images": image_shape}
            g = {
                "generator_a_to_b": generator_a_to_b or self.paper_generator(),
                "generator_b_to_a": generator_b_to_a or self.paper_generator(),
            }
            d = discriminator or self.paper_discriminator()
            for name, network in g.items():
                check_network(name, network, image, image)
            heads = {"class logits": (3,), "maps": None}
            check_network("discriminator", d, image, heads)
            check_logits("discriminator's class head", d)
            return {"d": {"discriminator": d}, "g": g}

        shared = {"ema": ema, "seed": seed, "name": name}
        super().__init__({"a": image_shape, "b": image_shape}, players, **shared)

    # The paper's choices.

    def paper_generator(self):
        """The paper's network of differences."""
        return residual_generator(self.domains["a"])

    def paper_discriminator(self):
        """The paper's network of three classes."""
        return residual_discriminator(self.domains["a"])

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        return {player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def class_loss(self, place, logits):
        """−E log P_t, for one class t."""
        labels = ops.full(ops.shape(logits)[:1], place, "int32")
        return losses.class_loss(labels, logits)

    # The algorithm.

    def train_step(self, data):
        """One update of D and one of both generators, on the same translations."""
        ((without, having),) = self.minibatches(data)

        def generators():
            added = forward(self.generator_a_to_b, without)
            removed = forward(self.generator_b_to_a, having)
            made_b, made_a = without + added, having + removed
            self.update_discriminator(
                without, having, ops.stop_gradient(made_a), ops.stop_gradient(made_b)
            )
            logits_b, map_b = forward(self.discriminator, made_b)
            logits_a, map_a = forward(self.discriminator, made_a)
            back_a = made_b + forward(self.generator_b_to_a, made_b)
            back_b = made_a + forward(self.generator_a_to_b, made_a)
            dual = self.class_loss(WITHOUT, forward(self.discriminator, back_a)[0])
            dual += self.class_loss(HAVING, forward(self.discriminator, back_b)[0])
            own_a = forward(self.discriminator, without)[1]
            own_b = forward(self.discriminator, having)[1]
            logs = {
                "g_loss": self.class_loss(HAVING, logits_b)
                + self.class_loss(WITHOUT, logits_a),
                "dual_loss": dual,
                "residual_loss": total(added) + total(removed),
                "perceptual_loss": total(map_b - own_a) + total(map_a - own_b),
            }
            loss = logs["g_loss"] + logs["dual_loss"]
            loss += self.residual_weight * logs["residual_loss"]
            return loss + self.perceptual_weight * logs["perceptual_loss"], logs

        with self.draws("generators"):
            self.update("g", generators)
        return self.finish_step()

    def update_discriminator(self, without, having, made_a, made_b):
        """The update of D."""
        classes = (
            (WITHOUT, without),
            (HAVING, having),
            (MADE, made_a),
            (MADE, made_b),
        )

        def discriminator():
            loss = sum(
                self.class_loss(place, forward(self.discriminator, images)[0])
                for place, images in classes
            )
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    # After training.

    def translated_evenly(self, images, direction):
        """Images and their differences, clipped to [-1, 1]."""
        return ops.clip(images + self.differences(images, direction), -1.0, 1.0)

    def differences(self, images, direction):
        """What is added to images of a size that the networks take, of tensors."""
        network = self.sampling_networks[self.directions[direction].network]
        return infer(network, images)

    def residuals(self, images, direction="a_to_b", batch_size=16):
        """What is added to images in a translation.

        Args:
            images: float array (n, h, w, c) in [-1, 1], of any size, as `translate`.
            direction: "a_to_b" or "b_to_a".
            batch_size: images per pass.

        Returns:
            float32 array of the shape of `images`.

        Raises:
            ValueError: as `translate`.
        """
        images = self.check_translation(images, direction)
        rows = {"images": images}
        return self.in_batches("residuals_of", rows, batch_size, direction=direction)

    def residuals_of(self, images, direction):
        """As `residuals`, of tensors."""
        differences = functools.partial(self.differences, direction=direction)
        return self.at_even_sides(differences, images, direction)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "residual_weight": self.residual_weight,
            "perceptual_weight": self.perceptual_weight,
        }


def total(x):
    """E‖x‖₁: the mean over rows of the sum of absolute values."""
    return ops.mean(ops.sum(ops.abs(x), axis=(1, 2, 3)))
