"""Metrics that need the features of each image, not only their sums."""

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.metrics.image_metric import ImageMetric


class SampleMetric(ImageMetric):
    """An `ImageMetric` that keeps one row of numbers for each image, up to a limit.

    Neighbours, kernels and classifiers compare images with each other, so sums are not
    enough. A subclass makes its rows with `add_real_rows` and `add_fake_rows`. It adds
    to them with `rows.add` in `update_real` and `update_fake`, and computes `result`
    from `rows.read()`.

    Memory: `max_images` × features × 4 bytes for the rows of each side and replica,
    allocated when the metric is made: 82 MB for 10,000 images of 2,048 features.

    Args:
        features: what `gan_zoo.features.resolve` accepts.
        max_images: number of images kept on each side. From more images they are chosen
            at random as they arrive (`_Rows`), so each part of a sorted data set is
            represented.
        name: as in `ImageMetric`.

    Raises:
        ValueError: for `max_images` below 2.
    """

    def __init__(self, features, max_images=10_000, name=None):
        if max_images < 2:
            raise ValueError(f"Expected max_images of at least 2, got {max_images!r}.")
        super().__init__(features, name)
        self.max_images = max_images

    def add_real_rows(self, width, name="real_rows"):
        """Adds rows of real images, each (width,)."""
        return _Rows(
            self.add_real_statistic, self.real_count, self.max_images, width, name
        )

    def add_fake_rows(self, width, name="fake_rows"):
        """Adds rows of generated images, each (width,)."""
        return _Rows(
            self.add_fake_statistic, self.fake_count, self.max_images, width, name
        )

    def protocol(self):
        """As in `ImageMetric`, with the number of images kept if not all were."""
        counts = self.real_count.numpy(), self.fake_count.numpy()
        left_out = max(counts) > self.max_images
        kept = f", of which {self.max_images} drawn" if left_out else ""
        return super().protocol() + kept

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {"max_images": self.max_images}


class FeatureSampleMetric(SampleMetric):
    """A `SampleMetric` that keeps each image's features, float32 rows (dim,)."""

    def __init__(self, features, max_images=10_000, name=None):
        super().__init__(features, max_images, name)
        self.real_rows = self.add_real_rows(self.features.dim)
        self.fake_rows = self.add_fake_rows(self.features.dim)

    def update_real(self, images):
        """Keeps the features of real images (n, h, w, c)."""
        self.real_rows.add(self.features(images))

    def update_fake(self, images):
        """Keeps the features of generated images (n, h, w, c)."""
        self.fake_rows.add(self.features(images))


def feature_pair(x, y):
    """Checks two sets of features and returns them as arrays.

    Args:
        x: features of one side, (n, d).
        y: features of the other side, (n', d).

    Returns:
        The two arrays.

    Raises:
        ValueError: for shapes that do not match, or no images.
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            "Expected features (n, d) and (n', d) of the same d, got shapes "
            f"{x.shape} and {y.shape}."
        )
    if not (len(x) and len(y)):
        raise ValueError(
            f"Expected images on both sides, got {len(x)} and {len(y)}. Evaluate on "
            "more images. By hand, call update_state(real, fake) before result()."
        )
    return x, y


class _Rows:
    """A fixed number of float32 rows, which also works on several replicas.

    Images beyond the capacity replace others at random, so each image is kept with the
    same probability (Vitter 1985, Random Sampling with a Reservoir, algorithm R). The
    choice depends only on the index of an image in the order of arrival. It does not
    depend on the batch size, and two sides in the same order keep the same images. It
    depends on the order and on the number of replicas.

    Replica r of R writes to the rows r, r + R, r + 2R ... No two replicas write to the
    same row, and each has zeros in the rows of the others. The sum over replicas
    therefore contains the rows of all. One additional row receives the images that are
    not kept.

    Args:
        add_statistic: method of the metric, such as `add_real_statistic`.
        count: variable with the number of images that this replica has seen before
            this batch.
        capacity: number of rows.
        width: numbers per row.
        name: name of the variables.
    """

    def __init__(self, add_statistic, count, capacity, width, name):
        self.count = count
        self.capacity = capacity
        self.rows = add_statistic((capacity + 1, width), name, "float32")
        self.taken = add_statistic((capacity + 1, 1), f"{name}_taken", "float32")

    def add(self, values):
        """Adds values (n, width), one row per image of the batch."""
        places = self._places(ops.arange(ops.shape(values)[0]))
        backend.write_rows(self.rows, places, ops.cast(values, "float32"))
        backend.write_rows(self.taken, places, ops.ones_like(values[:, :1], "float32"))

    def _places(self, batch):
        """Rows for the images of a batch, int32 (n,), from their indices in it."""
        replicas, own = backend.replicas(), backend.replica_id()
        seen = ops.cast(self.count.value, "int32") + batch
        share = (self.capacity - own + replicas - 1) // replicas
        drawn = _uniform(seen * replicas + own) * ops.cast(seen + 1, "float64")
        turns = ops.where(seen < share, seen, ops.cast(ops.floor(drawn), "int32"))
        places = ops.minimum(turns * replicas + own, self.capacity)
        # If two images of a batch get the same row, the later one is kept.
        last = ops.segment_max(batch, places, self.capacity + 1)
        return ops.where(ops.take(last, places) == batch, places, self.capacity)

    def read(self):
        """The rows of all kept images in a fixed order, float32 (n, width).

        The order of arrival depends on batches and replicas. Random choices from the
        rows must not depend on it. They must also not depend on the last bits of the
        features, which differ between batch sizes. The rows are therefore sorted by
        their projection on one direction. Differences of 1e-6 exchange only rows whose
        projections are that close.
        """
        taken = self.taken.numpy()[:-1, 0] > 0
        rows = self.rows.numpy()[:-1][taken]
        direction = np.random.RandomState(0).normal(size=rows.shape[1])
        with np.errstate(invalid="ignore"):  # NaN of a diverged generator
            return rows[np.argsort(np.einsum("nd,d->n", rows, direction))]


def _uniform(numbers):
    """Pseudo-random float64 in [0, 1): a hash of integers (n,), without state.

    Reference: the 32-bit hash of https://github.com/skeeto/hash-prospector, low bias.
    """
    x = ops.cast(numbers, "uint32")
    for shift, factor in ((16, 0x21F0AAAD), (15, 0xD35A2D97)):
        x = ops.bitwise_xor(x, ops.right_shift(x, shift))
        x = x * ops.cast(factor, "uint32")
    x = ops.bitwise_xor(x, ops.right_shift(x, 15))
    return ops.cast(x, "float64") / 2**32
