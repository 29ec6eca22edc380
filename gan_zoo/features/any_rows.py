"""Networks of features, and batches without images."""

import functools

from keras import ops


def any_rows(method):
    """Decorates a method (features, images) to a list of tensors, a row per image.

    A replica may get no images of the last batch of an evaluation. Not every network
    computes an empty batch, so the method gets an image of zeros, whose row is removed.
    """

    @functools.wraps(method)
    def computed(self, images):
        images = ops.convert_to_tensor(images)
        rows = ops.shape(images)[0]
        if isinstance(rows, int) and rows:
            return method(self, images)
        more = ops.cast(ops.equal(rows, 0), "int32")
        zeros = ops.zeros((more, *ops.shape(images)[1:]), images.dtype)
        made = method(self, ops.concatenate([images, zeros]))
        return [x[:rows] for x in made]

    return computed
