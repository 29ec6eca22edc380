"""Stacked digits: colour images of three digits, with 1000 known modes."""

import dataclasses

import numpy as np
import tensorflow as tf

from gan_zoo.data import draws
from gan_zoo.data.image_sets import ArrayImages, Split

# The sizes in the code of PacGAN (Lin et al. 2017, 1712.04086), which follows VEEGAN.
SIZES = {"train": 128_000, "test": 26_000}
_SEED, _TAGS = 0, {"train": 0, "test": 1}


@dataclasses.dataclass(frozen=True, eq=False)
class StackedImages:
    """Colour images, each made of three grey images when it is fetched.

    Attributes:
        digits: grey `ArrayImages`.
        chosen: int64 [N, 3], the indices of the grey images in red, green and blue.
    """

    digits: ArrayImages
    chosen: np.ndarray
    grey = False

    def __len__(self):
        return len(self.chosen)

    def sizes(self):
        """Yields one (name, (height, width)), which holds for all images."""
        return self.digits.sizes()

    def fetcher(self, size, channels):
        """A function of int64 indices [B] to uint8 [B, *size, 3]."""
        if channels != 3:
            raise ValueError(
                f"Stacked digits have channels=3, one digit in each; got {channels}."
            )
        fetch = self.digits.fetcher(size, 1)
        with tf.device("/cpu:0"):
            chosen = tf.convert_to_tensor(self.chosen)

        def fetch_stacks(indices):
            three = fetch(tf.reshape(tf.gather(chosen, indices), [-1]))
            three = tf.reshape(three, [-1, 3, *size])  # [3B, h, w, 1] -> [B, 3, h, w]
            return tf.transpose(three, [0, 2, 3, 1])

        return fetch_stacks


def stacked(train, test, labels=False):
    """Makes stacked digits from a data set of digits: 128,000 to train, 26,000 to test.

    The digits are chosen uniformly and independently with a fixed seed, so the data set
    is always the same. Training digits are used in training images only.

    Args:
        train: `Split` of grey images with labels 0 to 9.
        test: the same.
        labels: whether to return the modes, int32 in [0, 1000): 100 × red + 10 × green
            + blue digit.

    Returns:
        (train `Split`, test `Split`, class names "000" to "999" or None).

    Reference: Metz et al. 2017, Unrolled Generative Adversarial Networks, 1611.02163,
    section 3.3.
    """
    splits = []
    for part, split in (("train", train), ("test", test)):
        (digits,) = split.sides
        uniform = draws.uniform(_SEED, _TAGS[part], 0, SIZES[part])[:, :3].numpy()
        # float64, since float32 rounds a large product up to the length.
        chosen = (uniform.astype("float64") * len(digits)).astype("int64")
        modes = (split.labels[chosen] @ [100, 10, 1]).astype("int32")
        images = StackedImages(digits, chosen)
        splits.append(Split((images,), labels=modes if labels else None))
    return *splits, [f"{mode:03}" for mode in range(1000)] if labels else None
