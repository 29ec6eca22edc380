"""DiscoGAN (Kim et al. 2017): CycleGAN with the cross entropy and squared distances."""

import keras
from keras import ops

from gan_zoo.models.image_to_image.cyclegan import CycleGAN
from gan_zoo.networks.discogan import discogan_discriminator, discogan_generator
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam

# Arguments of CycleGAN that the paper has no use for.
_UNUSED = ("identity_weight", "pool_size", "constant_steps", "linear_steps")


@keras.saving.register_keras_serializable("gan_zoo")
class DiscoGAN(CycleGAN):
    """Two translators, A → B and B → A, that discover what two domains share.

    With G: A → B, F: B → A, D's logits, and d the mean squared difference of pixels in
    [0, 1]:

    Generators: minimise −E log σ(D_B(G(a))) − E log σ(D_A(F(b)))
    + λ (d(F(G(a)), a) + d(G(F(b)), b)).
    Discriminators: minimise −E log σ(D_B(b)) − E log(1 − σ(D_B(G(a)))), and the like
    for D_A.

    Args:
        image_shape: (height, width, channels) of the images of A, sides multiples of
            16.
        image_shape_b: the same of B where it differs, in channels only.
        cycle_weight: λ; the paper's equations have 1.
        **kwargs: as `CycleGAN`: networks, `ema`, `seed`, `name`. The default networks
            have no skips, and D gives one score for a whole image.

    `fit` expects batches (images_a, images_b), float32 in [-1, 1], as many of A as of
    B; the paper's batch is 200 of each. The logs are those of `CycleGAN` without the
    identity loss.

    Raises:
        ValueError: as `CycleGAN`. TypeError: for arguments of CycleGAN that the
            objective has no place for: `identity_weight`, `pool_size`,
            `constant_steps`, `linear_steps`.

    Differs from the paper:
        1. The distance d, which the paper leaves open, is the authors' code's.
        2. λ is 10, the ratio of both terms in the code after its first 10,000 steps.
           Squared distances of pixels in [0, 1] are small beside a cross entropy. On
           the emoji of `recipes/unpaired_emoji.py` neither 1 nor 10 reconstructed the
           images; that recipe has 100.
        3. The code matches features of D besides, and moves D at every third step and
           the generators at the others. Here both players move at each step.
        4. There is no weight decay (paper: 1e-4; code: 1e-5).

    Example:
        train, test = gan_zoo.data.load("unpaired:shoes2bags", 200, image_size=64)
        gan = gan_zoo.DiscoGAN(image_shape=(64, 64, 3))
        gan.compile()
        gan.fit(train, epochs=100)

    Reference: Kim et al. 2017, Learning to Discover Cross-Domain Relations with
    Generative Adversarial Networks, 1703.05192, section 3.
    """

    tracked = ("d_loss", "g_loss", "cycle_loss")

    def __init__(
        self,
        image_shape=(64, 64, 3),
        image_shape_b=None,
        *,
        cycle_weight=10.0,
        **kwargs,
    ):
        for name in _UNUSED:
            if name in kwargs:
                raise TypeError(
                    f"DiscoGAN's objective has no {name}. Leave it out, or take "
                    "CycleGAN."
                )
        super().__init__(
            image_shape,
            image_shape_b,
            cycle_weight=cycle_weight,
            identity_weight=0.0,
            pool_size=0,
            **kwargs,
        )

    # The paper's choices.

    def paper_generator(self, source_shape, target_shape):
        """The paper's encoder and decoder between images of these shapes."""
        return discogan_generator(source_shape, target_shape[-1])

    def paper_discriminator(self, image_shape):
        """The paper's discriminator of whole images."""
        return discogan_discriminator(image_shape)

    def paper_optimizers(self):
        """Adam 2e-4, β1 0.5 for each side."""
        # epsilon is that of the authors' framework.
        return {player: Adam(2e-4, beta_1=0.5, epsilon=1e-8) for player in ("d", "g")}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """−E log σ(D(x)) − E log(1 − σ(D(x̂)))."""
        return losses.minimax_discriminator_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E log σ(D(x̂))."""
        return losses.non_saturating_generator_loss(fake_scores)

    def distance(self, x, y):
        """The mean squared difference of pixels in [0, 1]."""
        return ops.mean(ops.square((x - y) / 2.0))

    def get_config(self):
        """Arguments of the model, networks included."""
        config = super().get_config()
        return {name: value for name, value in config.items() if name not in _UNUSED}
