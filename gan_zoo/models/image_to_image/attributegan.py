"""AttributeGAN (Li et al. 2016): an attribute is added, D's features keep the rest."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import (
    check_image_range,
    check_logits,
    check_network,
)
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.attributegan import attribute_discriminator
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class AttributeGAN(ImageToImage):
    """Gives images an attribute: the adaptive perceptual loss keeps the person.

    Images a lack the attribute, images b have it. With D's logit and D's feature maps
    D_1 ... D_L:

    Discriminator: minimise −E log σ(D(b)) − E log(1 − σ(D(G(a)))).
    Generator: minimise −E log σ(D(G(a))) + λ Σ_l E‖D_l(G(a)) − D_l(a)‖², where ‖·‖² is
    the mean over positions and channels.

    The second term compares the image with its translation by features of the
    discriminator. They adapt to the attribute while the discriminator learns. The
    features of a network that is trained already, such as VGG19, do not.

    Args:
        image_shape: (height, width, channels), sides multiples of 32 for the default
            networks.
        perceptual_weight: λ.
        generator: maps images to images in [-1, 1]; by default that of `CycleGAN` with
            6 residual blocks.
        discriminator: maps images to [logits (n, 1), feature maps, ...]; by default
            five strided convolutions, of which the last two give the maps.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1], as many of A as of B
    and nothing that pairs them, such as `load("celeb_a", domains="Eyeglasses")` gives.
    `translate(images)` adds the attribute. In the logs `perceptual_loss` is the
    generator's second term without λ.

    Raises:
        ValueError: when networks and image shape do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. Only a part of the paper's text was at hand. The two terms are the paper's.
           The choice of maps, λ, networks and optimizers are this package's.
        2. There is no second network that enhances the translations, and none of the
           later versions' mask and face recognition networks.

    Example:
        train, test = gan_zoo.data.load("celeb_a", 16, 64, domains="Eyeglasses")
        gan = gan_zoo.AttributeGAN(image_shape=(64, 64, 3))
        gan.compile()
        gan.fit(train, epochs=20)
        with_glasses = gan.translate(faces)

    Reference: Li et al. 2016, Deep Identity-aware Transfer of Facial Attributes,
    1610.05586 (DIAT-A). `ResidualAttributeGAN` is the form of Shen & Liu.
    """

    tracked = ("d_loss", "g_loss", "perceptual_loss")
    directions = {"a_to_b": Direction("generator", "a", "b")}
    unpaired = True

    def __init__(
        self,
        image_shape=(128, 128, 3),
        *,
        perceptual_weight=10.0,
        generator=None,
        discriminator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_weight("perceptual_weight", perceptual_weight)
        self.perceptual_weight = perceptual_weight

        def players():
            image = {"images": image_shape}
            g = generator or self.paper_generator(image_shape)
            d = discriminator or self.paper_discriminator(image_shape)
            check_network("generator", g, image, image)
            check_image_range("generator", g)
            maps = {
                f"map {k}": None
                for k in range(1, max(len(getattr(d, "outputs", ())), 2))
            }
            check_network("discriminator", d, image, {"logits": (1,), **maps})
            check_logits("discriminator", d)
            return {"d": {"discriminator": d}, "g": {"generator": g}}

        shared = {"ema": ema, "seed": seed, "name": name}
        super().__init__({"a": image_shape, "b": image_shape}, players, **shared)

    # The paper's choices.

    def paper_generator(self, image_shape):
        """CycleGAN's residual network."""
        return resnet_generator(image_shape, blocks=6)

    def paper_discriminator(self, image_shape):
        """Five strided convolutions; the last two give the maps."""
        return attribute_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        return {player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """−E log σ(D(b)) − E log(1 − σ(D(G(a))))."""
        return losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E log σ(D(G(a)))."""
        return losses.non_saturating_generator_loss(fake_scores)

    def perceptual_loss(self, maps, made_maps):
        """Σ_l E‖D_l(G(a)) − D_l(a)‖²."""
        pairs = zip(maps, made_maps, strict=True)
        return sum(ops.mean(ops.square(made - own)) for own, made in pairs)

    # The algorithm.

    def train_step(self, data):
        """One update of D and one of G, both on the same translations."""
        ((without, having),) = self.minibatches(data)

        def generator():
            made = forward(self.generator, without)
            self.update_discriminator(having, ops.stop_gradient(made))
            _, *maps = forward(self.discriminator, without)
            scores, *made_maps = forward(self.discriminator, made)
            adversarial = self.generator_loss(scores)
            perceptual = self.perceptual_loss(maps, made_maps)
            loss = adversarial + self.perceptual_weight * perceptual
            return loss, {"g_loss": adversarial, "perceptual_loss": perceptual}

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminator(self, having, made):
        """The update of D."""

        def discriminator():
            scores = (forward(self.discriminator, x)[0] for x in (having, made))
            loss = self.discriminator_loss(*scores)
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "perceptual_weight": self.perceptual_weight,
        }
