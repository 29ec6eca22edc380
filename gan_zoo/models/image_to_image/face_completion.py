"""Guided face completion: missing pixels by a mask and another photo of the face."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_weight
from gan_zoo.inputs import Image, Mask
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.blocks import instance_norm
from gan_zoo.networks.face_completion import completion_generator
from gan_zoo.networks.pix2pix import patch_discriminator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class FaceCompletion(ImageToImage):
    """Fills in what a mask hides of a face, guided by another photo of it.

    With the mask m, 1 where a pixel is missing, the guide g, and the completed image
    y = (1 − m) x + m G((1 − m) x, m, g), in which known pixels are as they were:

    Discriminator: minimise −½ E log σ(D(x, g)) − ½ E log(1 − σ(D(y, g))).
    Generator: minimise −E log σ(D(y, g)) + λ E ‖m (x − y)‖ / E m, where ‖·‖ is the mean
    absolute difference; the second term is the mean over missing pixels.

    Args:
        image_shape: (height, width, channels) of the images.
        l1_weight: λ.
        generator: maps [known pixels, masks, guides] to images in [-1, 1]; a U-Net by
            default, whose sides must be multiples of a power of 2.
        discriminator: maps a face and its guide, as the channels of one image, to
            scores of any shape; by default a PatchGAN of 70 × 70 patches, smaller ones
            for images below that.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images, masks, guides), images and guides float32 in [-1, 1],
    masks of 0 and 1, such as `load(..., degrade="guided:strokes")` gives.
    `translate(images, mask=..., guide=...)` takes no notice of pixels under the mask.

    In the logs `g_loss` is the generator's first term, `l1_loss` the second without λ.

    Raises:
        ValueError: when networks and image shape do not fit together, for a generator
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. The paper could not be consulted. The U-Net, the mask and the guide are known
           from a talk of its group; the objective is pix2pix's, on completed images.
        2. Below 70 × 70 the default patches shrink to 34 or 16 pixels.

    Example:
        train, test = gan_zoo.data.load(
            "folder:faces", 16, 64, degrade="guided:strokes"
        )
        gan = gan_zoo.FaceCompletion(image_shape=(64, 64, 3))
        gan.compile()
        gan.fit(train, epochs=50)
        whole = gan.translate(faces, mask=masks, guide=others)

    Reference: Zhao et al. 2017, guided face completion. The objective: Isola et al.
    2017, 1611.07004, equation 4.
    """

    tracked = ("d_loss", "g_loss", "l1_loss")
    directions = {"complete": Direction("generator", "images", "images")}
    takes_any_size = False  # masks and guides have the size of the training

    def __init__(
        self,
        image_shape=(128, 128, 3),
        *,
        l1_weight=100.0,
        generator=None,
        discriminator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_weight("l1_weight", l1_weight)
        self.l1_weight = l1_weight
        *sides, channels = image_shape
        self.conditions = {"mask": Mask(image_shape), "guide": Image(image_shape)}

        def players():
            image, pair = {"images": image_shape}, {"pairs": (*sides, 2 * channels)}
            g = generator or self.paper_generator(image_shape)
            d = discriminator or self.paper_discriminator(pair["pairs"])
            check_network("generator", g, image, image, self.conditions)
            check_image_range("generator", g)
            check_network("discriminator", d, pair, {"scores": None})
            return {"d": {"discriminator": d}, "g": {"generator": g}}

        shared = {"ema": ema, "seed": seed, "name": name}
        super().__init__({"images": image_shape}, players, **shared)

    # The paper's choices.

    def paper_generator(self, image_shape):
        """The U-Net of images, masks and guides."""
        return completion_generator(image_shape)

    def paper_discriminator(self, pair_shape):
        """The 70 × 70 PatchGAN of pix2pix, of an image and its guide."""
        return patch_discriminator(pair_shape, norm=lambda: instance_norm(scale=True))

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both, as pix2pix."""
        return {player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """−½ E log σ(D(x, g)) − ½ E log(1 − σ(D(y, g)))."""
        return 0.5 * losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E log σ(D(y, g))."""
        return losses.non_saturating_generator_loss(fake_scores)

    # The algorithm.

    def train_step(self, data):
        """One update of D and one of G, both on the same completed images."""
        ((images, mask, guide),) = self.minibatches(data)

        def generator():
            made = completed(forward, self.generator, images, mask, guide)
            self.update_discriminator(images, ops.stop_gradient(made), guide)
            adversarial = self.generator_loss(self.score(made, guide))
            # Known pixels are equal, so the sum is over missing ones, of all replicas.
            missing = ops.mean(backend.gather(mask)) + 1e-6
            distance = ops.mean(ops.abs(images - made)) / missing
            loss = adversarial + self.l1_weight * distance
            return loss, {"g_loss": adversarial, "l1_loss": distance}

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminator(self, images, made, guide):
        """The update of D."""

        def discriminator():
            scores = self.score(images, guide), self.score(made, guide)
            loss = self.discriminator_loss(*scores)
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    def score(self, images, guide):
        """Scores in training of images beside their guides."""
        return forward(self.discriminator, ops.concatenate([images, guide], -1))

    # After training.

    def translated_evenly(self, images, direction, mask, guide):
        """Completed images; known pixels are as they were."""
        network = self.sampling_networks["generator"]
        return completed(infer, network, images, mask, guide)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["images"],
            "l1_weight": self.l1_weight,
        }


def completed(run, network, images, mask, guide):
    """(1 − m) x + m G((1 − m) x, m, g).

    Args:
        run: `forward` in training, `infer` outside.
        network: the generator.
        images: x, (n, h, w, c).
        mask: m, (n, h, w, 1).
        guide: g, (n, h, w, c).
    """
    known = (1.0 - mask) * images
    return known + mask * run(network, [known, mask, guide])
