"""Stacked digits: colour images of three digits, a distribution of 1000 known modes."""

import dataclasses

import numpy as np
import tensorflow as tf

from gan_zoo.data import draws
from gan_zoo.data.image_sets import ArrayImages, Split

# As many as PacGAN's code (Lin et al. 2017, 1712.04086) trains on and judges by, after
# VEEGAN's.
SIZES = {"train": 128_000, "test": 26_000}
_SEED, _TAGS = 0, {"train": 0, "test": 1}


@dataclasses.dataclass(frozen=True, eq=False)
class StackedImages:
    """Colour images that are stacked of three grey ones when they are fetched.

    Attributes:
        digits: grey `ArrayImages`.
        chosen: int64 [N, 3], the numbers of the grey images in red, green and blue.
    """

    digits: ArrayImages
    chosen: np.ndarray
    grey = False

    def __len__(self):
        return len(self.chosen)

    def sizes(self):
        """(name, (height, width)) of the images, here of one for all."""
        return self.digits.sizes()

    def fetcher(self, size, channels):
        """A function of int64 indices [B] that gives uint8 [B, *size, 3]."""
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
    """Stacks of a data set of digits: 128,000 for training, 26,000 to test.

    Which digits are stacked is drawn once and for all, uniformly and independently, so
    that the data set is the same for everyone; training digits stand in training
    images only.

    Args:
        train: `Split` of grey images with labels 0 to 9.
        test: the same.
        labels: whether to give the modes, int32 in [0, 1000): 100 × red + 10 × green +
            blue digit.

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
