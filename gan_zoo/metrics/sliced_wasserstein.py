"""Sliced Wasserstein distance of features, and of image patches at every scale."""

import keras
import numpy as np
import scipy.ndimage
import scipy.stats
from keras import ops

from gan_zoo.metrics.pixels import Pixels
from gan_zoo.metrics.sample_metric import (
    FeatureSampleMetric,
    SampleMetric,
    feature_pair,
)

PATCH = 7
PATCHES = 128  # of each image, at each level
SMALLEST = 16
_BINOMIAL = np.array([1, 4, 6, 4, 1], "float32") / 16


def sliced_wasserstein(x, y, projections=512, seed=0):
    """The mean 1-D Wasserstein distance over random projections.

    1/P Σ_p W₁({x_i · θ_p}, {y_j · θ_p}), θ_p uniform on the unit sphere. In one
    dimension W₁ compares the sorted sets: 1/n Σ_i |a_(i) − b_(i)|.

    Memory: (n + n') × 128 numbers, for 128 directions at a time.

    Args:
        x: array (n, d), float32 or float64.
        y: array (n', d).
        projections: number P of directions.
        seed: integer or tuple of integers, the seed of the directions.

    Returns:
        Float, in the unit of the features.

    Raises:
        ValueError: for shapes that do not match, or empty sets.

    Reference: Rabin et al. 2011, Wasserstein barycenter and its application to texture
    mixing, section 2; Karras et al. 2017, 1710.10196, section 5.
    """
    x, y = feature_pair(x, y)
    directions = np.random.default_rng(seed).normal(size=(x.shape[1], projections))
    directions /= np.linalg.norm(directions, axis=0)
    directions = directions.astype(np.result_type(x, y, "float32"))
    distances = []
    for start in range(0, projections, 128):
        batch = directions[:, start : start + 128]
        a, b = (x @ batch).T, (y @ batch).T  # (128, n), (128, n')
        if len(x) == len(y):
            a.sort(axis=1)
            b.sort(axis=1)
            distances.extend(np.abs(a - b).mean(axis=1, dtype="float64"))
        else:
            distances.extend(map(scipy.stats.wasserstein_distance, a, b))
    return float(np.mean(distances))


def laplacian_pyramid(images, smallest=SMALLEST):
    """The Laplacian pyramid of images. Each level halves the size.

    Every level except the last is the difference between the image and its blurred and
    downsampled version. The filter is (1, 4, 6, 4, 1)/16 along both axes. The last
    level is the smallest downsampled image.

    Args:
        images: (n, h, w, c).
        smallest: smallest side of a level except the first; the authors use 16.

    Returns:
        List of float32 arrays (n, h / 2^l, w / 2^l, c), sides rounded up.

    Reference: Burt & Adelson 1983, The Laplacian pyramid as a compact image code.
    """
    levels = [np.array(images, "float32")]
    while min(levels[-1].shape[1:3]) >= 2 * smallest:
        fine = levels[-1]
        coarse = _blurred(fine, 1)[:, ::2, ::2]
        upsampled = np.zeros_like(fine)
        upsampled[:, ::2, ::2] = coarse
        fine -= _blurred(upsampled, 2)
        levels.append(coarse)
    return levels


def _blurred(images, gain):
    # Mirrored without the edge pixel, as in OpenCV's pyrDown and pyrUp.
    for axis in (1, 2):
        images = scipy.ndimage.convolve1d(images, gain * _BINOMIAL, axis, mode="mirror")
    return images


def patches(images, seed, count=PATCHES, size=PATCH):
    """Square windows at random positions of each image.

    Args:
        images: (n, h, w, c), sides of at least `size`.
        seed: integer or tuple of integers, the seed of the positions. Those of image i
            do not depend on n.
        count: number of patches of each image.
        size: side of a patch.

    Returns:
        float32 array (n * count, size, size, c).
    """
    n, height, width, _ = images.shape
    where = np.random.default_rng(seed).random((n, count, 2))
    top = (where[..., 0] * (height - size + 1)).astype(int)
    left = (where[..., 1] * (width - size + 1)).astype(int)
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), (1, 2))
    chosen = windows[np.arange(n)[:, None], top, left]  # (n, count, c, size, size)
    return np.moveaxis(chosen, 2, -1).reshape(n * count, size, size, -1)


def patch_distances(real, fake, projections=512, seed=0):
    """Sliced Wasserstein distances of patches, × 10³, at each pyramid level.

    The protocol is that of the authors. Each level of `laplacian_pyramid` gives 128
    patches of 7 × 7 of each image. Each channel of the patches of each side is
    normalised to mean 0 and standard deviation 1. There are 512 directions. Large
    levels compare fine details, and the last level compares structure. Brightness and
    contrast of a whole channel have no effect.

    Memory: 128 × 49 × c × 4 bytes for each image of a level, of both sides: 75 kB for
    colour, 1.2 GB for the authors' 16,384 images a side.

    Args:
        real: images (n, h, w, c), sides of at least 7.
        fake: images of the same shape; another n is allowed.
        projections: number of directions.
        seed: integer seed of the positions and the directions.

    Returns:
        Dict from the shorter side of each level (int, fine to coarse) to its distance.

    Raises:
        ValueError: for images too small, or of different shapes.

    Differs from the authors' code: sides that are no powers of two, and other channels
    than three, are allowed.

    Reference: Karras et al. 2017, Progressive Growing of GANs, 1710.10196, section 5.
    """
    real, fake = np.asarray(real), np.asarray(fake)
    if real.ndim != 4 or real.shape[1:] != fake.shape[1:] or min(real.shape[1:3]) < 7:
        raise ValueError(
            f"Expected images (n, h, w, c) of one size, at least {PATCH} x {PATCH}, "
            f"got shapes {real.shape} and {fake.shape}."
        )
    distances = {}
    pairs = zip(laplacian_pyramid(real), laplacian_pyramid(fake), strict=True)
    for level, pair in enumerate(pairs):
        rows = [
            _normalised(patches(side, (seed, level, number)))
            for number, side in enumerate(pair)
        ]
        distance = sliced_wasserstein(*rows, projections, (seed, level, 2))
        distances[min(pair[0].shape[1:3])] = 1e3 * distance
    return distances


