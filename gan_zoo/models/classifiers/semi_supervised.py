"""SemiSupervisedGAN: a classifier that learns from unlabelled and generated images."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_decay, check_weight
from gan_zoo.inputs import Label
from gan_zoo.models.base.networks import infer
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.models.noise_to_image.improved import mean_over_batch
from gan_zoo.networks.improved import (
    semi_supervised_classifier,
    semi_supervised_generator,
)
from gan_zoo.objectives import losses
from gan_zoo.optimizers import Adam


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
            [0, 1); early on it is less, as for every average (see `ema`).
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
        2. The norms of the weights start as He et al.'s (authors' code: such that
           what they see of the data has mean 0 and spread 1).
        3. The generator matches the features of the unlabelled images that the
           discriminator has just seen (authors' code: of others).
        4. Images lie in [-1, 1], z in [-1, 1) (authors' code: [0, 1], [0, 1)); the
           networks see and make [0, 1] inside.
        5. The classifier's average starts at its first weights and forgets them early
           on (authors' code: it starts at 0, and decays by 0.9999 from the start).

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
        self.num_classes = Label(num_classes).num_classes
        check_decay("classifier_ema", classifier_ema)
        check_weight("unsupervised_weight", unsupervised_weight)
        self.unsupervised_weight = unsupervised_weight
        self.classifier_ema = classifier_ema
        super().__init__(image_shape, latent_dim, **kwargs)
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
            "d": Adam(3e-3, beta_1=0.5, epsilon=1e-4),
            "g": Adam(3e-3, beta_1=0.5, epsilon=1e-4),
        }

    @property
    def batch_parts(self):
        """((images, labels), unlabelled images); rows of the two may differ."""
        images = super().batch_parts["images"]
        labelled = {"images": images, "labels": Label(self.num_classes)}
        return {"labelled": labelled, "unlabelled": images}

    @property
    def test_batch_parts(self):
        """(images, labels)."""
        return self.batch_parts["labelled"]

    # The objective, section 5.

    def train_step(self, data):
        """The discriminator's updates, then one of the generator."""
        for k, (images, labels, unlabelled) in enumerate(self.minibatches(data)):
            with self.draws("discriminator", k):
                self.update_discriminator(unlabelled, images=images, labels=labels)
        with self.draws("generator"):
            self.update_generator(unlabelled)
        return self.finish_step()

    def discriminate(self, images, conditions):
        """D's score log Z(x), whose σ is D(x), its class logits and its features."""
        class_logits, features = super().discriminate(images, conditions)
        score = ops.logsumexp(class_logits, axis=-1, keepdims=True)
        return [score, class_logits, features]

    def discriminator_objective(self, real, fake, images, labels):
        """The supervised and w times the unsupervised loss."""
        _, class_logits, _ = self.discriminate(images, {})
        class_loss = losses.class_loss(labels, class_logits)
        adversarial = self.discriminator_loss(real[0], fake[0])
        return class_loss + self.unsupervised_weight * adversarial, {
            "class_loss": class_loss,
            "accuracy": keras.metrics.sparse_categorical_accuracy(labels, class_logits),
        }

    def update_generator(self, unlabelled):
        """Feature matching, section 3.1, on fresh noise for as many images."""
        z = self.latents(ops.shape(unlabelled)[0])
        wanted = self.mean_features(unlabelled)

        def objective():
            features = self.mean_features(self.generated(z, {}))
            loss = ops.mean(ops.square(wanted - features))
            return loss, {"g_loss": loss}

        self.update("g", objective)

    def mean_features(self, images):
        """E f over the global batch, (d,), as the discriminator has it in training."""
        *_, features = self.discriminate(images, {})
        return mean_over_batch(features)

    def decays(self):
        """The classifier is averaged as well."""
        return super().decays() | {"d": self.classifier_ema}

    # The classifier.

    def class_logits(self, images):
        """Class logits (n, K), float32, of images, by the averaged weights."""
        class_logits, _ = infer(self.sampling_networks["discriminator"], images)
        return class_logits

    def class_probabilities(self, images):
        """P(y | x) (n, K), float32, by the averaged weights."""
        return ops.softmax(self.class_logits(images))

    @property
    def readings(self):
        """Endpoints of the exported model that take images; see `AutoencoderModel`."""
        return {"classify": ("probabilities", self.class_probabilities)}

    def predict_classes(self, images, batch_size=100, *, averaged=True):
        """The likeliest class of each image.

        Args:
            images: float array (n, *image_shape) in [-1, 1].
            batch_size: images looked at at a time.
            averaged: use averaged weights, as `evaluate` does.

        Returns:
            int32 array (n,).

        Raises:
            TypeError, ValueError: for what is no array of images in [-1, 1].
        """
        kind = self.test_batch_parts["images"]
        images = kind.of_user(type(self).__name__, images).astype("float32", copy=False)
        rows = {"images": images}
        logits = self.in_batches("class_logits", rows, batch_size, averaged=averaged)
        return logits.argmax(axis=-1).astype("int32")

    def real_and_fake(self, images, labels):
        """Real images and as many samples; the labels are not used."""
        return images, self.sample(self.latents(ops.shape(images)[0]))

    @property
    def own_metrics(self):
        """The accuracy, which `evaluate` gives whatever `compile` was given."""
        return [self.test_accuracy]

    def test_step(self, data):
        """Counts the errors of the classifier, then feeds the image metrics."""
        batch, kept = backend.unpadded(data, self.test_batch.names)
        images, labels = self.test_batch.checked(batch)
        logits = self.class_logits(images)
        self.test_accuracy.update_state(labels[kept["labels"]], logits[kept["images"]])
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
