"""pix2pix (Isola et al. 2017): translation learned from pairs of images."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.base import (
    Direction,
    ImageToImage,
    check_same_sides,
)
from gan_zoo.networks.blocks import instance_norm
from gan_zoo.networks.pix2pix import patch_discriminator, unet_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class Pix2Pix(ImageToImage):
    """A translator A → B learned from pairs, and a discriminator of pairs.

    With pairs (a, b), the dropout z of the generator, and D's logits:

    Discriminator: minimise −½ E log σ(D(a, b)) − ½ E log(1 − σ(D(a, G(a, z)))).
    Generator: minimise −E log σ(D(a, G(a, z))) + λ E ‖b − G(a, z)‖, where ‖·‖ is the
    mean absolute difference.

    Args:
        image_shape: (height, width, channels) of the images of A.
        image_shape_b: the same of B where it differs, in channels only.
        generator: maps images of A to images in [-1, 1] of the shape of B; by default
            the paper's U-Net, whose sides must be multiples of a power of 2.
        discriminator: maps an image of A and one of B, as the channels of one image, to
            scores of any shape; by default a PatchGAN of 70 × 70 patches, smaller ones
            for images below that.
        l1_weight: λ; 0 leaves the second term out.
        adversarial_weight: factor of the first term of the generator; with 0 there is
            no discriminator in the training (the ablations of the paper's table 1).
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b) of pairs, float32 in [-1, 1]; the paper's
    batch is one pair. In the logs `g_loss` is the generator's first term, `l1_loss` the
    mean absolute difference without λ.

    The generator's dropout is on in `translate` as well, as in the paper: another
    `seed` gives another translation.

    Raises:
        ValueError: when networks and image shapes do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. The batch norm of the paper, which trains and tests in batches of one, is
           instance norm with scale and offset: the same for one image, and each image
           of a larger batch is treated as it is alone.
        2. The innermost features, of one pixel, have no norm on the way down: their
           norm would be zero. So it is in the authors' code.
        3. Below 70 × 70 the default patches shrink to 34 or 16 pixels.
        4. All images of a call of `translate` have one dropout mask, so that an image
           does not depend on the others. The authors translate one image at a time.

    Example:
        train, test = gan_zoo.data.load("paired:facades", batch_size=1, flip=True)
        gan = gan_zoo.Pix2Pix(image_shape=(256, 256, 3))
        gan.compile()
        gan.fit(train, epochs=200)
        photos = gan.translate(labels)

    Reference: Isola et al. 2017, Image-to-Image Translation with Conditional
    Adversarial Networks, 1611.07004, equations 1 to 4 and appendix 6.
    """

    tracked = ("d_loss", "g_loss", "l1_loss")
    directions = {"a_to_b": Direction("generator", "a", "b")}

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        generator=None,
        discriminator=None,
        l1_weight=100.0,
        adversarial_weight=1.0,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        if image_shape_b is not None:
            image_shape_b = check_image_shape(image_shape_b, "image_shape_b")
        check_weight("l1_weight", l1_weight)
        check_weight("adversarial_weight", adversarial_weight)
        if not l1_weight and not adversarial_weight:
            raise ValueError(
                "Expected l1_weight or adversarial_weight above 0, got 0 for both."
            )
        self.l1_weight = l1_weight
        self.adversarial_weight = adversarial_weight

        def players():
            a, b = self.domains["a"], self.domains["b"]
            check_same_sides(a, b)
            pair = (*a[:2], a[2] + b[2])
            g = generator or self.paper_generator(a, b)
            d = discriminator or self.paper_discriminator(pair)
            check_network("generator", g, {"images": a}, {"images": b})
            check_image_range("generator", g)
            check_network("discriminator", d, {"pairs": pair}, {"scores": None})
            return {"d": {"discriminator": d}, "g": {"generator": g}}

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
        """The paper's U-Net between images of these shapes."""
        return unet_generator(source_shape, target_shape[-1])

    def paper_discriminator(self, pair_shape):
        """The paper's 70 × 70 PatchGAN, or the largest whose patches fit the image."""
        return patch_discriminator(pair_shape, norm=lambda: instance_norm(scale=True))

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        # epsilon is that of the authors' framework.
        return {player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """Equation 1 for D, halved to slow it down relative to G (section 3.3)."""
        return 0.5 * losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """Equation 1 for G in its non-saturating form (section 3.3)."""
        return losses.non_saturating_generator_loss(fake_scores)

    # The algorithm.

    def train_step(self, data):
        """One update of D and one of G, both on the same translations (section 3.3)."""
        [(source, target)] = self.minibatches(data)

        def generator():
            made = forward(self.generator, source)
            distance = ops.mean(ops.abs(target - made))
            loss, logs = self.l1_weight * distance, {"l1_loss": distance}
            if self.adversarial_weight:
                self.update_discriminator(source, target, ops.stop_gradient(made))
                adversarial = self.generator_loss(self.score(source, made))
                loss += self.adversarial_weight * adversarial
                logs["g_loss"] = adversarial
            return loss, logs

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminator(self, source, target, made):
        """Moves D by real and by translated images of the same inputs."""

        def discriminator():
            scores = self.score(source, target), self.score(source, made)
            loss = self.discriminator_loss(*scores)
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    def score(self, source, target):
        """Scores of pairs in training, float32, one for every patch."""
        # (n, h, w, c), (n, h, w, c') -> (n, h, w, c + c')
        return forward(self.discriminator, ops.concatenate([source, target], -1))

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "image_shape_b": self.domains["b"],
            "l1_weight": self.l1_weight,
            "adversarial_weight": self.adversarial_weight,
        }
