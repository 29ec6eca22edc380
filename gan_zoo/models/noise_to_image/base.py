"""What every model that makes images from noise shares: drawing and sampling."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count, check_seed, suggestion
from gan_zoo.inputs import Image
from gan_zoo.inputs.image import check_image_shape
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.models.base.network_checks import check_image_range, check_network

PRIORS = {
    "normal": lambda shape: backend.normal(shape),
    "uniform": lambda shape: backend.uniform(shape, -1.0, 1.0),
}


class NoiseToImage(AdversarialModel):
    """An `AdversarialModel` whose generator maps noise to images.

    Args:
        image_shape: (height, width, channels) of an image, or (d,) for vectors.
        latent_dim: length of the noise vector z.
        players: function without arguments that returns the players of
            `AdversarialModel`. It is called when `image_shape` and `latent_dim`, on
            which the networks depend, are checked and set.
        prior: distribution of z, "normal" or "uniform" on [-1, 1).
        **kwargs: as `AdversarialModel`.

    Raises:
        ValueError: for an image shape or prior that is none, or a `latent_dim` below 1.
    """

    # What `generate` and the exported model take besides the noise: row by row, name
    # to `Input`; and scalars, name to their default.
    conditions = {}
    controls = {}

    # Largest number an image may hold where the objective has no meaning beyond it.
    image_limit = None

    def __init__(self, image_shape, latent_dim, players, *, prior="normal", **kwargs):
        self.image_shape = check_image_shape(image_shape)
        check_count("latent_dim", latent_dim)
        self.latent_dim = latent_dim
        check_prior(prior)
        self.prior = prior
        super().__init__(players(), **kwargs)

    def check_generator(self, generator, code_shape=None):
        """Raises ValueError for a generator that does not fit the model.

        Args:
            generator: Keras network.
            code_shape: what it makes, without the batch axis, where that is no image.
        """
        latents = {"latents": (self.latent_dim,)}
        made = {"codes": code_shape} if code_shape else {"images": self.image_shape}
        check_network("generator", generator, latents, made, self.conditions)
        if not code_shape:
            check_image_range("generator", generator)

    @property
    def batch_parts(self):
        """Images; other parts of a batch are not used."""
        return {"images": Image(self.image_shape, self.image_limit)}

    def latents(self, count):
        """Noise (count, latent_dim) from the prior; needs an open draw scope."""
        return PRIORS[self.prior]((count, self.latent_dim))

    def latents_and_conditions(self, count, given):
        """Noise for `count` images, and their conditions.

        Args:
            count: number of images.
            given: dict of the conditions that are known, such as those of a batch; the
                others are drawn. Needs an open draw scope.

        Returns:
            z (count, latent_dim), and a dict of all conditions.
        """
        z = self.latents(count)
        return z, {
            name: given[name] if name in given else condition.draw(count)
            for name, condition in self.conditions.items()
        }

    def sample(self, z, **conditions):
        """Images in [-1, 1], float32, of given latents.

        Args:
            z: latents (n, latent_dim).
            **conditions: by the names of `conditions`, n rows each, as networks take
                them. In a graph, which has no values yet, labels are not checked.

        Raises:
            ValueError: for a label out of range, outside graphs.
            TypeError: for something missing or that this model does not take, and
                outside graphs for values of another type.
        """
        inputs = self.checked_inputs(z, conditions)
        generator = self.sampling_networks["generator"]
        return ops.cast(generator(inputs, training=False), "float32")

    def checked_inputs(self, z, conditions):
        """The inputs of the generator, or what `sample` raises."""
        self._check_names(conditions)
        self._check_complete(conditions)
        if backend.is_eager():
            self._check_latents(z)
            z = ops.convert_to_tensor(z)
            for name, condition in self.conditions.items():
                value = condition.given(name, conditions[name], ops.shape(z)[0])
                conditions = conditions | {name: ops.convert_to_tensor(value)}
        return inputs_of(z, [conditions[name] for name in self.conditions])

    def generate(self, n, seed=0, batch_size=100, *, averaged=True, **given):
        """New images.

        Args:
            n: how many.
            seed: integer; the same seed gives the same images. What is drawn is the
                same whatever else is given.
            batch_size: images made at a time.
            averaged: use averaged weights where there are any (`ema`); False for those
                that the last step left.
            **given: what the model takes besides noise: `labels=3` or one per image
                where it has classes (drawn at random by default), StyleGAN's
                `truncation` ...; named in `conditions` and `controls`.

        Returns:
            float32 array (n, *image_shape) in [-1, 1].

        Raises:
            ValueError: when `n` or `batch_size` is no count, for a seed that is no
                integer, for a label out of range.
            TypeError: for something that this model does not take, or that it needs.
        """
        check_count("n", n, 0)
        check_seed(seed)
        self._check_names(given)
        with backend.draws((seed, 0)):
            z = ops.convert_to_numpy(self.latents(n))
            for name, condition in self.conditions.items():
                if condition.can_draw:
                    # Also where it is given, so that the next one stays what it is.
                    drawn = ops.convert_to_numpy(condition.draw(n))
                    if given.get(name) is None:
                        given[name] = drawn
        return self.sample_in_batches(z, batch_size, averaged=averaged, **given)

    def sample_in_batches(self, z, batch_size=100, *, averaged=True, **given):
        """`sample` of any number of latents, compiled, as a float32 array.

        Args:
            z: latents (n, latent_dim).
            batch_size: images made at a time.
            averaged: as for `generate`.
            **given: as for `generate`; every condition is needed.

        Raises:
            ValueError, TypeError: as `generate`.
        """
        self._check_names(given)
        self._check_complete(given)
        self._check_latents(z)
        z = np.asarray(z, "float32")
        rows = {"z": z} | {
            name: condition.given(name, given[name], len(z))
            for name, condition in self.conditions.items()
        }
        # Tensors, since a graph is traced anew for each Python number.
        controls = {
            name: ops.convert_to_tensor(value, "float32")
            for name, value in given.items()
            if name in self.controls
        }
        return self.in_batches(
            "sample", rows, batch_size, averaged=averaged, **controls
        )

    def _check_latents(self, z):
        shape = tuple(np.shape(z))
        if shape[1:] != (self.latent_dim,):
            raise ValueError(
                f"Expected latents of shape (n, {self.latent_dim}), got {shape}. "
                "generate(n) draws them."
            )

    def _check_names(self, given):
        known = [*self.conditions, *self.controls]
        if unknown := sorted(set(given) - set(known)):
            raise TypeError(
                f"{type(self).__name__} takes {known or 'nothing'} besides noise; got "
                f"{unknown}.{suggestion(unknown[0], [*known, *_OWN_ARGUMENTS])}"
            )

    def _check_complete(self, given):
        if missing := sorted(set(self.conditions) - set(given)):
            condition = self.conditions[missing[0]]
            draws = (
                ", or call generate(n), which draws what it is not given"
                if condition.can_draw
                else ""
            )
            raise TypeError(
                f"{type(self).__name__} needs {missing} as well; got latents and "
                f"{sorted(given)}. Pass {missing[0]}=, one per latent{draws}."
            )

    def real_and_fake(self, *batch):
        """Real images, and as many samples under the conditions of the batch."""
        parts = dict(zip(self.test_batch.names, batch, strict=True))
        real = parts.pop("images")
        z, conditions = self.latents_and_conditions(ops.shape(real)[0], parts)
        return real, self.sample(z, **conditions)

    def get_config(self):
        """Arguments of the model, networks included."""
        return super().get_config() | {
            "image_shape": self.image_shape,
            "latent_dim": self.latent_dim,
        }


# What `generate` takes for every model.
_OWN_ARGUMENTS = ("n", "seed", "batch_size", "averaged")


def inputs_of(x, conditions):
    """The inputs of a network: `x` alone, or in a list with its conditions."""
    return [x, *conditions] if conditions else x


def check_prior(prior):
    """Raises ValueError for a prior that is none."""
    if prior not in list(PRIORS):  # lists have no hash
        raise ValueError(f"Expected prior in {sorted(PRIORS)}, got {prior!r}.")
