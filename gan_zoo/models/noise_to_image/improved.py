"""ImprovedGAN: the techniques of Salimans et al. 2016 for stable training."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_weight, is_number
from gan_zoo.models.noise_to_image.base import inputs_of
from gan_zoo.models.noise_to_image.gan import GAN
from gan_zoo.networks.dcgan import dcgan_generator
from gan_zoo.networks.improved import improved_discriminator
from gan_zoo.optimizers import Adam


@keras.saving.register_keras_serializable("gan_zoo")
class ImprovedGAN(GAN):
    """GAN with minibatch discrimination, smoothed labels and historical averaging.

    With α the target of real images, θ a player's weights and θ[i] those before its
    i-th step:

    Discriminator: minimise −E[α log σ(D(x)) + (1 − α) log(1 − σ(D(x)))]
    − E log(1 − σ(D(G(z)))) + h ‖θ_D − 1/t Σ_i θ_D[i]‖².
    Generator: minimise −E log σ(D(G(z))) + h ‖θ_G − 1/t Σ_i θ_G[i]‖²; with feature
    matching the first term is ‖E f(x) − E f(G(z))‖², f the discriminator's features.

    Only the label of real images is smoothed: the target of generated ones stays 0, so
    that the best D does not reward samples where there is no data. Minibatch
    discrimination is the discriminator's (`gan_zoo.layers.MinibatchDiscrimination`); it
    makes a generator that always gives the same image easy to tell. Feature matching
    makes better classifiers than pictures (`SemiSupervisedGAN`), so it is left to ask
    for. Under a strategy its means are those of the global batch.

    The logs `d_history` and `g_history` are the squared distances behind h.

    Args:
        image_shape: (height, width, channels) of an image.
        latent_dim: length of the noise vector z.
        real_target: α, in (0, 1]; 1 smooths nothing.
        historical_weight: h, at least 0. The running means of all weights are saved
            with the model. They start at the weights that the networks have when the
            model is built. To go on with trained networks, load their weights before.
        feature_matching: let the generator match the mean features of the real images
            that the discriminator has just seen, in place of `generator_loss`.
        generator: maps z to images; by default DCGAN's, which at 32×32 has the widths
            of the authors' CIFAR-10 network.
        discriminator: images to logits (n, 1); the authors' CIFAR-10 network by
            default. The features are what its last layer takes, or with feature
            matching a second output (n, ...).
        **kwargs: as `GAN`.

    Raises:
        ValueError: for numbers out of range, for feature matching where the last layer
            has no weights and there is no second output, and as `GAN`.

    Differs from the paper:
        1. The paper gives no h, and its released code has no historical averaging.
        2. Lengths of weights start as He et al.'s (authors' code: from the data), one
           generator update per discriminator update (theirs: three), constant learning
           rates (theirs: to 0 over the last third).
        3. Virtual batch norm is left out, as in the released code for small images.
        4. Minibatch discrimination as in the paper: no bias, T not normalised, x_i
           itself counted (authors' code: a bias, normalised T, x_i left out).
        5. The generator is DCGAN's: weights start as N(0, 0.02²), batch norm has a
           gain, the last layer is plain (authors' code: N(0, 0.05²), no gain, a last
           layer with weight norm and a trained length).
        6. The discriminator ends in one plain logit and sees no labels (authors' code:
           ten logits, with weight norm and trained lengths, from labelled images too).
        7. The generator minimises the non-saturating loss (authors' code: the minimax
           form, E log(1 − D)).
        8. z is uniform on [-1, 1) (authors' code: on [0, 1)).
        9. Feature matching is off unless asked for, and the default features have the
           numbers of minibatch discrimination among them (authors' code: one technique
           or the other, and a mean over features rather than a sum).

    Example:
        train, test = gan_zoo.data.load("mnist", batch_size=100)
        gan = gan_zoo.ImprovedGAN(image_shape=(28, 28, 1))
        gan.compile()
        gan.fit(train, epochs=20)

    Reference: Salimans et al. 2016, Improved Techniques for Training GANs, 1606.03498,
    sections 3.1 to 3.4.
    """

    tracked = (*GAN.tracked, "d_history", "g_history")
    paper_prior = "uniform"
    paper_generator = staticmethod(dcgan_generator)
    paper_discriminator = staticmethod(improved_discriminator)

    def __init__(
        self,
        image_shape=(28, 28, 1),
        latent_dim=100,
        *,
        real_target=0.9,
        historical_weight=1e-3,
        feature_matching=False,
        **kwargs,
    ):
        if not is_number(real_target) or not 0 < real_target <= 1:
            raise ValueError(
                f"Expected real_target in (0, 1], a number, got {real_target!r}."
            )
        check_weight("historical_weight", historical_weight)
        # First, since what the discriminator must have depends on it.
        self.feature_matching = bool(feature_matching)
        super().__init__(image_shape, latent_dim, **kwargs)
        if self.feature_matching:
            # Shares the discriminator's layers, which are saved with it.
            self._unsaved.features = features_of(self.discriminator)
        self.real_target = real_target
        self.historical_weight = historical_weight
        self.past_d = [self._past_of(w) for w in self.variables_of("d")]
        self.past_g = [self._past_of(w) for w in self.variables_of("g")]

    def _past_of(self, weight):
        """The mean of a weight's past values, at first its only one."""
        return self.add_weight(
            name=f"past_{weight.name}",
            shape=weight.shape,
            initializer=lambda *_, **__: weight.value,
            trainable=False,
            aggregation="only_first_replica",
            autocast=False,
        )

    def paper_optimizers(self):
        """Adam 3e-4, β1 0.5 for both (authors' CIFAR-10 code).

        They add 1e-8 under the root, which is about ε = 1e-4.
        """
        return {
            "d": Adam(3e-4, beta_1=0.5, epsilon=1e-4),
            "g": Adam(3e-4, beta_1=0.5, epsilon=1e-4),
        }

    def discriminator_loss(self, real_scores, fake_scores):
        """−E[α log σ(D(x)) + (1 − α) log(1 − σ(D(x)))] − E log(1 − σ(D(G(z))))."""
        return smoothed_discriminator_loss(real_scores, fake_scores, self.real_target)

    # Feature matching, section 3.1.

    def check_outputs(self, shapes):
        """Refuses other outputs than logits and, for feature matching, features."""
        features = self.feature_matching and len(shapes) == 2
        super().check_outputs(shapes[:1] if features else shapes)

    def update_generator(self, real, **given):
        """As `GAN`, or feature matching on fresh noise for as many images."""
        if not self.feature_matching:
            super().update_generator(real, **given)
            return
        z, conditions = self.latents_and_conditions(ops.shape(real)[0], given)
        wanted = self.mean_features(real, conditions)

        def objective():
            fake = self.generated(z, conditions)
            features = self.mean_features(fake, conditions)
            loss = ops.sum(ops.square(wanted - features))
            return loss, {"g_loss": loss}

        self.update("g", objective)

    def mean_features(self, images, conditions):
        """E f over the global batch, as the discriminator has it in training."""
        taken = [conditions[name] for name in self.discriminator_conditions]
        inputs = inputs_of(images, taken)
        return mean_over_batch(self._unsaved.features(inputs, training=True))

    # Historical averaging, section 3.3.

    def update(self, player, objective):
        """Adds h ‖θ − mean of the past‖² to a player's objective."""
        past = {"d": self.past_d, "g": self.past_g}[player]

        def with_history():
            loss, logs, *made = objective()
            distance = sum(
                ops.sum(ops.square(now.value - mean.value))
                for now, mean in zip(self.variables_of(player), past, strict=True)
            )
            logs = logs | {f"{player}_history": distance}
            return loss + self.historical_weight * distance, logs, *made

        return super().update(player, with_history)

    def finish_step(self):
        """Takes the new weights into the means of the past, then ends the step."""
        count = ops.cast(self.steps, "float32") + 2.0  # those before the first step too
        means = [*self.past_d, *self.past_g]
        weights = [*self.variables_of("d"), *self.variables_of("g")]
        backend.assign_all(
            means,
            [
                mean.value + (new.value - mean.value) / count
                for mean, new in zip(means, weights, strict=True)
            ],
        )
        return super().finish_step()

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "real_target": self.real_target,
            "historical_weight": self.historical_weight,
            "feature_matching": self.feature_matching,
        }


def features_of(discriminator):
    """The network to a discriminator's features, of its own layers.

    Args:
        discriminator: functional or built Sequential network; its second output, or
            what its last layer takes, are the features.

    Raises:
        ValueError: when it has one output, which comes from no single layer of weights.
    """
    score, *features = discriminator.outputs
    if not features:
        last, node, _ = score._keras_history
        features = last._inbound_nodes[node].input_tensors
        if isinstance(last, keras.Model) or not getattr(last, "weights", None):
            raise ValueError(
                "Expected a discriminator that ends in a layer of weights, whose input "
                f"are the features to match, got {last.name!r} at its end. Give it the "
                "features as a second output: keras.Model(images, [logits, features])."
            )
    return keras.Model(discriminator.inputs, features[0])


def mean_over_batch(features):
    """E f over the global batch: features (n, ...) → (...), float32."""
    return ops.mean(backend.gather(ops.cast(features, "float32")), axis=0)


def smoothed_discriminator_loss(real_scores, fake_scores, real_target):
    """The discriminator's cross entropy with a target below 1 for real images.

    −E[α log σ(D(x)) + (1 − α) log(1 − σ(D(x)))] − E log(1 − σ(D(G(z)))): the best D is
    α p_data / (p_data + p_model).

    Args:
        real_scores: logits of real images.
        fake_scores: logits of generated images.
        real_target: α.

    Returns:
        Scalar.

    Reference: Salimans et al. 2016, 1606.03498, section 3.4, β = 0.
    """
    return (
        real_target * ops.mean(ops.softplus(-real_scores))  # -log sigmoid(x)
        + (1.0 - real_target) * ops.mean(ops.softplus(real_scores))  # -log(1 - ...)
        + ops.mean(ops.softplus(fake_scores))
    )
