"""ESRGAN (Wang et al. 2018): SRGAN with a relativistic discriminator."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.srgan import SRGAN, SRResNet
from gan_zoo.networks.esrgan import rrdb_network
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class RRDBNet(SRResNet):
    """ESRGAN's generator, trained by the absolute error alone.

    Generator: minimise E |G(x) − y|, the mean over pixels, for a reduced image x and
    the image y.

    Args:
        image_shape: as `SRResNet`.
        scale: as `SRResNet`.
        **kwargs: as `SRResNet`: `generator`, `ema`, `seed`, `name`. The default
            generator has 23 residual blocks of dense blocks.

    Raises:
        ValueError: as `SRResNet`.

    Differs from the paper:
        1. Images lie in [-1, 1], and the last layer is a tanh.

    Example:
        train, test = gan_zoo.data.load(
            "folder:photos", 16, 128, crop_from=384, degrade="bicubic:4"
        )
        model = gan_zoo.RRDBNet(image_shape=(128, 128, 3))
        model.compile()
        model.fit(train, epochs=100)
        large = model.translate(small)

    Reference: Wang et al. 2018, ESRGAN: Enhanced Super-Resolution Generative
    Adversarial Networks, 1809.00219, section 4.1.
    """

    def __init__(self, image_shape=(128, 128, 3), scale=4, **kwargs):
        super().__init__(image_shape, scale, **kwargs)

    def paper_generator(self):
        """The paper's network of residual dense blocks."""
        return rrdb_network(self.large[-1], self.scale)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.9, halved every 200,000 steps."""
        return {"g": _adam(2e-4, [200_000, 400_000, 600_000, 800_000])}

    def content_loss(self, real, made):
        """E |G(x) − y|."""
        return ops.mean(ops.abs(real - made))


@keras.saving.register_keras_serializable("gan_zoo")
class ESRGAN(SRGAN):
    """SRGAN whose discriminator compares: which image is the more realistic one?

    With logits C, D_ra(x, x̂) = σ(C(x) − E C(x̂)), and distances of absolute values:

    Discriminator: minimise −E log D_ra(y, G(x)) − E log(1 − D_ra(G(x), y)).
    Generator: minimise l(G(x), y) + λ (−E log(1 − D_ra(y, G(x))) − E log D_ra(G(x), y))
    + η E|G(x) − y|, with the distance l of features before their activation. Real
    images take part in the generator's gradient.

    Args:
        image_shape: as `SRGAN`.
        scale: as `SRGAN`.
        pixel_weight: η; used where there are `features`.
        adversarial_weight: λ.
        **kwargs: as `SRGAN`: `features`, networks, `ema`, `seed`, `name`. Without
            `features`, l is the distance of pixels, and the term of η is left out.
            `features.feature_maps("vgg54_linear")` has the paper's layer.

    `fit` expects batches as `SRGAN` does. `pretraining` is an `RRDBNet`. In the logs
    `content_loss` is l plus the term of η. The default generator has 16.7 million
    weights and is slow without a GPU.

    Raises:
        ValueError: as `SRGAN`.

    Differs from the paper:
        1. Content is compared in pixels by default: the weights of the paper's VGG
           network have to be downloaded.
        2. Images lie in [-1, 1], and the last layer of G is a tanh.
        3. Weights of the pretrained and the adversarial network are not interpolated.
        4. Those maps are divided by 12.75, as SRGAN's, and so is their distance.

    Example:
        train, test = gan_zoo.data.load(
            "folder:photos", 16, 128, crop_from=384, degrade="bicubic:4"
        )
        gan = gan_zoo.ESRGAN(image_shape=(128, 128, 3))
        gan.pretraining.compile()
        gan.pretraining.fit(train, epochs=100)
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Wang et al. 2018, ESRGAN: Enhanced Super-Resolution Generative
    Adversarial Networks, 1809.00219, equations 1 to 3.
    """

    pretraining_class = RRDBNet

    def __init__(
        self,
        image_shape=(128, 128, 3),
        scale=4,
        *,
        pixel_weight=1e-2,
        adversarial_weight=5e-3,
        **kwargs,
    ):
        check_weight("pixel_weight", pixel_weight)
        self.pixel_weight = pixel_weight
        super().__init__(
            image_shape, scale, adversarial_weight=adversarial_weight, **kwargs
        )

    # The paper's choices.

    def paper_generator(self):
        """The paper's network of residual dense blocks."""
        return rrdb_network(self.large[-1], self.scale)

    def paper_optimizers(self):
        """Adam, β1 0.9; 1e-4, halved at 50,000, 100,000, 200,000 and 300,000 steps."""
        steps = [50_000, 100_000, 200_000, 300_000]
        return {player: _adam(1e-4, steps) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """−E log D_ra(y, G(x)) − E log(1 − D_ra(G(x), y)): equation 1."""
        return losses.relativistic_average_loss(real_scores, fake_scores)

    def adversarial_loss(self, real, made):
        """−E log(1 − D_ra(y, G(x))) − E log D_ra(G(x), y): equation 2."""
        scores = (forward(self.discriminator, images) for images in (made, real))
        return losses.relativistic_average_loss(*scores)

    def content_loss(self, real, made):
        """l(G(x), y) + η E|G(x) − y|: two terms of equation 3."""
        pixels = ops.mean(ops.abs(real - made))
        if "features" not in self.networks:
            return pixels
        maps = [keras.tree.flatten(infer(self.features, x)) for x in (real, made)]
        pairs = zip(*maps, strict=True)
        distance = sum(ops.mean(ops.abs(a - b)) for a, b in pairs)
        return distance + self.pixel_weight * pixels

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {"pixel_weight": self.pixel_weight}


def _adam(rate, steps):
    """Adam whose rate is halved at these steps."""
    rates = [rate / 2**k for k in range(len(steps) + 1)]
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(steps, rates)
    # epsilon is that of the authors' framework.
    return Adam(schedule, epsilon=1e-8)
