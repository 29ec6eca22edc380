"""StyleGAN2: modulated convolutions, two lazy penalties (Karras et al. 2019)."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_weight
from gan_zoo.layers import SecondLatents
from gan_zoo.models.base.networks import forward
from gan_zoo.models.noise_to_image.base import inputs_of
from gan_zoo.models.noise_to_image.class_conditional import OptionallyConditionalGAN
from gan_zoo.models.noise_to_image.style_based import StyleBased
from gan_zoo.networks.stylegan2 import stylegan2_discriminator, stylegan2_generator
from gan_zoo.objectives import penalties
from gan_zoo.optimizers import Adam

_LENGTH_DECAY = 0.01


@keras.saving.register_keras_serializable("gan_zoo")
class StyleGAN2(StyleBased, OptionallyConditionalGAN):
    """StyleGAN2: modulated convolutions, images that add up, path length penalty.

    Discriminator: minimise −E log σ(D(x)) − E log(1 − σ(D(G(z)))), and in every
    `r1_interval`-th step γ/2 E ‖∇D(x)‖², that many times as strong.
    Generator: minimise −E log σ(D(G(z))), and in every `path_length_interval`-th step
    λ E (‖Jᵀ y‖ − a)², that many times as strong, for J = ∂G/∂w at the styles of half as
    many latents, noise images y, and the moving average a of these lengths.

    Both penalties are steps of Adam of their own, as the authors' are. `penalty`,
    `path_penalty` and `path_length` in the logs are means over the steps that have
    them, without the intervals.

    Args:
        image_shape: (height, width, channels); sides halve evenly down to 4 to 7.
        latent_dim: length of the noise vector z.
        num_classes: number of classes; None for images without classes.
        r1: γ. It depends on the data: see docs/gamma.md.
        r1_interval: 16 in the paper.
        path_length: λ; 0 leaves this penalty out.
        path_length_interval: 8 in the paper, 4 in the authors' later code.
        generator: a model of z, or [z, labels], with parts named `mapping`, `styles`
            and `synthesis`, see `gan_zoo.networks.stylegan2`; the paper's by default.
        discriminator: images, or [images, labels], to logits (n, 1); the paper's by
            default.
        ema: decay of the generator's moving average; by default a half-life of 10,000
            images in batches of 32.
        **kwargs: as `GAN`; `augment=gan_zoo.augment.ADA()` for few images.

    Raises:
        ValueError: when the generator lacks a part, for a weight below 0 or an interval
            below 1, and as `GAN`.

    Differs from the paper:
        1. Each image draws whether it is mixed and its own crossover (authors: one draw
           of both per minibatch).
        2. Samples are clipped to [-1, 1]; in training images have no bounds, as the
           authors'.
        3. The average's decay is less early on (authors: a half-life of 10,000 images
           from the start).
        4. The path length penalty does not move the mean style w̄ (authors' code: it
           does, as any pass of the generator).

    Example:
        train, test = gan_zoo.data.load("folder:faces", image_size=64, batch_size=32)
        gan = gan_zoo.StyleGAN2((64, 64, 3), augment=gan_zoo.augment.ADA())
        gan.compile()
        gan.fit(train, epochs=100)
        images = gan.generate(16, seed=0, truncation=0.7)

    Reference: Karras et al. 2019, Analyzing and Improving the Image Quality of
    StyleGAN, 1912.04958, sections 2 and 3 and appendix B; classes as in 2006.06676.
    """

    tracked = (
        "d_loss",
        "g_loss",
        "real_score",
        "fake_score",
        "penalty",
        "path_penalty",
        "path_length",
    )
    generator_parts = ("mapping", "styles", "synthesis")
    generator_maker = "gan_zoo.networks.stylegan2.stylegan2_generator"

    def __init__(
        self,
        image_shape=(64, 64, 3),
        latent_dim=512,
        *,
        num_classes=None,
        r1=10.0,
        r1_interval=16,
        path_length=2.0,
        path_length_interval=8,
        ema=0.5 ** (32 / 10_000),
        **kwargs,
    ):
        check_weight("r1", r1)
        check_count("r1_interval", r1_interval)
        check_weight("path_length", path_length)
        check_count("path_length_interval", path_length_interval)
        self.r1 = r1
        self.r1_interval = r1_interval
        self.path_length = path_length
        self.path_length_interval = path_length_interval
        super().__init__(
            image_shape, latent_dim, num_classes=num_classes, ema=ema, **kwargs
        )
        self.mean_length = self.add_weight(
            name="mean_length",
            shape=(),
            initializer="zeros",
            trainable=False,
            aggregation="mean",
            autocast=False,
        )

    def paper_generator(self, image_shape, latent_dim):
        """The paper's generator, configuration F."""
        classes = self.num_classes
        return stylegan2_generator(image_shape, latent_dim, num_classes=classes)

    def paper_discriminator(self, image_shape):
        """The paper's residual discriminator."""
        return stylegan2_discriminator(image_shape, num_classes=self.num_classes)

    def paper_optimizers(self):
        """Adam 2e-3, β 0 and 0.99; scaled for the steps of the penalties.

        With one more step in every k, the rate is multiplied by c = k / (k + 1), and
        each β is raised to the power of c (appendix B).
        """

        def adam(weight, interval):
            c = interval / (interval + 1) if weight else 1.0
            return Adam(2e-3 * c, 0.0, 0.99**c, epsilon=1e-8)

        return {
            "d": adam(self.r1, self.r1_interval),
            "g": adam(self.path_length, self.path_length_interval),
        }

    def update_discriminator(self, real, **given):
        """As `GAN.update_discriminator`; then the penalty of equation 1, where due."""
        outputs = super().update_discriminator(real, **given)
        if not self.r1:
            return outputs

        def objective():
            with self.draws("r1"):
                squared = penalties.zero_centred_penalty(
                    lambda images: self.discriminate(images, given)[0], real
                )
            penalty = self.r1 / 2 * squared
            return self.r1_interval * penalty, {"penalty": penalty}

        due = ops.equal(self.steps % self.r1_interval, 0)
        self.update_when(due, "d", objective, {"penalty": 0.0})
        return outputs

    def update_generator(self, real, **given):
        """As `GAN.update_generator`; then the path length penalty, where due."""
        outputs = super().update_generator(real, **given)
        if self.path_length:
            # Every other row, so that replicas take the rows that one device takes.
            rows = {name: value[::2] for name, value in given.items()}
            self.update_path_lengths(ops.shape(real[::2])[0], rows)
        return outputs

    def update_path_lengths(self, count, given):
        """Section 3.2, where due, for `count` latents.

        Args:
            count: number of latents.
            given: dict of the conditions of these latents, `count` rows each.
        """
        due = ops.equal(self.steps % self.path_length_interval, 0)

        def lengths():
            with self.draws("path length"):
                return self.path_lengths_of(count, given)

        mean = None
        if backend.replicas() > 1:
            # The mean over all replicas, which no branch of a condition can gather.
            own = ops.cond(due, lengths, lambda: ops.zeros((count,)))
            mean = ops.mean(backend.gather(own))

        def objective():
            own = lengths()
            overall = ops.mean(own) if mean is None else mean
            average = self.mean_length + _LENGTH_DECAY * (overall - self.mean_length)
            loss = penalties.path_length_loss(own, average, overall, _LENGTH_DECAY)
            values = {
                "path_penalty": self.path_length * ops.mean(ops.square(own - average)),
                "path_length": average,
            }
            return self.path_length_interval * self.path_length * loss, values

        otherwise = {"path_penalty": 0.0, "path_length": self.mean_length.value}
        values = self.update_when(due, "g", objective, otherwise)
        self.mean_length.assign(values["path_length"])

    def path_lengths_of(self, count, given):
        """‖Jᵀ y‖ for `count` latents, mixed as in training; needs a draw scope."""
        mapping, mixing, synthesis = map(self.generator.get_layer, self.generator_parts)
        inputs = inputs_of(self.latents(count), given.values())
        doubled = SecondLatents()(inputs, training=True)
        # Without training, which would move w̄ inside a branch of a condition.
        w = mapping(doubled, training=False)
        styles = ops.cast(mixing(w, training=True), "float32")
        height, width, _ = self.image_shape
        noise = backend.normal((count, *self.image_shape)) / (height * width) ** 0.5
        return penalties.path_lengths(
            lambda styles: forward(synthesis, styles), styles, noise
        )

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "r1": self.r1,
            "r1_interval": self.r1_interval,
            "path_length": self.path_length,
            "path_length_interval": self.path_length_interval,
        }
