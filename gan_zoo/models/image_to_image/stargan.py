"""StarGAN (Choi et al. 2018): one generator for all domains."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_weight
from gan_zoo.inputs import Attributes, Label
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.network_checks import (
    check_image_range,
    check_logits,
    check_network,
)
from gan_zoo.models.base.networks import forward, infer
from gan_zoo.models.image_to_image.base import Direction, ImageToImage
from gan_zoo.networks.stargan import stargan_discriminator, stargan_generator
from gan_zoo.objectives import losses, penalties
from gan_zoo.optimizers import Adam, ConstantThenLinear

PAPER_ATTRIBUTES = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")


@keras.saving.register_keras_serializable("gan_zoo")
class StarGAN(ImageToImage):
    """A translator that is told its target, and a discriminator that names it.

    With G(x, c) for a target c, c′ the original attributes of x, D's critic value and
    D's class head D_cls:

    Critic: minimise E D(G(x, c)) − E D(x) + λ_gp E (‖∇ D(x̂)‖₂ − 1)²
    − λ_cls E log D_cls(c′ | x).
    Generator: minimise −E D(G(x, c)) − λ_cls E log D_cls(c | G(x, c))
    + λ_rec E ‖x − G(G(x, c), c′)‖, where ‖·‖ is the mean absolute difference.

    Args:
        image_shape: (height, width, channels), sides multiples of 4.
        attributes: names of attributes, of which an image may have any, such as
            ("smiling", "glasses"); by default the five of CelebA in the paper. Batches
            are (images, attributes), 0 or 1 for each.
        classes: in place of `attributes`, names of domains, of which an image has one,
            such as ("photo", "drawing"). Batches are (images, labels).
        class_weight: λ_cls.
        cycle_weight: λ_rec.
        gradient_penalty: λ_gp.
        critic_steps: updates of D per update of G.
        constant_steps: batches at the full learning rate; 100,000 in the authors' code.
        linear_steps: batches from there to a learning rate of 0.
        generator: maps [images, targets] to images in [-1, 1].
        discriminator: maps images to [scores of any shape, class logits (n, K)].
        ema: decay of the generator's moving average, or None.
        seed: integer from which all randomness of training is derived.
        name: name of the model.

    `translate(images, attributes=...)` takes all attributes that the result should
    have, or one row for each image. `translate(images, to=...)` takes the name of a
    domain. `class_probabilities(images) > 0.5` reads what images have; change a column
    of that to change one attribute. In the logs, `penalty` alone has its factor.

    Raises:
        ValueError: for attributes and classes at once, networks that do not fit, a
            generator that ends in a sigmoid, or numbers out of range.

    Differs from the paper:
        1. Instance norm uses the statistics of the image everywhere. The layers of the
           authors have running statistics, which their released test code does not use.
        2. The targets c are the c′ of the batch in a random order, as in the authors'
           code; the paper draws them at random.
        3. The learning rates fall at each update, the authors' every 1,000 batches.
        4. There is no mask vector for the joint training on several data sets, and D
           has fewer levels below 128 × 128.
        5. First weights are Keras's (authors: PyTorch's), scales are from N(1, 0.02).

    Example:
        names = ["Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young"]
        train, test = gan_zoo.data.load("celeb_a", 16, 128, labels=names, flip=True)
        gan = gan_zoo.StarGAN(image_shape=(128, 128, 3), attributes=names)
        gan.compile()
        gan.fit(train, epochs=20)
        blond = gan.translate(faces, attributes=["Blond_Hair", "Young"])

    Reference: Choi et al. 2018, StarGAN: Unified Generative Adversarial Networks for
    Multi-Domain Image-to-Image Translation, 1711.09020, equations 2 to 8.
    """

    tracked = (
        "d_loss",
        "g_loss",
        "real_class_loss",
        "fake_class_loss",
        "cycle_loss",
        "penalty",
    )
    directions = {"edit": Direction("generator", "images", "images")}

    def __init__(
        self,
        image_shape=(128, 128, 3),
        attributes=None,
        *,
        classes=None,
        class_weight=1.0,
        cycle_weight=10.0,
        gradient_penalty=10.0,
        critic_steps=5,
        constant_steps=100_000,
        linear_steps=100_000,
        generator=None,
        discriminator=None,
        ema=None,
        seed=0,
        name=None,
    ):
        image_shape = check_image_shape(image_shape)
        check_weight("class_weight", class_weight)
        check_weight("cycle_weight", cycle_weight)
        check_weight("gradient_penalty", gradient_penalty)
        check_count("critic_steps", critic_steps)
        check_count("constant_steps", constant_steps, 0)
        check_count("linear_steps", linear_steps)
        self.exclusive = classes is not None  # an image has one of several domains
        self.target = _target(attributes, classes)
        self.class_weight = class_weight
        self.cycle_weight = cycle_weight
        self.gradient_penalty = gradient_penalty
        self.critic_steps = critic_steps
        self.constant_steps = constant_steps
        self.linear_steps = linear_steps

        def players():
            image, count = {"images": image_shape}, len(self.target.names)
            heads = {"scores": None, "class logits": (count,)}
            g = generator or self.paper_generator(image_shape, count)
            d = discriminator or self.paper_discriminator(image_shape, count)
            check_network("generator", g, image, image, self.conditions)
            check_image_range("generator", g)
            check_network("discriminator", d, image, heads)
            check_logits("discriminator's score", d)
            check_logits("discriminator's class head", d, 1)
            return {"d": {"discriminator": d}, "g": {"generator": g}}

        shared = {"ema": ema, "seed": seed, "name": name}
        super().__init__({"images": image_shape}, players, **shared)

    # The paper's choices.

    def paper_generator(self, image_shape, count):
        """The paper's generator for so many attributes or domains."""
        return stargan_generator(image_shape, count, self.exclusive)

    def paper_discriminator(self, image_shape, count):
        """The paper's discriminator, with fewer levels below 128 × 128."""
        return stargan_discriminator(image_shape, count)

    def paper_optimizers(self):
        """Adam 1e-4, β1 0.5 for both, constant and then linearly to 0."""
        optimizers = {}
        for player, batches in (("d", 1), ("g", self.critic_steps)):
            linear = max(self.linear_steps // batches, 1)
            rate = ConstantThenLinear(1e-4, self.constant_steps // batches, linear)
            # epsilon is that of the authors' framework.
            optimizers[player] = Adam(rate, beta_1=0.5, epsilon=1e-8)
        return optimizers

    # What a batch and a translation hold.

    @property
    def conditions(self):
        """What `translate` takes: `attributes`, or `to` for a domain."""
        return {"to" if self.exclusive else "attributes": self.target}

    @property
    def batch_parts(self):
        """Images, and what they have."""
        name = "labels" if self.exclusive else "attributes"
        return {"images": self.image_of("images"), name: self.target}

    # The objective.

    def discriminator_loss(self, real_scores, fake_scores):
        """E D(G(x, c)) − E D(x): equation 8."""
        return losses.wasserstein_critic_loss(real_scores, fake_scores)

    def generator_loss(self, fake_scores):
        """−E D(G(x, c)): equation 8."""
        return losses.wasserstein_generator_loss(fake_scores)

    def class_loss(self, target, logits):
        """−E log D_cls(c | x): equations 2 and 3."""
        if self.exclusive:
            return losses.class_loss(target, logits)
        return losses.attributes_loss(target, logits)

    # The algorithm.

    @property
    def batches_per_step(self):
        """Batches of the data set in one step: one per update of D."""
        return self.critic_steps

    def train_step(self, data):
        """Several updates of D, each on a fresh batch, then one of G."""
        for k, (images, original) in enumerate(self.minibatches(data)):
            with self.draws("critic", k):
                target = backend.shuffled(original)
                self.update_discriminator(images, original, target)
        with self.draws("generator"):
            self.update_generator(images, original, target)
        return self.finish_step()

    def update_discriminator(self, images, original, target):
        """Equation 5, with the penalty of equation 8."""
        fake = ops.stop_gradient(forward(self.generator, [images, target]))

        def score(x):
            return forward(self.discriminator, x)[0]

        def discriminator():
            real_scores, logits = forward(self.discriminator, images)
            penalty = penalties.gradient_penalty(score, images, fake)
            logs = {
                "d_loss": self.discriminator_loss(real_scores, score(fake)),
                "real_class_loss": self.class_loss(original, logits),
                "penalty": self.gradient_penalty * penalty,
            }
            loss = logs["d_loss"] + logs["penalty"]
            return loss + self.class_weight * logs["real_class_loss"], logs

        self.update("d", discriminator)

    def update_generator(self, images, original, target):
        """One update of G: equation 6."""

        def generator():
            fake = forward(self.generator, [images, target])
            back = forward(self.generator, [fake, original])  # equation 4
            scores, logits = forward(self.discriminator, fake)
            logs = {
                "g_loss": self.generator_loss(scores),
                "fake_class_loss": self.class_loss(target, logits),
                "cycle_loss": ops.mean(ops.abs(images - back)),
            }
            loss = logs["g_loss"] + self.class_weight * logs["fake_class_loss"]
            return loss + self.cycle_weight * logs["cycle_loss"], logs

        self.update("g", generator)

    # After training.

    def real_and_fake(self, images, original):
        """The images, and translations to what others of the batch have."""
        given = {name: backend.shuffled(original) for name in self.conditions}
        return images, self.translated(images, "edit", **given)

    def class_probabilities(self, images, batch_size=64):
        """The probability of each attribute or domain, by D's class head: (n, K).

        Args:
            images: float array (n, h, w, c) in [-1, 1], of the size of the training.
            batch_size: images per pass.

        Raises:
            ValueError: for images of the wrong shape or type.
        """
        images = self.image_of("images").of_user(type(self).__name__, images)
        return self.in_batches("probabilities", {"images": images}, batch_size)

    def probabilities(self, images):
        """As `class_probabilities`, of tensors."""
        logits = infer(self.discriminator, images)[1]
        return ops.softmax(logits) if self.exclusive else ops.sigmoid(logits)

    def get_config(self):
        """Arguments of the model, networks included."""
        names = list(self.target.names)
        return super().get_config() | {
            "image_shape": self.domains["images"],
            "attributes": None if self.exclusive else names,
            "classes": names if self.exclusive else None,
            "class_weight": self.class_weight,
            "cycle_weight": self.cycle_weight,
            "gradient_penalty": self.gradient_penalty,
            "critic_steps": self.critic_steps,
            "constant_steps": self.constant_steps,
            "linear_steps": self.linear_steps,
        }


def _target(attributes, classes):
    """The `Input` of what an image has."""
    if classes is None:
        return Attributes(attributes or PAPER_ATTRIBUTES)
    if attributes is not None:
        raise ValueError(
            "Expected either attributes, of which an image may have any, or classes, "
            "of which it has one; got both."
        )
    return Label(names=classes)
