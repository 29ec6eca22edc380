"""SPADE (Park et al. 2019): images of layouts, by spatially adaptive normalisation."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import (
    Direction,
    ImageToImage,
    check_same_sides,
)
from gan_zoo.networks.spade import spade_discriminator, spade_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam

# One discriminator sees pairs, the other one pairs of half the size.
CRITICS = ("discriminator", "discriminator_of_halves")


@keras.saving.register_keras_serializable("gan_zoo")
class SPADE(ImageToImage):
    """A generator of images from layouts, and two discriminators of pairs.

    The layout a, such as a map of classes in colours, scales and shifts the normalised
    features of the generator at every size, so that the norm does not remove it. With
    pairs (a, b), the discriminators D_k at two scales, their features D_k^l, and the
    mean absolute difference ‖·‖:

    Discriminators: minimise
    ½ Σ_k [E max(0, 1 − D_k(a, b)) + E max(0, 1 + D_k(a, G(a)))].
    Generator: minimise
    ½ Σ_k [−E D_k(a, G(a)) + λ_f Σ_l ‖D_k^l(a, b) − D_k^l(a, G(a))‖] + λ_p ‖φ(b) −
    φ(G(a))‖, without the last term where there is no φ.

    Args:
        image_shape: (height, width, channels) of the layouts.
        image_shape_b: the same of the images where it differs, in channels only.
        feature_weight: λ_f, of the differences between the discriminators' features.
        perceptual_weight: λ_p.
        features: network φ of images in [-1, 1] to features, or to several; the sum of
            their differences is taken. Its weights stay as they are. Without it the
            last term is left out.
        generator: maps layouts to images in [-1, 1] of the same sides.
        discriminator: maps a layout and an image, as the channels of one image, to
            [scores of any shape, features of any shape, ...].
        discriminator_of_halves: the same at half the size, which it makes of the pair.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches of pairs (images_a, images_b), float32 in [-1, 1]. In the logs
    `g_loss` is the adversarial part; `feature_loss` and `perceptual_loss` are those
    behind λ_f and λ_p.

    Raises:
        ValueError: when networks and image shapes do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. Layouts are images in [-1, 1] (paper: a channel of 0 and 1 for each class).
        2. The generator begins with the reduced layout, as the authors' code does
           without an encoder. There is no latent vector, and no encoder of a style.
        3. φ is left out by default (paper: five maps of VGG19), since its weights have
           to be downloaded.
        4. The discriminators move first, on the same images as the generator (authors:
           after it, on new ones). Real and generated images are seen apart.
        5. The learning rates stay at their first values.

    Example:
        train, test = gan_zoo.data.load("paired:facades", 8, input_side="right")
        gan = gan_zoo.SPADE(image_shape=(256, 256, 3))
        gan.compile()
        gan.fit(train, epochs=200)
        photos = gan.translate(layouts)

    Reference: Park et al. 2019, Semantic Image Synthesis with Spatially-Adaptive
    Normalization, 1903.07291, equation 1 and appendix A; the authors' code.
    """

    tracked = ("d_loss", "g_loss", "feature_loss", "perceptual_loss")
    directions = {"a_to_b": Direction("generator", "a", "b")}

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        feature_weight=10.0,
        perceptual_weight=10.0,
        features=None,
        generator=None,
        discriminator=None,
        discriminator_of_halves=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        if image_shape_b is not None:
            image_shape_b = check_image_shape(image_shape_b, "image_shape_b")
        check_weight("feature_weight", feature_weight)
        check_weight("perceptual_weight", perceptual_weight)
        self.feature_weight = feature_weight
        self.perceptual_weight = perceptual_weight
        given = dict(
            zip(CRITICS, (discriminator, discriminator_of_halves), strict=True)
        )

        def players():
            a, b = self.domains["a"], self.domains["b"]
            check_same_sides(a, b)
            g = generator or self.paper_generator(a, b)
            check_network("generator", g, {"images": a}, {"images": b})
            check_image_range("generator", g)
            pair, critics = (*a[:2], a[2] + b[2]), {}
            for name in CRITICS:
                d = given[name] or self.paper_discriminator(pair, name)
                maps = {
                    f"map {k}": None
                    for k in range(1, max(len(getattr(d, "outputs", ())), 2))
                }
                check_network(name, d, {"pairs": pair}, {"scores": None, **maps})
                critics[name] = d
            if features is not None:
                check_network("features", features, {"images": b})
            return {"d": critics, "g": {"generator": g}}

        super().__init__(
            {"a": image_shape, "b": image_shape_b or image_shape},
            players,
            arguments={"b": "image_shape_b"},
            frozen={} if features is None else {"features": features},
            ema=ema,
            seed=seed,
            name=name,
        )

    # The paper's choices.

    def paper_generator(self, layout_shape, image_shape):
        """The paper's generator, with fewer doublings below 128 × 128."""
        return spade_generator(layout_shape, image_shape[-1])

    def paper_discriminator(self, pair_shape, name):
        """The paper's discriminator of patches, at full or at half size."""
        return spade_discriminator(pair_shape, halved=name != CRITICS[0])

    def paper_optimizers(self):
        """Adam, β1 0, β2 0.9; 4e-4 for the discriminators, 1e-4 for the generator."""
        rates = {"d": 4e-4, "g": 1e-4}
        # epsilon is that of the authors' framework.
        return {
            player: Adam(rate, beta_1=0.0, beta_2=0.9, epsilon=1e-8)
            for player, rate in rates.items()
        }

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """E max(0, 1 − D(a, b)) + E max(0, 1 + D(a, G(a)))."""
        return losses.hinge_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E D(a, G(a))."""
        return losses.wasserstein_generator_loss(fake_scores)

    def difference(self, maps, made_maps):
        """Σ_l ‖x_l − y_l‖, of lists of features."""
        pairs = zip(maps, made_maps, strict=True)
        return sum(ops.mean(ops.abs(own - made)) for own, made in pairs)

    # The algorithm.

    def train_step(self, data):
        """One update of both discriminators and one of G, on the same images."""
        ((layout, image),) = self.minibatches(data)

        def generator():
            made = forward(self.generator, layout)
            self.update_discriminators(layout, image, ops.stop_gradient(made))
            logs = {"g_loss": 0.0, "feature_loss": 0.0}
            for _, maps, made_scores, made_maps in self.seen(layout, image, made):
                logs["g_loss"] += 0.5 * self.generator_loss(made_scores)
                logs["feature_loss"] += 0.5 * self.difference(maps, made_maps)
            logs["perceptual_loss"] = self.perceptual_loss(image, made)
            loss = logs["g_loss"] + self.feature_weight * logs["feature_loss"]
            return loss + self.perceptual_weight * logs["perceptual_loss"], logs

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminators(self, layout, image, made):
        """One update of both."""

        def discriminators():
            loss = sum(
                0.5 * self.discriminator_loss(scores, made_scores)
                for scores, _, made_scores, _ in self.seen(layout, image, made)
            )
            return loss, {"d_loss": loss}

        with self.draws("discriminators"):
            self.update("d", discriminators)

    def seen(self, layout, image, made):
        """Scores and features of each discriminator, of real and of generated pairs.

        Args:
            layout: (n, h, w, c).
            image: (n, h, w, c'), the layout's own.
            made: (n, h, w, c'), the generated one.

        Yields:
            Tuples (scores, list of features) of the real pair, followed by those of the
            generated one.
        """
        pairs = [ops.concatenate([layout, x], -1) for x in (image, made)]
        for name in CRITICS:
            (scores, *maps), (made_scores, *made_maps) = (
                forward(self.networks[name], pair) for pair in pairs
            )
            yield scores, maps, made_scores, made_maps

    def perceptual_loss(self, image, made):
        """‖φ(b) − φ(G(a))‖, or 0 without φ."""
        if "features" not in self.networks:
            return ops.zeros(())
        maps = [keras.tree.flatten(infer(self.features, x)) for x in (image, made)]
        return self.difference(*maps)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "image_shape_b": self.domains["b"],
            "feature_weight": self.feature_weight,
            "perceptual_weight": self.perceptual_weight,
        }
