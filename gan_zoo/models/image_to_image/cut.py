"""CUT (Park et al. 2020): one translator, its patches compared with the input's."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_positive, check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import check_image_range, check_network
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.models.image_to_image.two_translators import for_each
from gan_zoo.networks.cut import layer_outputs, patch_heads
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.networks.pix2pix import patch_discriminator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam, ConstantThenLinear


@keras.saving.register_keras_serializable("gan_zoo")
class CUT(ImageToImage):
    """A translator A → B: a patch of the output resembles the input's at its place.

    With layers l of the generator's first half, places s of a layer, v the head's
    vector of length 1 of the translation and w those of the input:

    Discriminator: minimise ½ E(D(b) − 1)² + ½ E D(G(a))².
    Generator and heads: minimise E(D(G(a)) − 1)² + λ_X PatchNCE(G, H, a)
    + λ_Y PatchNCE(G, H, b), where PatchNCE is the mean over l and s of the cross
    entropy −log exp(v·w_s / τ) / Σ_t exp(v·w_t / τ). The vectors w are constants.

    Args:
        image_shape: (height, width, channels) of the images of both domains, sides
            multiples of 4.
        patch_weight: λ_X.
        identity_weight: λ_Y; 0 leaves these passes out (FastCUT has 0, and λ_X 10).
        temperature: τ.
        patches: places of a layer that are compared, at most. They are drawn anew in
            each step.
        layers: names of the generator's layers to compare, beside the pixels; the
            paper's by default. Each must have the shape (n, h, w, c).
        constant_steps: steps at the full learning rate: 200 epochs of the authors'
            loader on horse2zebra.
        linear_steps: steps from there to a learning rate of 0.
        generator: maps images of A to images in [-1, 1]; CycleGAN's by default.
        discriminator: maps images of B to scores of any shape; by default a PatchGAN of
            70 × 70 patches, smaller ones for images below that.
        heads: network of a list of features (n, p, c), of the pixels and of each layer,
            to a list of vectors (n, p, d) of length 1; the paper's by default.
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1], as many of A as of
    B and nothing that pairs them; the paper's batch is one of each. In the logs
    `g_loss` is the generator's first term, `patch_loss` and `identity_loss` are those
    behind λ_X and λ_Y. `patch_accuracy` is the share of places of a translation whose
    nearest vector of the input is that of the same place.

    Raises:
        ValueError: when networks and image shapes do not fit together, for unknown
            layers, for a generator that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. λ_X and λ_Y have the factor ½, as in the authors' code: the defaults are ½.
        2. Convolutions of stride 2 take the place of the authors' blurred halving and
           doubling; the default networks are CycleGAN's with their first weights.
        3. The learning rate falls at each step, the authors' at each epoch.
        4. The places are the same for all images of a batch.
        5. Below 70 × 70 the default patches of D shrink to 34 or 16 pixels.

    Example:
        train, test = gan_zoo.data.load("cycle_gan/horse2zebra", batch_size=1)
        gan = gan_zoo.CUT(image_shape=(256, 256, 3))
        gan.compile()
        gan.fit(train, epochs=400)
        zebras = gan.translate(horses)

    Reference: Park et al. 2020, Contrastive Learning for Unpaired Image-to-Image
    Translation, 2007.15651, equations 1 to 5.
    """

    tracked = ("d_loss", "g_loss", "patch_loss", "identity_loss", "patch_accuracy")
    directions = {"a_to_b": Direction("generator", "a", "b")}
    unpaired = True

    def __init__(
        self,
        image_shape=(256, 256, 3),
        *,
        patch_weight=0.5,
        identity_weight=0.5,
        temperature=0.07,
        patches=256,
        layers=None,
        constant_steps=266_800,
        linear_steps=266_800,
        generator=None,
        discriminator=None,
        heads=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_weight("patch_weight", patch_weight)
        check_weight("identity_weight", identity_weight)
        check_positive("temperature", temperature)
        check_count("patches", patches, 2)
        check_count("constant_steps", constant_steps, 0)
        check_count("linear_steps", linear_steps)
        self.patch_weight = patch_weight
        self.identity_weight = identity_weight
        self.temperature = temperature
        self.patches = patches
        self.layer_names = None if layers is None else list(layers)
        self.constant_steps = constant_steps
        self.linear_steps = linear_steps

        def players():
            image = {"images": image_shape}
            g = generator or self.paper_generator(image_shape)
            d = discriminator or self.paper_discriminator(image_shape)
            check_network("generator", g, image, image)
            check_image_range("generator", g)
            check_network("discriminator", d, image, {"scores": None})
            features = layer_outputs(g, self.layer_names)
            channels = [image_shape[-1], *(x.shape[-1] for x in features)]
            h = heads or self.paper_heads(channels)
            rows = {f"features {i}": (None, c) for i, c in enumerate(channels)}
            check_network("heads", h, rows, dict.fromkeys(rows))
            return {"d": {"discriminator": d}, "g": {"generator": g, "heads": h}}

        domains = {"a": image_shape, "b": image_shape}
        super().__init__(domains, players, ema=ema, seed=seed, name=name)
        g = self.generator
        features = layer_outputs(g, self.layer_names)
        # In a namespace, as these networks consist of layers of the generator.
        self._unsaved.encoder = keras.Model(g.inputs[0], features)
        self._unsaved.with_features = keras.Model(
            g.inputs[0], [*features, g.outputs[0]]
        )

    # The paper's choices.

    def paper_generator(self, image_shape):
        """CycleGAN's generator, of 9 residual blocks."""
        return resnet_generator(image_shape)

    def paper_discriminator(self, image_shape):
        """The 70 × 70 PatchGAN, or the largest whose patches fit the image."""
        return patch_discriminator(image_shape)

    def paper_heads(self, channels):
        """Two dense layers of 256 for each layer."""
        return patch_heads(channels)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for both, constant and then linearly to 0."""
        rate = 2e-4, self.constant_steps, self.linear_steps
        # epsilon is that of the authors' framework.
        return {
            player: Adam(ConstantThenLinear(*rate), beta_1=0.5, epsilon=1e-8)
            for player in ("d", "g")
        }

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """½ E(D(b) − 1)² + ½ E D(G(a))²: equation 1 by least squares."""
        real_loss = losses.least_squares_loss(real_scores, 1.0)
        return real_loss + losses.least_squares_loss(fake_scores, 0.0)

    def generator_loss(self, fake_scores):
        """E(D(G(a)) − 1)²: equation 1 by least squares."""
        return 2.0 * losses.least_squares_loss(fake_scores, 1.0)

    # The algorithm.

    def train_step(self, data):
        """One pass of G; D's update; then that of G and the heads."""
        ((real_a, real_b),) = self.minibatches(data)

        def generator():
            *layers, made = forward(self._unsaved.with_features, real_a)
            self.update_discriminator(real_b, ops.stop_gradient(made))
            logs = {"g_loss": self.generator_loss(forward(self.discriminator, made))}
            logs["patch_loss"], logs["patch_accuracy"] = self.compare_patches(
                [real_a, *layers], made
            )
            loss = logs["g_loss"] + self.patch_weight * logs["patch_loss"]
            if self.identity_weight:
                *layers, same = forward(self._unsaved.with_features, real_b)
                identity, _ = self.compare_patches([real_b, *layers], same)
                loss += self.identity_weight * identity
                logs["identity_loss"] = identity
            return loss, logs

        with self.draws("generator"):
            self.update("g", generator)
        return self.finish_step()

    def update_discriminator(self, real, fake):
        """The update of D."""

        def discriminator():
            scores = for_each(self.discriminator, real, fake)
            loss = self.discriminator_loss(*scores)
            return loss, {"d_loss": loss}

        with self.draws("discriminator"):
            self.update("d", discriminator)

    def compare_patches(self, layers, made):
        """PatchNCE: equations 3 to 5.

        Args:
            layers: images (n, h, w, c) and their features, the layers' outputs.
            made: their translations.

        Returns:
            (the loss, the share of places whose nearest vector is the right one).
        """
        targets = [made, *_listed(forward(self._unsaved.encoder, made))]
        at = [self.draw_places(x) for x in layers]
        queries, keys = (
            forward(self.heads, [*map(_at, side, at)]) for side in (targets, layers)
        )
        each = [
            losses.contrastive_loss(query, ops.stop_gradient(key), self.temperature)
            for query, key in zip(queries, keys, strict=True)
        ]
        loss, right = zip(*each, strict=True)
        return sum(loss) / len(each), sum(right) / len(each)

    def draw_places(self, features):
        """Numbers of the places of a layer to compare, the same for all images."""
        places = features.shape[1] * features.shape[2]
        order = ops.argsort(backend.uniform((places,), shared=True))
        return order[: min(self.patches, places)]

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "patch_weight": self.patch_weight,
            "identity_weight": self.identity_weight,
            "temperature": self.temperature,
            "patches": self.patches,
            "layers": self.layer_names,
            "constant_steps": self.constant_steps,
            "linear_steps": self.linear_steps,
        }


def _at(features, places):
    """(n, h, w, c) -> (n, p, c), the features at some places."""
    height, width, channels = features.shape[1:]
    rows = ops.reshape(features, (-1, height * width, channels))
    return ops.take(rows, places, axis=1)


def _listed(outputs):
    """The outputs of a network as a list; of one output Keras gives the tensor."""
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
