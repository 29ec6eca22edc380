"""SemiSupervisedGAN: a classifier that learns from unlabelled and generated images."""

import keras
import numpy as np
from keras import ops

from gan_zoo.models.base.average import move_average, twin
from gan_zoo.models.base.checks import (
    check_count,
    check_decay,
    check_images,
    check_weight,
)
from gan_zoo.models.noise_to_image.class_conditional import (
    check_labels,
    checked_labels,
)
from gan_zoo.models.noise_to_image.conditions import Labels
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.models.noise_to_image.improved import mean_over_batch
from gan_zoo.networks.improved import (
    semi_supervised_classifier,
    semi_supervised_generator,
)
from gan_zoo.objectives import losses


@keras.saving.register_keras_serializable("gan_zoo")
class SemiSupervisedGAN(GAN):
    """ImprovedGAN as a classifier of K classes and "generated", from few labels.

    The discriminator gives K logits l; the logit of "generated" is fixed to 0. With
    Z(x) = Σ_k exp l_k(x), D(x) = Z / (Z + 1) is the probability of being real, and
    P(y | x) = exp l_y / Z that of a class for an image known to be real.

    Discriminator: minimise −E log P(y | x) over labelled images
    − w [E log D(x) + E log(1 − D(G(z)))] over unlabelled and generated ones.
    Generator: minimise 1/d ‖E f(x) − E f(G(z))‖² over unlabelled and generated ones, f
    the discriminator's d features: feature matching, in place of `GAN`'s
    `generator_loss`, which is not called. A `penalty`, where a subclass has one, is of
    unlabelled and generated images and the score log Z(x).

    `evaluate` on (images, labels) gives `accuracy`, and `fit(validation_data=...)`
    `val_accuracy`: of the classifier whose weights are averaged over the last steps,
    as is `predict_classes`. The log `accuracy` is that of labelled images in training.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z.
        num_classes: K.
        unsupervised_weight: w; with 0 the classifier learns from the labels alone.
        classifier_ema: decay per step of the average of the classifier's weights, in
            [0, 1). Early on it is less, (1 + t) / (10 + t) at step t, so that the first
            weights are soon forgotten.
        generator: maps z to images; the authors' MNIST network by default.
        discriminator: maps images to [class logits (n, K), features (n, d)]; the
            authors' MNIST network by default.
        **kwargs: as `GAN`.

    `fit` expects batches ((images, labels), unlabelled images) as
    `gan_zoo.data.load(..., labels=True, labels_per_class=10)` makes them, or
    `tf.data.Dataset.zip(labelled, unlabelled)` of two data sets.

    Raises:
        ValueError: for labels that are no classes, for a discriminator with other
            outputs, and as `GAN`.

    Differs from the paper:
        1. w is ½ and the generator's distance a mean over features, as in the authors'
           code (paper: 1, and a sum).
        2. The lengths of the weights start as He et al.'s (authors' code: such that
           what they see of the data has mean 0 and spread 1).
        3. The generator matches the features of the unlabelled images that the
           discriminator has just seen (authors' code: of others).
        4. Images lie in [-1, 1], z in [-1, 1) (authors' code: [0, 1], [0, 1)); the
           networks see and make [0, 1] inside.
        5. The classifier's average starts at its first weights (authors' code: at 0).

    Example:
        train, test = gan_zoo.data.load(
            "mnist", batch_size=100, labels=True, labels_per_class=10
        )
        gan = gan_zoo.SemiSupervisedGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)
        print(gan.evaluate(test, return_dict=True)["accuracy"])

    Reference: Salimans et al. 2016, Improved Techniques for Training GANs, 1606.03498,
    sections 3.1, 5 and 6.1.
    """

    logits = ("class output",)
    tracked = ("d_loss", "g_loss", "class_loss", "accuracy", "real_score", "fake_score")
    paper_prior = "uniform"

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=100,
        *,
        num_classes=10,
        unsupervised_weight=0.5,
        classifier_ema=0.9999,
        **kwargs,
    ):
        # First, since the paper's networks depend on it.
        self.num_classes = Labels(num_classes).num_classes
        check_decay("classifier_ema", classifier_ema)
        check_weight("unsupervised_weight", unsupervised_weight)
        super().__init__(image_shape, latent_dim, **kwargs)
        self.unsupervised_weight = unsupervised_weight
        self.classifier_ema = classifier_ema
        self.average_discriminator = twin(self.discriminator)
        self.test_accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")

    def check_outputs(self, shapes):
        """Refuses other outputs than class logits and features."""
        wanted = (self.num_classes,)
        if len(shapes) != 2 or shapes[0] != wanted or len(shapes[1]) != 1:
            raise ValueError(
                f"Expected a discriminator with the outputs class logits {wanted} and "
                f"features (d,), got {shapes}."
            )

    def paper_generator(self, image_shape, latent_dim):
        """The authors' MNIST generator."""
        return semi_supervised_generator(image_shape, latent_dim)

    def paper_discriminator(self, image_shape):
        """The authors' MNIST classifier."""
        return semi_supervised_classifier(image_shape, self.num_classes)

    def paper_optimizers(self):
        """Adam 3e-3, β1 0.5 for both (authors' MNIST code).

        They add 1e-8 under the root, which is about ε = 1e-4.
        """
        return {
            "d": keras.optimizers.Adam(3e-3, beta_1=0.5, epsilon=1e-4),
            "g": keras.optimizers.Adam(3e-3, beta_1=0.5, epsilon=1e-4),
        }

    # Batches: ((images, labels), unlabelled images).

    def batch_of(self, data):
        """Unlabelled images, then labelled ones and their labels, checked."""
        (images, labels), unlabelled = data
        images = self.images_of(unlabelled), self.images_of(images)
        return checked_labels(labels, self.num_classes, *images)

    def checked(self, labelled, unlabelled):
        """A batch of the data set; a label that is no class is an error."""
        images, labels = labelled
        return (images, *checked_labels(labels, self.num_classes)), unlabelled

    def check_batch(self, spec):
        """Refuses other batches than ((images, labels), unlabelled images)."""
        pair = isinstance(spec, (tuple, list)) and len(spec) == 2
        if not pair or not isinstance(spec[0], (tuple, list)) or len(spec[0]) != 2:
            raise ValueError(
                f"{type(self).__name__} trains on ((images, labels), unlabelled "
                "images). Load the data with labels=True, labels_per_class=10, or pass "
                "tf.data.Dataset.zip(labelled, unlabelled)."
            )
        (images, labels), unlabelled = spec
        super().check_batch(unlabelled)
        super().check_batch(images)
        check_labels(labels)

    # The objective, section 5.

    def scores(self, images):
        """The score log Z(x): σ of it is D(x) = Z / (Z + 1)."""
        class_logits, _ = self.judged(images)
        return ops.logsumexp(class_logits, axis=-1, keepdims=True)

    def update_discriminator(self, real, images, labels):
        """Minimises the supervised and w times the unsupervised loss."""
        fake = self.fake(self.latents(ops.shape(real)[0]))

        def objective():
            class_logits, _ = self.judged(images)
            class_loss = losses.class_loss(labels, class_logits)
            real_scores, fake_scores = self.scores(real), self.scores(fake)
            adversarial = self.discriminator_loss(real_scores, fake_scores)
            penalty = self.penalty(self.scores, real, fake)
            loss = class_loss + self.unsupervised_weight * adversarial + penalty
            loss += sum(self.discriminator.losses)
            logs = self.discriminator_logs(loss, penalty, real_scores, fake_scores)
            return loss, logs | {
                "class_loss": class_loss,
                "accuracy": keras.metrics.sparse_categorical_accuracy(
                    labels, class_logits
                ),
            }

        self.update("d", objective)

    def update_generator(self, real, *_):
        """Feature matching, section 3.1, on fresh noise for as many images."""
        z = self.latents(ops.shape(real)[0])
        wanted = self.mean_features(real)

        def objective():
            loss = ops.mean(ops.square(wanted - self.mean_features(self.fake(z))))
            loss += sum(self.generator.losses)
            return loss, {"g_loss": loss}

        self.update("g", objective)

    def mean_features(self, images):
        """E f over the global batch, (d,), as the discriminator has it in training."""
        _, features = self.judged(images)
        return mean_over_batch(features)

    def finish_step(self):
        """Moves the classifier's average, then ends the step."""
        step = ops.cast(self.steps, "float32")
        decay = ops.minimum(self.classifier_ema, (1.0 + step) / (10.0 + step))
        move_average([self.average_discriminator], [self.discriminator], decay)
        return super().finish_step()

    # The classifier.

    def class_logits(self, images):
        """Class logits (n, K), float32, of images, by the averaged weights."""
        class_logits, _ = self.average_discriminator(images, training=False)
        return ops.cast(class_logits, "float32")

    def class_probabilities(self, images):
        """P(y | x) (n, K), float32, by the averaged weights."""
        return ops.softmax(self.class_logits(images))

    @property
    def readings(self):
        """What an exported model tells of images."""
        return {"classify": ("probabilities", self.class_probabilities)}

    def predict_classes(self, images, batch_size=100):
        """The likeliest class of each image.

        Args:
            images: float array (n, *image_shape) in [-1, 1].
            batch_size: images looked at at a time.

        Returns:
            int32 array (n,).

        Raises:
            TypeError, ValueError: as `check_images`.
        """
        images = check_images(self, images)
        check_count("batch_size", batch_size)
        class_logits = self.graph_of("class_logits")
        classes = np.zeros(len(images), "int32")
        for start in range(0, len(images), batch_size):
            piece = slice(start, start + batch_size)
            tensor = ops.convert_to_tensor(images[piece], "float32")
            classes[piece] = ops.convert_to_numpy(class_logits(tensor)).argmax(-1)
        return classes

    def fake_for(self, data):
        """As many samples as there are real images, whose labels are left aside."""
        real = self.images_of(data)
        return real, self.sample(self.latents(ops.shape(real)[0]))

    @property
    def own_metrics(self):
        """The accuracy, which `evaluate` gives whatever `compile` was given."""
        return [self.test_accuracy]

    def check_test_batch(self, spec):
        """Refuses other batches than (images, labels)."""
        pair = isinstance(spec, (tuple, list)) and len(spec) == 2
        if not pair or isinstance(spec[0], (tuple, list)):
            raise ValueError(
                f"{type(self).__name__} is evaluated on (images, labels). Load the "
                "data with labels=True, or pass evaluate(images, labels)."
            )
        images, labels = spec
        super().check_batch(images)
        check_labels(labels)

    def checked_test(self, images, labels):
        """A batch of `evaluate`; a label that is no class is an error."""
        return images, *checked_labels(labels, self.num_classes)

    def test_step(self, data):
        """Judges the classifier, then feeds the image metrics."""
        images, labels = checked_labels(data[1], self.num_classes, self.images_of(data))
        logits = self.class_logits(images)
        self.test_accuracy.update_state(labels, logits)
        return super().test_step(data)

    def protocols(self):
        """How each number of the last evaluation was made: metric name to sentence."""
        count = int(self.test_accuracy.count.numpy())
        return {
            "accuracy": f"share of {count} labelled images that the classifier names "
            "right, weights averaged over the last steps"
        } | super().protocols()

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "num_classes": self.num_classes,
            "unsupervised_weight": self.unsupervised_weight,
            "classifier_ema": self.classifier_ema,
        }
