"""Sets of images in memory, as arrays or encoded, and functions that fetch them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from gan_zoo.data import images
from gan_zoo.data.files_below import error_text
from gan_zoo.data.left_out import warn_once
from gan_zoo.data.pipeline import Source

_SUBSTITUTES = 10


@dataclasses.dataclass(frozen=True, eq=False)
class ArrayImages:
    """Images of one size, decoded, in memory.

    Attributes:
        array: uint8 [N, H, W, C].
        padded_size: (height, width) for which a black margin is added in place of
            resizing, or None.
    """

    array: np.ndarray
    padded_size: tuple[int, int] | None = None

    def __len__(self):
        return len(self.array)

    @property
    def grey(self):
        """Whether the images have a single channel."""
        return self.array.shape[-1] == 1

    def chosen(self, places):
        """The images at these places, an int array, as a set of their own."""
        return dataclasses.replace(self, array=self.array[places])

    def sizes(self):
        """Yields one (name, (height, width)), which holds for all images."""
        yield "the images", self.array.shape[1:3]

    def fetcher(self, size, channels):
        """A function of int64 indices [B] to uint8 [B, *size, channels]."""
        array = self.array
        if size == self.padded_size and size != array.shape[1:3]:
            margins = [
                ((wanted - got) // 2, wanted - got - (wanted - got) // 2)
                for wanted, got in zip(size, array.shape[1:3], strict=True)
            ]
            array = np.pad(array, [(0, 0), *margins, (0, 0)])
        # The tensor is not a constant of the graph. tf.data reads it on the host, so it
        # must not be on an accelerator.
        with tf.device("/cpu:0"):
            tensor = tf.convert_to_tensor(images.convert(array, size, channels))
        return lambda indices: tf.gather(tensor, indices)


@dataclasses.dataclass(frozen=True, eq=False)
class EncodedImages:
    """Image files or their bytes, which are decoded each time they are fetched.

    Attributes:
        items: paths or bytes objects.
        names: names of the images in messages.
        shapes: (height, width) of each as stored, upright.
        grey: whether all of them are grey.
        half: "left" or "right" for one half of a side-by-side pair, else None.
        on_bad_file: "error" or "skip", for images that can no longer be read.
        classes: int array [N]. An image is replaced only by one of the same class.
    """

    items: Sequence
    names: Sequence[str]
    shapes: Sequence[tuple[int, int]]
    grey: bool
    half: str | None = None
    on_bad_file: str = "skip"
    classes: np.ndarray | None = None

    def __len__(self):
        return len(self.items)

    def chosen(self, places):
        """The images at these places, an int array, as a set of their own."""
        lists = {
            field: [getattr(self, field)[place] for place in places]
            for field in ("items", "names", "shapes")
        }
        classes = None if self.classes is None else self.classes[places]
        return dataclasses.replace(self, **lists, classes=classes)

    def sizes(self):
        """Yields (name, (height, width)) of each image, or of its half."""
        for name, (height, width) in zip(self.names, self.shapes, strict=True):
            yield name, (height, width // 2 if self.half else width)

    def read(self, index, size, channels):
        """Decodes one image to uint8 [*size, channels].

        All files were readable when the set was opened. A file may be deleted, damaged
        or unreachable later. With on_bad_file="error" this is an error. With "skip" the
        next readable image, of the same class if there are classes, replaces it, and
        the log names it once. A long run then continues.

        Raises:
            OSError: if the image cannot be read, and with "skip" also the next ones.
        """
        for place in self._places(index):
            try:
                image = images.read(self.items[place])
                if self.half:
                    width = image.width // 2
                    left = 0 if self.half == "left" else width
                    image = image.crop((left, 0, left + width, image.height))
                return images.pixels(images.fit(image, size), channels)
            except Exception as error:  # as in `image_files.examine`
                failure = error
                if self.on_bad_file == "error":
                    raise OSError(
                        f"{self.names[place]} could be decoded when the data set was "
                        f"opened and cannot be now: {error_text(error)}. Put it back "
                        'and run again, or pass on_bad_file="skip" '
                        "(--on_bad_file=skip) to use another image in its place."
                    ) from error
                # Once, since every pass over the data comes to it.
                warn_once(f"Skipped {self.names[place]}: {error_text(error)}")
        raise OSError(
            f"Expected readable images, got {_SUBSTITUTES} failures in a row from "
            f"{self.names[index]} on ({failure}); check the disk that holds them."
        ) from failure

    def _places(self, index):
        """Yields the index of the image, then those of its replacements."""
        yield index
        candidates = np.arange(len(self))
        if self.classes is not None:
            candidates = np.flatnonzero(self.classes == self.classes[index])
        start = np.searchsorted(candidates, index)
        for step in range(1, _SUBSTITUTES):
            yield int(candidates[(start + step) % len(candidates)])

    def fetcher(self, size, channels):
        """A function of int64 indices [B] to uint8 [B, *size, channels]."""

        def read(indices):
            return np.stack([self.read(int(i), size, channels) for i in indices])

        def fetch(indices):
            # stateful=False keeps the map parallel under op determinism.
            batch = tf.numpy_function(read, [indices], tf.uint8, stateful=False)
            return tf.ensure_shape(batch, (indices.shape[0], *size, channels))

        return fetch


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """The training or the test split of a data set.

    Attributes:
        sides: one set of images, or two for translation.
        aligned: whether image i of one side belongs to image i of the other.
        labels: array [N] or [N, K] (int32, or str for captions), or None.
    """

    sides: tuple
    aligned: bool = True
    labels: np.ndarray | None = None

    def domains(self):
        """Images without an attribute and those with it, as two unpaired sides.

        Only for one side whose labels are an attribute, 0 or 1.

        Returns:
            `Split`.

        Raises:
            ValueError: if all images have the attribute, or none.
        """
        (images,) = self.sides
        having = int(self.labels.sum())
        if having in (0, len(images)):
            raise ValueError(
                "Expected images with the attribute and images without it, got "
                f"{having} with it and {len(images) - having} without, in training or "
                "test images. Choose another attribute, or test_fraction=0."
            )
        sides = [images.chosen(np.flatnonzero(self.labels == x)) for x in (0, 1)]
        return Split(tuple(sides), aligned=False)

    def source(self, size, channels):
        """This split as a `Source` of uint8 images and labels.

        Args:
            size: (height, width) of the images.
            channels: 1 or 3.

        Returns:
            `gan_zoo.data.pipeline.Source`.
        """
        fetchers = [side.fetcher(size, channels) for side in self.sides]
        if not self.aligned:
            lengths = tuple(len(side) for side in self.sides)
            return Source(
                lengths,
                lambda *indices: tuple(
                    fetch(i) for fetch, i in zip(fetchers, indices, strict=True)
                ),
            )
        if self.labels is not None:
            with tf.device("/cpu:0"):
                labels = tf.convert_to_tensor(self.labels)
            fetchers.append(lambda indices: tf.gather(labels, indices))
        return Source(
            (len(self.sides[0]),),
            lambda indices: tuple(fetch(indices) for fetch in fetchers),
        )


def common_size(splits):
    """The common (height, width) of all images.

    Args:
        splits: iterable of `Split`.

    Returns:
        (height, width).

    Raises:
        ValueError: if two images have different sizes. The message names both.
    """
    first = None
    for split in splits:
        for side in split.sides:
            for name, size in side.sizes():
                first = first or (name, size)
                if size != first[1]:
                    raise ValueError(
                        f"Expected images of one size, got {first[1][0]} x "
                        f"{first[1][1]} ({first[0]}) and {size[0]} x {size[1]} "
                        f"({name}), height x width; pass image_size= to scale and "
                        "crop them alike."
                    )
    return first[1]
