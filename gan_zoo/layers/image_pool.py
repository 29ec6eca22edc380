"""A buffer of earlier generated images for the discriminator."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class ImagePool(keras.layers.Layer):
    """Mixes new images with earlier ones for the discriminator.

    The images of a batch are processed one by one. Until the pool is full, a new image
    is stored and returned. After that, with probability ½ the new image is returned.
    Otherwise a random stored image is returned, and the new image replaces it. An image
    that was stored early in a batch can therefore be returned later in the same batch.

    The pool is a float32 weight of `size` images: 39 MB for 50 images of 256 × 256 × 3.
    It is saved with the model, so a resumed run continues with the same images. Under a
    strategy there is one pool for the global batch, equal on all replicas.

    Args:
        size: number of stored images. 0 returns each image and stores none.

    Input and output (n, h, w, c); no gradient passes through.

    Raises:
        ValueError: if `size` is negative.
        RuntimeError: if called outside `backend.draws`.

    Reference: Shrivastava et al. 2016, 1612.07828, section 2.3; size and probability of
    Zhu et al. 2017, 1703.10593.
    """

    def __init__(self, size=50, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        if size < 0:
            raise ValueError(f"Expected size of at least 0, got {size!r}.")
        self.size = size

    def build(self, input_shape):
        state = {
            "initializer": "zeros",
            "trainable": False,
            "aggregation": "only_first_replica",
        }
        if self.size:
            shape = (self.size, *input_shape[1:])
            self.images = self.add_weight(name="images", shape=shape, **state)
            self.stored = self.add_weight(
                name="stored", shape=(), dtype="int32", **state
            )

    def call(self, images):
        if not self.size:
            return images
        # Each replica draws numbers for its rows. All replicas get those of all rows.
        draws = backend.gather(backend.uniform((ops.shape(images)[0], 2)))
        images = backend.gather(ops.stop_gradient(images))
        kept, returned, stored = self._choose(draws)
        candidates = ops.concatenate([self.images.value, images])
        backend.assign_all(
            [self.images, self.stored], [ops.take(candidates, kept, axis=0), stored]
        )
        return backend.own_rows(ops.take(candidates, returned, axis=0))

    def _choose(self, draws):
        """Processes the batch with indices, so that the pixels are copied only once.

        Index i < size is the image at position i of the pool. Index size + j is image j
        of the batch.

        Args:
            draws: uniform numbers (n, 2), for the choice and the position of each
                image.

        Returns:
            Indices (size,) of the images to store, indices (n,) of the images to
            return, and the number of stored images.
        """
        places = ops.arange(self.size)
        rows = ops.arange(ops.shape(draws)[0])
        random_places = ops.cast(ops.floor(draws[:, 1] * self.size), "int32")

        def process(j, state):
            kept, returned, stored = state
            full = stored >= self.size
            swap = ops.logical_and(full, draws[j, 0] > 0.5)
            place = ops.where(full, random_places[j], stored)
            old_or_new = ops.where(swap, kept[place], self.size + j)
            returned = ops.where(rows == j, old_or_new, returned)
            stores = ops.logical_or(swap, ops.logical_not(full))
            kept = ops.where(
                ops.logical_and(stores, places == place), self.size + j, kept
            )
            return kept, returned, ops.minimum(stored + 1, self.size)

        state = (places, rows, self.stored.value)
        return ops.fori_loop(0, ops.shape(draws)[0], process, state)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"size": self.size}
