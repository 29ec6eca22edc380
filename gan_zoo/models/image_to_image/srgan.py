"""SRGAN (Ledig et al. 2017): enlarged images that look like photographs."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import (
    check_image_range,
    check_logits,
    check_network,
)
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.srgan import srgan_discriminator, srresnet
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam

_ARGUMENTS = {"low": "image_shape / scale"}  # what says the shape, for messages


@keras.saving.register_keras_serializable("gan_zoo")
class SRResNet(ImageToImage):
    """A network that enlarges images, trained by the squared error alone.

    Generator: minimise E (G(x) − y)², the mean over pixels, for a reduced image x and
    the image y.

    Args:
        image_shape: (height, width, channels) of the images y of the training, sides
            multiples of the scale. `translate` takes images of any size.
        scale: how many times G enlarges, 1, 2, 4 or 8; 1 restores at the same size, for
            example JPEG images.
        generator: maps images x to images in [-1, 1] of `scale` times their size; by
            default the paper's, for images of any size.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_low, images_high), float32 in [-1, 1], such as
    `load(..., degrade="bicubic:4")` gives; the paper's batch is 16.

    Raises:
        ValueError: when network and image shape do not fit together, for a generator
            that ends in a sigmoid, or for another scale.

    Differs from the paper:
        1. Reduced images lie in [-1, 1] (paper: [0, 1]).
        2. The last layer of G is a tanh, which keeps images in their range.

    Example:
        train, test = gan_zoo.data.load(
            "folder:photos", 16, 96, crop_from=384, degrade="bicubic:4"
        )  # windows of photos that are reduced to 384 × 384
        model = gan_zoo.SRResNet(image_shape=(96, 96, 3))
        model.compile()
        model.fit(train, epochs=100)
        large = model.translate(small)

    Reference: Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a
    Generative Adversarial Network, 1609.04802, equation 4.
    """

    tracked = ("content_loss",)
    directions = {"enlarge": Direction("generator", "low", "high")}

    def __init__(
        self,
        image_shape=(96, 96, 3),
        scale=4,
        *,
        generator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        domains = self._begin(image_shape, scale)
        g = self._checked(generator)
        shared = {"ema": ema, "seed": seed, "name": name, "arguments": _ARGUMENTS}
        super().__init__(domains, lambda: {"g": {"generator": g}}, **shared)

    def _begin(self, image_shape, scale):
        self.large = check_image_shape(image_shape)
        self.scale = scale
        if scale not in (1, 2, 4, 8) or any(side % scale for side in self.large[:2]):
            raise ValueError(
                "Expected scale 1, 2, 4 or 8, and image sides that are multiples of "
                f"it; got scale={scale!r} and image_shape={self.large}."
            )
        *sides, channels = self.large
        self.small = (*(side // scale for side in sides), channels)
        return {"low": self.small, "high": self.large}

    def _checked(self, generator):
        generator = generator or self.paper_generator()
        small, large = {"images": self.small}, {"images": self.large}
        check_network("generator", generator, small, large)
        check_image_range("generator", generator)
        return generator

    # The paper's choices.

    def paper_generator(self):
        """The paper's residual network."""
        return srresnet(self.large[-1], self.scale)

    def paper_optimizers(self):
        """Adam 1e-4, β1 0.9."""
        # epsilon is that of the authors' framework.
        return {"g": Adam(1e-4, epsilon=1e-8)}

    # The algorithm.

    def content_loss(self, real, made):
        """E (G(x) − y)²: equation 4."""
        return ops.mean(ops.square(real - made))

    def train_step(self, data):
        """One update of the generator."""
        ((small, real),) = self.minibatches(data)

        def generator():
            loss = self.content_loss(real, forward(self.generator, small))
            return loss, {"content_loss": loss}

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"image_shape": self.large, "scale": self.scale}


