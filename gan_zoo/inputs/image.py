"""Images, or vectors in their place, with numbers in [-1, 1]."""

import math
import numbers
import warnings

import numpy as np
from keras import ops

from gan_zoo.checks import as_tuple
from gan_zoo.inputs.input import Input, Requirement, shape_words, type_name

# What float images in [-1, 1] do not exceed, but those in 0 ... 255 do.
_LIMIT = 4.0
_FIX = "For 0 ... 255 write x / 127.5 - 1; undo other normalisations."
_FINITE = "Leave out rows with NaN or infinite numbers, before they are batched."
_ROUNDING = 1e-3  # what scaling and half precision may put beyond a limit


class Image(Input):
    """An image, float in [-1, 1], channels last; or a vector in its place.

    Args:
        shape: (height, width, channels), sides None where any will do; or (d,) for
            vectors, whose numbers may be anything unless there is a `limit`.
        limit: largest number there may be, where the objective has no meaning beyond
            it. By default 4 for images: other scales up to 4 are accepted, and images
            in 0 ... 255 are refused.
        argument: the model's argument that says the shape, or how it is computed from
            arguments, for messages.

    Raises:
        ValueError: for a shape that is none.
    """

    wanted_type = "float images in [-1, 1]"
    about = "an image"
    may_have_labels = True

    def __init__(self, shape, limit=None, argument="image_shape"):
        super().__init__(shape)
        # Requests to an exported model hold bytes, but for vectors.
        self.sent_dtype = "uint8" if len(self.shape) == 3 else "float32"
        self.limit = limit
        self.argument = argument

    @property
    def _has_range(self):
        return len(self.shape) == 3 or self.limit is not None

    def check_spec(self, owner, name, spec):
        """Raises ValueError for images of another shape or type."""
        # The shape first: the number of axes says more than the type.
        self.check_shape(owner, name, tuple(spec.shape))
        dtype = type_name(spec.dtype)
        if not dtype.startswith(self.accepted):
            raise ValueError(
                f"Expected float images in [-1, 1], got {dtype}. For uint8 write "
                "tf.cast(x, 'float32') / 127.5 - 1."
            )

    def check_shape(self, owner, name, shape):
        """Raises ValueError for images of another shape, saying what differs."""
        built = f"{owner} was built for {name} of shape {self.shape}"
        got = f"a batch has shape {shape_words(shape)}"
        if self.shape[-1] == 1 and shape[1:] == self.shape[:-1]:
            raise ValueError(
                f"{built}; {got}, without channels. Write images[..., None]."
            )
        if self._needs_reshape(shape[1:]):
            raise ValueError(
                f"{built}; {got}, as many numbers in another shape. Write "
                f"tf.reshape(x, {(-1, *self.shape)})."
            )
        if self._has_channels_first(shape[1:]):
            raise ValueError(
                f"{built}; {got}, channels first. Channels come last: write "
                "tf.transpose(x, (0, 2, 3, 1))."
            )
        if len(shape) == len(self.shape):
            raise ValueError(
                f"Expected batches of {name}, got single ones of shape {shape}. Batch "
                "the data set, ds.batch(64), or add an axis to an array, x[None]."
            )
        if len(shape) != len(self.shape) + 1:
            more = len(shape) > len(self.shape) + 1
            raise ValueError(
                f"{built}, batches of {len(self.shape) + 1} axes; {got}, "
                f"{len(shape)} axes. {_MORE if more else _FEWER}"
            )
        open_sides = [
            theirs is None and ours is not None
            for ours, theirs in zip(self.shape, shape[1:], strict=True)
        ]
        if any(open_sides):
            raise ValueError(
                f"{built}; {got}, whose height or width is not stated. Resize the "
                "images to one "
                f"size, for example with tf.image.resize(x, {self.shape[:2]}), or "
                f"state it: ds.map(lambda x: tf.ensure_shape(x, "
                f"{(None, *self.shape)}))."
            )
        pairs = list(zip(self.shape, shape[1:], strict=True))
        wrong = [ours is not None and ours != theirs for ours, theirs in pairs]
        if any(wrong):
            what = "another number of channels" if wrong[-1] else "another size"
            if len(self.shape) == 1:
                what = "another length"
            resized = len(self.shape) == 3 and any(wrong[:2])
            channels = (shape[-1], self.shape[-1])
            conversion = "" if resized else _CONVERSIONS.get(channels, "")
            model = f"with {self.argument}={shape[1:]}"
            if not self.argument.isidentifier():
                model = f"whose {self.argument} is {shape[1:]}"
            raise ValueError(
                f"{built}; {got}, {what}. Change the images{conversion}, or build a "
                f"model {model}.{_SIZES if resized else ''}"
            )

    def _needs_reshape(self, row):
        """Whether rows are images as vectors, or what should be vectors as images."""
        if 1 not in (len(row), len(self.shape)) or len(row) == len(self.shape):
            return False
        if None in row or None in self.shape:
            return False
        return math.prod(row) == math.prod(self.shape)

    def _has_channels_first(self, row):
        """Whether rows are images (channels, height, width) that else would fit."""
        if not len(row) == len(self.shape) == 3:
            return False
        if row[0] in (1, 3, 4) and (row[2] or 0) > 4 >= self.shape[2]:
            return True  # whatever the size
        last = (*row[1:], row[0])
        return row[2] != last[2] == self.shape[2] and all(
            ours is None or theirs in (None, ours)
            for ours, theirs in zip(self.shape, last, strict=True)
        )

    def check_array(self, name, array):
        """Refuses NaN and images in 0 ... 255, and warns of those in 0 ... 1.

        It looks at the first 64 images for their range, and at all for NaN.

        Raises:
            ValueError: for larger numbers, and for NaN.
        """
        sample = np.asarray(array[:64])
        if not type_name(sample.dtype).startswith(self.accepted) or not sample.size:
            return
        # As `requirement`: a sum is NaN or infinite where one of its numbers is.
        with np.errstate(all="ignore"):
            total = np.sum(np.asarray(array), dtype="float64")
        if not np.isfinite(total):
            raise ValueError(
                f"Expected {name} of finite numbers, got NaN or infinite ones. Leave "
                "out such rows, and the same rows of the labels: keep = numpy.isfinite"
                f"(x).all(axis={tuple(range(1, sample.ndim))}), then x[keep]."
            )
        if not self._has_range:
            return
        largest = np.abs(sample).max()
        if largest > (self.limit or _LIMIT) + _ROUNDING:
            raise ValueError(
                f"Expected {name} in [-1, 1], got values up to {largest:.4g}. {_FIX}"
            )
        if sample.ndim == 4 and len(sample) >= 8 and sample.min() >= 0 and largest > 0:
            warnings.warn(
                f"Expected {name} in [-1, 1], got no number below 0. For images in "
                "0 ... 1 write 2 * x - 1.",
                stacklevel=2,
            )

    def from_array(self, name, array):
        """The array itself, checked: a copy might not fit into memory."""
        self.check_array(name, array)
        return array

    def of_user(self, owner, images):
        """Images that a user passes to a method, as a numpy array, checked.

        Args:
            owner: name of the model's class, for messages.
            images: float array (n, *shape) in [-1, 1].

        Raises:
            TypeError: for what is no array.
            ValueError: for images of another shape, type or range.
        """
        if not hasattr(images, "__array__") and not isinstance(images, (list, tuple)):
            raise TypeError(
                f"Expected an array of images, got {type(images).__name__}. Of a data "
                "set pass one batch after the other."
            )
        several = isinstance(images, (list, tuple))
        shapes = {tuple(np.shape(x)) for x in images} if several else ()
        if len(shapes) > 1:
            raise ValueError(
                "Expected images of one shape, got a list of images of the shapes "
                f"{', '.join(map(str, sorted(shapes)))}. Pass one after the other, "
                "image[None]."
            )
        images = np.asarray(images)
        self.check_spec(owner, "images", images)
        self.check_array("images", images)
        return images

    def requirement(self, x):
        """Finite numbers, within the limit, if there is one, in the first eight images.

        Eight of a batch tell the scale, and cost little beside a step.
        """
        # NaN and infinity anywhere make the sum NaN or infinite.
        total = ops.sum(ops.cast(x, "float32"))
        finite = ops.isfinite(total)
        if not self._has_range:
            return Requirement(finite, "of finite numbers", total, _FINITE)
        largest = ops.max(ops.abs(ops.cast(x[:8], "float32")), initial=0.0)
        within = largest <= (self.limit or _LIMIT) + _ROUNDING
        return Requirement(
            ops.logical_and(finite, within),
            "of finite numbers in [-1, 1]",
            ops.where(finite, largest, total),
            f"{_FIX} {_FINITE}",
        )

    def received(self, name, x):
        """A request's bytes as float32 in [-1, 1]; vectors as they are."""
        return from_bytes(x) if self.sent_dtype == "uint8" else self.checked(name, x)

    def check_network(self, part, shape):
        """Raises ValueError for a network that takes images of another shape."""
        if tuple(shape) != self.shape:
            raise ValueError(
                f"Expected the {part} to take images of shape {self.shape}, got an "
                f"input of shape {tuple(shape)}."
            )


