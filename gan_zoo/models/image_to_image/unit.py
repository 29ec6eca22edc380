"""UNIT (Liu et al. 2017): two variational autoencoders with one code."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_weight
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import (
    check_image_range,
    check_network,
    shapes_made,
)
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import (
    Direction,
    ImageToImage,
    check_same_sides,
)
from gan_zoo.models.image_to_image.two_translators import for_each
from gan_zoo.networks.unit import unit_discriminator, unit_networks
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class UNIT(ImageToImage):
    """Two encoders and two decoders, which share the layers around their code.

    An image and its translation have the same code z. With the means E_A(a) and E_B(b),
    z = E(x) + η with η ~ N(0, I), the decoders G_A and G_B, and ‖·‖ the mean absolute
    difference, which is the likelihood of a Laplace distribution:

    Encoders and decoders: minimise λ_0 of the adversarial terms
    −E log σ(D_B(G_B(z_a))), + λ_1 KL(z_a) + λ_2 ‖G_A(z_a) − a‖ of the autoencoder,
    + λ_3 (KL(z_a) + KL(z_ab)) + λ_4 ‖G_A(z_ab) − a‖ of the cycle, where z_ab is the
    code of G_B(z_a); and the like for b.
    Discriminators: minimise λ_0 (−E log σ(D_B(b)) − E log(1 − σ(D_B(G_B(z_a))))), and
    the like for D_A.

    Args:
        image_shape: (height, width, channels) of the images of A; by the default
            networks, sides are multiples of 16.
        image_shape_b: the same of B where it differs, in channels only.
        adversarial_weight: λ_0.
        divergence_weight: λ_1.
        reconstruction_weight: λ_2.
        cycle_divergence_weight: λ_3.
        cycle_weight: λ_4.
        encoder_a: maps images of A to means of the code.
        encoder_b: the same for B. Layers may be shared.
        decoder_a: maps codes to images of A in [-1, 1].
        decoder_b: the same for B. Layers may be shared.
        discriminator_a: maps images of A to scores of any shape.
        discriminator_b: the same for B.
        ema: decay of the moving averages of encoders and decoders, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1], as many of A as of
    B and nothing that pairs them; the paper's batch is one of each. In the logs each
    term is the sum over both domains without its factor: `d_loss`, `g_loss`,
    `reconstruction_loss`, `cycle_loss`, and `divergence`, that of all four codes.

    `translate` decodes the mean E(x), without noise.

    Raises:
        ValueError: when networks and image shapes do not fit together, for a decoder
            that ends in a sigmoid, or for numbers out of range.

    Differs from the paper:
        1. KL is the mean over the numbers of a code of μ², as in the authors' code: the
           divergence is ½ Σ μ².
        2. There is no weight decay (authors' code: 1e-4).

    Example:
        train, test = gan_zoo.data.load("cycle_gan/summer2winter_yosemite", 1)
        gan = gan_zoo.UNIT(image_shape=(256, 256, 3))
        gan.compile()
        gan.fit(train, epochs=100)
        winter = gan.translate(summer, "a_to_b")

    Reference: Liu et al. 2017, Unsupervised Image-to-Image Translation Networks,
    1703.00848, equations 3 to 9.
    """

    tracked = ("d_loss", "g_loss", "reconstruction_loss", "cycle_loss", "divergence")
    directions = {
        "a_to_b": Direction("decoder_b", "a", "b"),
        "b_to_a": Direction("decoder_a", "b", "a"),
    }
    unpaired = True

    def __init__(
        self,
        image_shape=(256, 256, 3),
        image_shape_b=None,
        *,
        adversarial_weight=10.0,
        divergence_weight=0.1,
        reconstruction_weight=100.0,
        cycle_divergence_weight=0.1,
        cycle_weight=100.0,
        encoder_a=None,
        encoder_b=None,
        decoder_a=None,
        decoder_b=None,
        discriminator_a=None,
        discriminator_b=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        if image_shape_b is not None:
            image_shape_b = check_image_shape(image_shape_b, "image_shape_b")
        check_weight("adversarial_weight", adversarial_weight)
        check_weight("divergence_weight", divergence_weight)
        check_weight("reconstruction_weight", reconstruction_weight)
        check_weight("cycle_divergence_weight", cycle_divergence_weight)
        check_weight("cycle_weight", cycle_weight)
        self.adversarial_weight = adversarial_weight
        self.divergence_weight = divergence_weight
        self.reconstruction_weight = reconstruction_weight
        self.cycle_divergence_weight = cycle_divergence_weight
        self.cycle_weight = cycle_weight

        def players():
            a, b = self.domains["a"], self.domains["b"]
            check_same_sides(a, b)
            g = {
                "encoder_a": encoder_a,
                "encoder_b": encoder_b,
                "decoder_a": decoder_a,
                "decoder_b": decoder_b,
            }
            if None in g.values():
                ours = self.paper_autoencoders(a, b)
                g = {name: given or ours[name] for name, given in g.items()}
            d = {
                "discriminator_a": discriminator_a or self.paper_discriminator(a),
                "discriminator_b": discriminator_b or self.paper_discriminator(b),
            }
            check_network("encoder_a", g["encoder_a"], {"images": a}, {"means": None})
            check_network("encoder_b", g["encoder_b"], {"images": b}, {"means": None})
            code = _one_code(g["encoder_a"], g["encoder_b"], a)
            for domain, shape in self.domains.items():
                decoder, critic = f"decoder_{domain}", f"discriminator_{domain}"
                check_network(decoder, g[decoder], code, {"images": shape})
                check_image_range(decoder, g[decoder])
                check_network(critic, d[critic], {"images": shape}, {"scores": None})
            return {"d": d, "g": g}

        super().__init__(
            {"a": image_shape, "b": image_shape_b or image_shape},
            players,
            arguments={"b": "image_shape_b"},
            ema=ema,
            seed=seed,
            name=name,
        )

    # The paper's choices.

    def paper_autoencoders(self, shape_a, shape_b):
        """The paper's encoders and decoders, by name."""
        return unit_networks(shape_a, shape_b)

    def paper_discriminator(self, image_shape):
        """The paper's discriminator of patches."""
        return unit_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 1e-4, β1 0.5 for both."""
        # epsilon is that of the authors' framework.
        return {player: Adam(1e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """−E log σ(D(x)) − E log(1 − σ(D(x̂))): equation 7."""
        return losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E log σ(D(x̂)): equation 7 in its non-saturating form."""
        return losses.non_saturating_generator_loss(fake_scores)

    def distance(self, x, y):
        """‖x − y‖: −log of the Laplace likelihood, of equations 6 and 8."""
        return ops.mean(ops.abs(x - y))

    def divergence(self, means):
        """The mean of μ² in place of KL(N(μ, I) ‖ N(0, I)), of equations 6 and 8."""
        return ops.mean(ops.square(means))

    # The algorithm.

    def train_step(self, data):
        """The discriminators, then encoders and decoders (section 3)."""
        ((real_a, real_b),) = self.minibatches(data)
        with self.draws("discriminators"):
            self.update_discriminators(real_a, real_b)
        with self.draws("generators"):
            self.update_generators(real_a, real_b)
        return self.finish_step()

    def update_discriminators(self, real_a, real_b):
        """The update of both discriminators: equation 7."""
        _, code_a = self.encode("a", real_a)
        _, code_b = self.encode("b", real_b)
        fake_a, fake_b = self.decode("a", code_b), self.decode("b", code_a)

        def discriminators():
            scores_a = for_each(self.discriminator_a, real_a, fake_a)
            scores_b = for_each(self.discriminator_b, real_b, fake_b)
            loss = self.discriminator_loss(*scores_a)
            loss += self.discriminator_loss(*scores_b)
            return self.adversarial_weight * loss, {"d_loss": loss}

        self.update("d", discriminators)

    def update_generators(self, real_a, real_b):
        """The update of encoders and decoders: equation 3."""

        def generators():
            means_a, code_a = self.encode("a", real_a)
            means_b, code_b = self.encode("b", real_b)
            same_a, fake_a = for_each(self.decoder_a, code_a, code_b)
            same_b, fake_b = for_each(self.decoder_b, code_b, code_a)
            means_ab, code_ab = self.encode("b", fake_b)
            means_ba, code_ba = self.encode("a", fake_a)
            back_a, back_b = self.decode("a", code_ab), self.decode("b", code_ba)
            adversarial = self.generator_loss(forward(self.discriminator_a, fake_a))
            adversarial += self.generator_loss(forward(self.discriminator_b, fake_b))
            same = self.distance(same_a, real_a) + self.distance(same_b, real_b)
            cycle = self.distance(back_a, real_a) + self.distance(back_b, real_b)
            direct = self.divergence(means_a) + self.divergence(means_b)
            around = self.divergence(means_ab) + self.divergence(means_ba)
            loss = self.adversarial_weight * adversarial
            loss += self.divergence_weight * direct  # equation 6
            loss += self.reconstruction_weight * same
            loss += self.cycle_divergence_weight * (direct + around)  # equation 8
            loss += self.cycle_weight * cycle
            return loss, {
                "g_loss": adversarial,
                "reconstruction_loss": same,
                "cycle_loss": cycle,
                "divergence": direct + around,
            }

        self.update("g", generators)

    def encode(self, domain, images):
        """Means of the codes of images in training, and codes drawn around them."""
        means = forward(self.networks[f"encoder_{domain}"], images)
        return means, means + backend.normal(tuple(ops.shape(means)))

    def decode(self, domain, codes):
        """Images of a domain in training."""
        return forward(self.networks[f"decoder_{domain}"], codes)

    @property
    def takes_any_size(self):
        """As `ImageToImage`, of encoders and decoders."""
        nets = [net for name, net in self.networks.items() if "coder" in name]
        return all(net.inputs[0].shape[1:3] == (None, None) for net in nets)

    def translated_evenly(self, images, direction):
        """Images of the target domain, of the means of the codes."""
        _, source, target = self.directions[direction]
        means = infer(self.sampling_networks[f"encoder_{source}"], images)
        return infer(self.sampling_networks[f"decoder_{target}"], means)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.domains["a"],
            "image_shape_b": self.domains["b"],
            "adversarial_weight": self.adversarial_weight,
            "divergence_weight": self.divergence_weight,
            "reconstruction_weight": self.reconstruction_weight,
            "cycle_divergence_weight": self.cycle_divergence_weight,
            "cycle_weight": self.cycle_weight,
        }


def _one_code(encoder_a, encoder_b, image_shape):
    """The shape of the code that both make of such images, for `check_network`."""
    shapes = [tuple(net.outputs[0].shape[1:]) for net in (encoder_a, encoder_b)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "Expected encoder_a and encoder_b to make codes of one shape, got "
            f"{shapes[0]} and {shapes[1]}."
        )
    return {"codes": shapes_made(encoder_a, image_shape)[0]}