def _normalised(x):
    mean = x.mean(axis=(0, 1, 2), keepdims=True, dtype="float64")
    std = x.std(axis=(0, 1, 2), keepdims=True, dtype="float64")
    # A channel without contrast stays 0. It must not become NaN.
    x = (x - mean) / np.where(std > 0, std, 1)
    return x.reshape(len(x), -1).astype("float32")


@keras.saving.register_keras_serializable(package="gan_zoo")
class SlicedWasserstein(FeatureSampleMetric):
    """Sliced Wasserstein distance between features of real and generated images.

    `sliced_wasserstein` of the features, in their own unit; lower is better.

    Args:
        features: as in `FrechetDistance`.
        projections: number of random directions.
        max_images: number of images kept on each side.
        name: name in the logs. Defaults to `swd_<name of the features>`.

    Raises:
        ValueError: from `result()` without images on a side.

    Reference: as `sliced_wasserstein`.
    """

    prefix = "swd"
    best = ("min",)

    def __init__(self, features="mnist", projections=512, max_images=10_000, name=None):
        super().__init__(features, max_images, name)
        self.projections = projections

    def result(self):
        """The distance between the images seen so far, a float64 scalar."""
        rows = self.real_rows.read(), self.fake_rows.read()
        distance = sliced_wasserstein(*rows, self.projections)
        return ops.convert_to_tensor(distance, "float64")

    def protocol(self):
        """Describes how the number was computed: network, images, directions."""
        return f"{super().protocol()}; {self.projections} directions"

    def get_config(self):
        """The arguments of the metric."""
        return super().get_config() | {"projections": self.projections}


@keras.saving.register_keras_serializable(package="gan_zoo")
class PatchDistance(SampleMetric):
    """Sliced Wasserstein distance of patches of real and generated images, × 10³.

    It is `patch_distances` with the protocol of the authors; lower is better. In the
    logs, `swd_patches_32`, `swd_patches_16` ... are the levels, named by their shorter
    side, and `swd_patches` is their mean. The authors use 16,384 images. Fewer images
    make all numbers larger, so compare only numbers of equal counts.

    Memory: the images are kept, `max_images` × h × w × c × 4 bytes for each side and
    replica: 25 MB for 2,048 images of 32 × 32 × 3. `result` needs the memory of
    `patch_distances` in addition.

    Args:
        image_shape: (height, width, channels).
        max_images: number of images kept on each side.
        name: name in the logs.

    Raises:
        ValueError: for images smaller than 7 × 7; from `result()` without images.

    Reference: Karras et al. 2017, Progressive Growing of GANs, 1710.10196, section 5.
    """

    def __init__(self, image_shape, max_images=2048, name="swd_patches"):
        super().__init__(Pixels(), max_images, name)
        self.image_shape = tuple(image_shape)
        if len(self.image_shape) != 3 or min(self.image_shape[:2]) < PATCH:
            raise ValueError(
                "Expected image_shape (height, width, channels) with sides of at least "
                f"{PATCH}, got {image_shape}."
            )
        width = int(np.prod(self.image_shape))
        self.real_rows = self.add_real_rows(width)
        self.fake_rows = self.add_fake_rows(width)

    @property
    def best(self):
        """All are distances."""
        return ("min",) * len(self.result_names)

    @property
    def result_names(self):
        """Names of the mean over levels and of each level, fine to coarse."""
        sides = [min(self.image_shape[:2])]
        while sides[-1] >= 2 * SMALLEST:
            sides.append((sides[-1] + 1) // 2)
        return self.name, *(f"{self.name}_{side}" for side in sides)

    def update_real(self, images):
        """Keeps real images (n, h, w, c)."""
        self.real_rows.add(self._flat(images))

    def update_fake(self, images):
        """Keeps generated images (n, h, w, c)."""
        self.fake_rows.add(self._flat(images))

    def _flat(self, images):
        if tuple(images.shape[1:]) != self.image_shape:
            raise ValueError(
                f"Expected images of {self.image_shape}, got {images.shape[1:]}. Pass "
                "the metric the image_shape of the model."
            )
        return ops.reshape(images, (-1, self.real_rows.rows.shape[1]))

    def result(self):
        """Dict of the mean over levels and the distance at each level."""
        real, fake = (
            rows.read().reshape((-1, *self.image_shape))
            for rows in (self.real_rows, self.fake_rows)
        )
        levels = list(patch_distances(real, fake).values())
        values = float(np.mean(levels)), *levels
        return dict(zip(self.result_names, values, strict=True))

    def protocol(self):
        """Describes how the numbers were computed: patches, images."""
        return (
            f"{super().protocol()}; x 1e3, {PATCHES} patches of {PATCH}x{PATCH} per "
            "image and level of a Laplacian pyramid, normalised per channel, 512 "
            "directions"
        )

    def get_config(self):
        """The arguments of the metric."""
        return {
            "image_shape": self.image_shape,
            "max_images": self.max_images,
            "name": self.name,
        }