# What makes images of one number of channels those of another.
_CONVERSIONS = {
    (1, 3): " with tf.image.grayscale_to_rgb(x)",
    (3, 1): " with tf.image.rgb_to_grayscale(x)",
}
_FEWER = (
    "Batch the data set, ds.batch(64), add an axis, x[..., None], or give vectors the "
    "shape of images, tf.reshape(x, (-1, height, width, channels))."
)
_MORE = (
    "Remove an axis: where it has length 1 with tf.squeeze(x, axis), where batches "
    "were batched again with ds.unbatch()."
)
_SIZES = (
    " Its default networks may need sides that halve evenly. Images are resized by "
    "gan_zoo.data.load(..., image_size=...)."
)


def from_bytes(images):
    """Bytes as float32 in [-1, 1]: x / 127.5 − 1."""
    # A table, because in a graph a division by a constant becomes a multiplication,
    # which rounds otherwise.
    table = np.arange(256, dtype="float32") / np.float32(127.5) - 1
    return ops.take(ops.convert_to_tensor(table), ops.cast(images, "int32"), axis=0)


def check_image_shape(image_shape, name="image_shape", sides_open=False):
    """The shape of an image as a tuple of ints.

    Args:
        image_shape: (height, width, channels), or (d,) for vectors.
        name: the argument, for messages.
        sides_open: whether height and width may be None, for any size.

    Raises:
        ValueError: for other than one or three integers of at least 1.
    """
    sides = as_tuple(image_shape)
    some = sides[2:] if sides_open and len(sides) == 3 else sides
    if sides_open and len(sides) == 3:
        some += tuple(side for side in sides[:2] if side is not None)
    whole = all(isinstance(side, numbers.Integral) and side > 0 for side in some)
    if len(sides) not in (1, 3) or not whole:
        fix = "give all sides, such as (28, 28, 1)."
        if len(sides) == 2 and whole:
            fix = f"for grey ones pass {name}={(*map(int, sides), 1)}."
        raise ValueError(
            f"Expected {name} to be (height, width, channels), or (d,) for vectors, "
            f"integers of at least 1, got {image_shape!r}. Networks are built for "
            f"images of one size: {fix}"
        )
    return tuple(None if side is None else int(side) for side in sides)