@keras.saving.register_keras_serializable("gan_zoo")
class SRGAN(SRResNet):
    """A network that enlarges images, and a discriminator of enlarged ones.

    Discriminator: minimise −E log σ(D(y)) − E log(1 − σ(D(G(x)))).
    Generator: minimise l(G(x), y) − λ E log σ(D(G(x))), with the content loss l.

    The paper begins with a generator that was trained as `SRResNet`: train
    `pretraining` first, which is one of the same generator.

    Args:
        image_shape: as `SRResNet`.
        scale: as `SRResNet`.
        features: network φ of images in [-1, 1] to features; l is then the mean squared
            difference of φ(G(x)) and φ(y), and of pixels if there is none. Its weights
            stay as they are. `features.feature_maps("vgg54")` gives the paper's.
        adversarial_weight: λ.
        generator: as `SRResNet`.
        discriminator: maps images of `image_shape` to logits (n, 1).
        ema: as `SRResNet`.
        seed: as `SRResNet`.
        name: as `SRResNet`.

    In the logs `g_loss` is −E log σ(D(G(x))).

    Raises:
        ValueError: as `SRResNet`, and for a negative weight.

    Differs from the paper:
        1. Content is compared in pixels by default, the paper's SRGAN-MSE: the weights
           of the paper's VGG network have to be downloaded.
        2. Inputs and outputs of G, as those of `SRResNet`.

    Example, with the data of `SRResNet`:
        gan = gan_zoo.SRGAN(image_shape=(96, 96, 3))
        gan.pretraining.compile()
        gan.pretraining.fit(train, epochs=100)
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a
    Generative Adversarial Network, 1609.04802, equations 2 to 6.
    """

    tracked = ("d_loss", "g_loss", "content_loss")
    pretraining_class = SRResNet

    def __init__(
        self,
        image_shape=(96, 96, 3),
        scale=4,
        *,
        features=None,
        adversarial_weight=1e-3,
        generator=None,
        discriminator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        domains = self._begin(image_shape, scale)
        check_weight("adversarial_weight", adversarial_weight)
        self.adversarial_weight = adversarial_weight
        large = {"images": self.large}
        g = self._checked(generator)
        d = discriminator or self.paper_discriminator()
        check_network("discriminator", d, large, {"scores": (1,)})
        check_logits("discriminator", d)
        if features is not None:
            check_network("features", features, large)
        players = {"d": {"discriminator": d}, "g": {"generator": g}}
        super(SRResNet, self).__init__(
            domains,
            lambda: players,
            arguments=_ARGUMENTS,
            frozen={} if features is None else {"features": features},
            ema=ema,
            seed=seed,
            name=name,
        )

    # The paper's choices.

    def paper_discriminator(self):
        """The paper's deep discriminator."""
        return srgan_discriminator(self.large)

    def paper_optimizers(self):
        """Adam, β1 0.9; 1e-4 for 100,000 steps, then 1e-5."""
        # epsilon is that of the authors' framework.
        return {
            player: Adam(
                keras.optimizers.schedules.PiecewiseConstantDecay(
                    [100_000], [1e-4, 1e-5]
                ),
                epsilon=1e-8,
            )
            for player in ("d", "g")
        }

    @property
    def pretraining(self):
        """An `SRResNet` of the same generator, to be compiled and trained first."""
        if not hasattr(self._unsaved, "pretraining"):
            shared = {"generator": self.generator, "seed": self.seed}
            model = self.pretraining_class(self.large, self.scale, **shared)
            self._unsaved.pretraining = model
        return self._unsaved.pretraining

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """−E log σ(D(y)) − E log(1 − σ(D(G(x)))): equation 2."""
        return losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E log σ(D(G(x))): equation 6."""
        return losses.non_saturating_generator_loss(fake_scores)

    def adversarial_loss(self, real, made):
        """The second term of G's objective, of images and enlarged ones."""
        return self.generator_loss(forward(self.discriminator, made))

    def content_loss(self, real, made):
        """The mean squared difference of features, or of pixels: equations 4 and 5."""
        if "features" not in self.networks:
            return super().content_loss(real, made)
        maps = [keras.tree.flatten(infer(self.features, x)) for x in (real, made)]
        pairs = zip(*maps, strict=True)
        return sum(ops.mean(ops.square(a - b)) for a, b in pairs)

    # The algorithm.

    def train_step(self, data):
        """One update of D and one of G, both on the same images."""
        ((small, real),) = self.minibatches(data)

        def generator():
            made = forward(self.generator, small)
            self.update_discriminator(real, ops.stop_gradient(made))
            content = self.content_loss(real, made)
            adversarial = self.adversarial_loss(real, made)
            loss = content + self.adversarial_weight * adversarial  # equation 3
            return loss, {"g_loss": adversarial, "content_loss": content}

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminator(self, real, made):
        """The update of D."""

        def discriminator():
            scores = (
                forward(self.discriminator, real),
                forward(self.discriminator, made),
            )
            loss = self.discriminator_loss(*scores)
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"adversarial_weight": self.adversarial_weight}
