"""What every model that makes images from noise shares: drawing, sampling, checking."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.models.base.checks import check_count, check_float, check_shape

PRIORS = {
    "normal": lambda shape: backend.normal(shape),
    "uniform": lambda shape: backend.uniform(shape, -1.0, 1.0),
}


class NoiseToImage:
    """Sampling for an `AdversarialModel` whose generator maps noise to images.

    Beside `AdversarialModel` among a class's bases. The class sets `image_shape`,
    `latent_dim` and `prior`, a key of `PRIORS`.
    """

    # What `generate` and the exported model take besides the noise: row by row, name
    # to `Labels` or `Codes`; and scalars, name to their default.
    conditions = {}
    controls = {}

    def images_of(self, data):
        """Images of a batch, float32, with or without labels beside them."""
        return ops.cast(first_of(data), "float32")

    def batch_of(self, data):
        """A batch of the data set as a tuple: images, then what they come with."""
        return (self.images_of(data),)

    def minibatches(self, joined):
        """The `batches_per_step` batches that `fit` joined into one, row by row.

        Row i of batch k stands at i * batches_per_step + k (see
        `backend.join_batches`).
        """
        count = self.batches_per_step
        if count == 1:
            return [joined]
        # (b * count, ...) -> (b, count, ...)
        rows = [ops.reshape(x, (-1, count, *x.shape[1:])) for x in joined]
        return [tuple(x[:, k] for x in rows) for k in range(count)]

    def latents(self, count):
        """Noise (count, latent_dim) from the prior; needs an open draw scope."""
        return PRIORS[self.prior]((count, self.latent_dim))

    def sample(self, z, **conditions):
        """Images in [-1, 1], float32, of given latents.

        Args:
            z: latents (n, latent_dim).
            **conditions: by the names of `conditions`, n rows each. In a graph, which
                has no values yet, nobody looks whether labels are classes.

        Raises:
            ValueError: for a label that is no class, outside graphs.
            TypeError: for something missing or that this model does not take, and
                outside graphs for labels that are no integers.
        """
        (generator,) = self.sampling_networks
        self._check_names(conditions)
        self._check_complete(conditions)
        if backend.is_eager():
            for name, condition in self.conditions.items():
                condition.given(conditions[name], ops.shape(z)[0])
        inputs = inputs_of(z, [conditions[name] for name in self.conditions])
        return ops.cast(generator(inputs, training=False), "float32")

    def generate(self, n, seed=0, batch_size=100, **given):
        """New images.

        Args:
            n: how many.
            seed: integer; the same seed gives the same images. What is drawn is the
                same whatever else is given.
            batch_size: images made at a time.
            **given: what the model takes besides noise: `labels=3` or one per image
                where it has classes (drawn at random by default), StyleGAN's
                `truncation` ...; named in `conditions` and `controls`.

        Returns:
            float32 array (n, *image_shape) in [-1, 1].

        Raises:
            ValueError: when `n` or `batch_size` is no count, for a label that is no
                class.
            TypeError: for something that this model does not take.
        """
        check_count("n", n, 0)
        self._check_names(given)
        with backend.draws((seed, 0)):
            z = ops.convert_to_numpy(self.latents(n))
            for name, condition in self.conditions.items():
                # Drawn even where it is given, so that the next one stays what it is.
                drawn = ops.convert_to_numpy(condition.draw(n))
                if given.get(name) is None:
                    given[name] = drawn
        return self.sample_in_batches(z, batch_size, **given)

    def sample_in_batches(self, z, batch_size=100, **given):
        """`sample` of any number of latents, compiled, as a float32 array.

        Args:
            z: latents (n, latent_dim).
            batch_size: images made at a time.
            **given: as for `generate`; every condition is needed.

        Raises:
            ValueError, TypeError: as `generate`.
        """
        self._check_names(given)
        check_count("batch_size", batch_size)
        self._check_complete(given)
        rows = {"z": np.asarray(z, "float32")} | {
            name: condition.given(given[name], len(z))
            for name, condition in self.conditions.items()
        }
        # Tensors, since a graph is traced anew for each Python number.
        controls = {
            name: ops.convert_to_tensor(value, "float32")
            for name, value in given.items()
            if name in self.controls
        }
        images = np.zeros((len(z), *self.image_shape), "float32")
        sample = self.graph_of("sample")
        for start in range(0, len(z), batch_size):
            piece = slice(start, start + batch_size)
            tensors = {k: ops.convert_to_tensor(v[piece]) for k, v in rows.items()}
            images[piece] = ops.convert_to_numpy(sample(**tensors, **controls))
        return images

    def _check_names(self, given):
        known = [*self.conditions, *self.controls]
        if unknown := sorted(set(given) - set(known)):
            raise TypeError(
                f"{type(self).__name__} takes {known or 'nothing'} besides noise; got "
                f"{unknown}."
            )

    def _check_complete(self, given):
        if missing := sorted(set(self.conditions) - set(given)):
            raise TypeError(
                f"{type(self).__name__} needs {missing} as well; got latents and "
                f"{sorted(given)}. Pass {missing[0]}=, one per latent, or call "
                "generate(n), which draws what it is not given."
            )

    def fake_for(self, data):
        """As many samples as there are real images, of the same classes."""
        real, *conditions = self.batch_of(data)
        count = ops.shape(real)[0]
        z = self.latents(count)
        given = dict(zip(self.conditions, conditions, strict=False))
        for name, condition in self.conditions.items():
            if name not in given:
                given[name] = condition.draw(count)
        return real, self.sample(z, **given)

    def check_batch(self, spec):
        """Refuses images of another shape or of an integer type."""
        images = first_of(spec)
        check_shape(type(self).__name__, images, self.image_shape)
        check_float(images)


def first_of(data):
    """The images of a batch that may have labels beside them."""
    return data[0] if isinstance(data, (tuple, list)) else data


def inputs_of(x, conditions):
    """The inputs of a network: `x` alone, or in a list with its conditions."""
    return [x, *conditions] if conditions else x


def check_prior(prior):
    """Raises ValueError for a prior that is none."""
    if prior not in list(PRIORS):  # lists have no hash
        raise ValueError(f"Expected prior in {sorted(PRIORS)}, got {prior!r}.")
