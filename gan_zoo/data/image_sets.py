"""Sets of images held in memory, as arrays or encoded, and how they are fetched."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from absl import logging

from gan_zoo.data import images
from gan_zoo.data.files_below import reason
from gan_zoo.data.pipeline import Source

_SUBSTITUTES = 10


@dataclasses.dataclass(frozen=True, eq=False)
class ArrayImages:
    """Images of one size, decoded, in memory.

    Attributes:
        array: uint8 [N, H, W, C].
        padded_size: (height, width) that is reached by a black margin rather than by
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

    def sizes(self):
        """(name, (height, width)) of the images, here of one for all."""
        yield "the images", self.array.shape[1:3]

    def fetcher(self, size, channels):
        """A function of int64 indices [B] that gives uint8 [B, *size, channels]."""
        array = self.array
        if size == self.padded_size and size != array.shape[1:3]:
            margins = [
                ((wanted - got) // 2, wanted - got - (wanted - got) // 2)
                for wanted, got in zip(size, array.shape[1:3], strict=True)
            ]
            array = np.pad(array, [(0, 0), *margins, (0, 0)])
        # A tensor beside the graph, not a constant within it; tf.data reads it on the
        # host, so it must not land on an accelerator.
        with tf.device("/cpu:0"):
            held = tf.convert_to_tensor(images.convert(array, size, channels))
        return lambda indices: tf.gather(held, indices)


@dataclasses.dataclass(frozen=True, eq=False)
class EncodedImages:
    """Image files, or the bytes of them, decoded whenever they are fetched.

    Attributes:
        items: paths or bytes objects.
        names: what to call each of them in messages.
        shapes: (height, width) of each as stored, upright.
        grey: whether all of them are grey.
        half: "left" or "right" for one half of a side-by-side pair, else None.
        on_bad_file: what `read` does with an image that cannot be read any more.
        classes: int array [N]: an image is replaced only by one of its own class.
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

    def sizes(self):
        """(name, (height, width)) of each image, or of its half."""
        for name, (height, width) in zip(self.names, self.shapes, strict=True):
            yield name, (height, width // 2 if self.half else width)

    def read(self, index, size, channels):
        """Decodes one image to uint8 [*size, channels].

        The files were whole when the set was opened. One may be deleted, cut short or
        out of reach later. With on_bad_file="error" that is an error. With "skip" its
        next readable neighbour, of its class where there are classes, takes its place
        and the log names it: it does not end a run of days.

        Raises:
            OSError: the image cannot be read; with "skip", nor can its neighbours.
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
                        f"opened and cannot be now: {reason(error)}. Put it back and "
                        'run again, or pass on_bad_file="skip" to use another image '
                        "in its place."
                    ) from error
                logging.warning("Skipped %s: %s", self.names[place], reason(error))
        raise OSError(
            f"Expected readable images, got {_SUBSTITUTES} failures in a row from "
            f"{self.names[index]} on ({failure}); check the disk that holds them."
        ) from failure

    def _places(self, index):
        """The image and what may stand in for it, one after the other."""
        yield index
        alike = np.arange(len(self))
        if self.classes is not None:
            alike = np.flatnonzero(self.classes == self.classes[index])
        start = np.searchsorted(alike, index)
        for step in range(1, _SUBSTITUTES):
            yield int(alike[(start + step) % len(alike)])

    def fetcher(self, size, channels):
        """A function of int64 indices [B] that gives uint8 [B, *size, channels]."""

        def read(indices):
            return np.stack([self.read(int(i), size, channels) for i in indices])

        def fetch(indices):
            # stateful=False keeps the map parallel under op determinism.
            batch = tf.numpy_function(read, [indices], tf.uint8, stateful=False)
            return tf.ensure_shape(batch, (indices.shape[0], *size, channels))

        return fetch


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """The training or the test half of a data set.

    Attributes:
        sides: one set of images, or two for translation.
        aligned: whether image i of one side belongs to image i of the other.
        labels: array [N] or [N, K] (int32, or str for captions), or None.
    """

    sides: tuple
    aligned: bool = True
    labels: np.ndarray | None = None

    def source(self, size, channels):
        """This split as a `Source` of uint8 images, then labels.

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
    """The (height, width) that all images share.

    Args:
        splits: iterable of `Split`.

    Returns:
        (height, width).

    Raises:
        ValueError: two images differ; names both.
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
