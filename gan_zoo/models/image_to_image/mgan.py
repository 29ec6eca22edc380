"""MGAN (Li & Wand 2016): decoded feature maps, whose patches look like a style's."""

import keras
from keras import ops

from gan_zoo.checks import check_weight
from gan_zoo.features.maps import check_map, feature_maps
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.mgan import mgan_decoder, mgan_discriminator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class MGAN(ImageToImage):
    """Markovian GAN: images in another style, by the patches of their feature maps.

    With a fixed network ψ, whose maps the generator decodes, and a fixed network φ, in
    whose maps the discriminator scores each patch:

    Discriminator: minimise E max(0, 1 − D(φ(b))) + E max(0, 1 + D(φ(G(ψ(a))))).
    Generator: minimise λ E max(0, 1 − D(φ(G(ψ(a))))) + E‖ψ(G(ψ(a))) − ψ(c)‖², the mean
    over positions and channels, where c is b, or a if the data are unpaired.

    Args:
        image_shape: (height, width, 3), sides multiples of 8 for the default encoder,
            whose maps have an eighth of the image's sides.
        encoder: ψ, a name of `features.feature_maps` or a network of images in [-1, 1]
            to one feature map; by default SqueezeNet's, which is in the package. The
            paper's are "vgg41" for ψ and "vgg31" for φ, which Keras downloads.
        features: φ, likewise.
        adversarial_weight: λ.
        paired: whether images a and b of a batch belong together. If so, b is what the
            translation of a should look like; otherwise b shows the style alone.
        generator: a network of feature maps of ψ to images in [-1, 1].
        discriminator: a network of feature maps of φ to scores of any shape.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1]. In the logs `g_loss`
    is the generator's first term without λ, `content_loss` the second.

    Raises:
        ValueError: when networks and image shape do not fit together, for a generator
            that ends in a sigmoid, for an unknown name of features, or for a negative
            weight. FileNotFoundError: if the weights of named features are not there.

    Differs from the paper:
        1. The paper's images b are made from a by an optimization of one image at a
           time (its MDAN); here they are the user's.
        2. The content is compared by the maps that G decodes. The authors' code
           compares pixels, and the paper another level of VGG19.
        3. `paired=False`, which needs no b for each a, is not in the paper.
        4. ψ and φ are maps of SqueezeNet by default. Those of the paper, of VGG19, have
           the same sizes.
        5. Adam has the rate 2e-4 (authors' code: 0.02), and λ is relative to a content
           term of weight 1.

    Example:
        train, test = gan_zoo.data.load("unpaired:photos_and_paintings", 16, 128)
        gan = gan_zoo.MGAN(image_shape=(128, 128, 3), paired=False)
        gan.compile()
        gan.fit(train, epochs=20)
        painted = gan.translate(photos)

    Reference: Li & Wand 2016, Precomputed Real-Time Texture Synthesis with Markovian
    Generative Adversarial Networks, 1604.04382, sections 3 and 4; the authors' code.
    """

    tracked = ("d_loss", "g_loss", "content_loss")
    directions = {"a_to_b": Direction("generator", "a", "b")}

    def __init__(
        self,
        image_shape=(128, 128, 3),
        *,
        encoder="squeezenet3",
        features="squeezenet2",
        adversarial_weight=0.01,
        paired=True,
        generator=None,
        discriminator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_weight("adversarial_weight", adversarial_weight)
        self.adversarial_weight = adversarial_weight
        self.unpaired = not paired
        for given in (encoder, features):
            if isinstance(given, str):  # before any weights are downloaded
                check_map(given)
                _check_colour(image_shape, given)
        frozen = {
            part: feature_maps(given) if isinstance(given, str) else given
            for part, given in (("encoder", encoder), ("features", features))
        }
        image = {"images": image_shape}
        for part, network in frozen.items():
            check_network(part, network, image, {"map": (None, None, None)})
        maps, seen = (
            tuple(network.compute_output_shape((1, *image_shape))[1:])
            for network in frozen.values()
        )

        def players():
            g = generator or self.paper_generator(maps)
            d = discriminator or self.paper_discriminator(seen)
            check_network("generator", g, {"maps": maps}, image)
            check_image_range("generator", g)
            check_network("discriminator", d, {"maps": seen}, {"scores": None})
            return {"d": {"discriminator": d}, "g": {"generator": g}}

        shared = {"ema": ema, "seed": seed, "name": name}
        super().__init__(
            {"a": image_shape, "b": image_shape}, players, frozen=frozen, **shared
        )

    # The paper's choices.

    def paper_generator(self, map_shape):
        """The paper's decoder, with as many levels as the encoder halves an image."""
        levels = (self.domains["a"][0] // map_shape[0]).bit_length() - 1
        return mgan_decoder(map_shape[-1], self.domains["b"][-1], levels)

    def paper_discriminator(self, map_shape):
        """The paper's discriminator of patches of the maps."""
        return mgan_discriminator(map_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both."""
        return {player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """E max(0, 1 − D(φ(b))) + E max(0, 1 + D(φ(G(ψ(a)))))."""
        return losses.hinge_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """E max(0, 1 − D(φ(G(ψ(a))))), bounded as the discriminator's."""
        return losses.hinge_margin_loss(fake_scores)

    def content_loss(self, made, wanted):
        """E‖ψ(G(ψ(a))) − ψ(c)‖², of images and maps of ψ."""
        return ops.mean(ops.square(infer(self.encoder, made) - wanted))

    # The algorithm.

    def train_step(self, data):
        """One update of D and one of G, both on the same translations."""
        ((images, style),) = self.minibatches(data)
        maps = infer(self.encoder, images)
        wanted = maps if self.unpaired else infer(self.encoder, style)

        def generator():
            made = forward(self.generator, maps)
            seen = infer(self.features, made)
            self.update_discriminator(style, ops.stop_gradient(seen))
            content = self.content_loss(made, wanted)
            adversarial = self.generator_loss(forward(self.discriminator, seen))
            loss = self.adversarial_weight * adversarial + content
            return loss, {"g_loss": adversarial, "content_loss": content}

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminator(self, style, seen):
        """The update of D."""

        def discriminator():
            real = forward(self.discriminator, infer(self.features, style))
            loss = self.discriminator_loss(real, forward(self.discriminator, seen))
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    # After training.

    def translated_evenly(self, images, direction):
        """Decoded maps of the images."""
        generator = self.sampling_networks["generator"]
        return infer(generator, infer(self.encoder, images))

    @property
    def takes_any_size(self):
        """Whether encoder and generator take other sizes than those of `fit`."""
        networks = self.encoder, self.generator
        return all(net.inputs[0].shape[1:3] == (None, None) for net in networks)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "adversarial_weight": self.adversarial_weight,
            "paired": not self.unpaired,
        }


def _check_colour(image_shape, name):
    if image_shape[-1] != 3:
        raise ValueError(
            f"Expected image_shape (height, width, 3) for the maps {name!r}, got "
            f"{image_shape}. Load images with channels=3, or pass networks of your own."
        )
