"""Similarity of images to the true ones: PSNR, SSIM and MS-SSIM.

These are measures for translation and super-resolution, where the true image is known.
Every function takes two batches of images (n, h, w, c) in [-1, 1] and returns one
number per pair, (n,). Higher is better, and equal images have the highest value.

Every function has two modes for colour. `luma=False` computes the mean over channels
(PSNR: the mean squared error over all channels). `luma=True` uses Y of YCbCr as
MATLAB's rgb2ycbcr (ITU-R BT.601, from 16 to 235 of 255), not rounded. Papers of
super-resolution use it. They also leave out a border as wide as the scale factor,
`border=4` for ×4.
"""

import math

import keras
import numpy as np
from keras import ops

from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.pixels import Pixels

RANGE = 2.0  # of images in [-1, 1]
WINDOW, SIGMA = 11, 1.5
K1, K2 = 0.01, 0.03
# Wang et al. 2003, section 3.2: weights of the five scales, fine to coarse.
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def psnr(real, fake, luma=False, border=0):
    """Peak signal-to-noise ratio, 10 log₁₀(2² / MSE), in decibels.

    Args:
        real: images (n, h, w, c) in [-1, 1].
        fake: images of the same shape.
        luma: whether to compare the luma only; see above.
        border: number of pixels to leave out at each edge.

    Returns:
        float32 tensor (n,); infinite for equal images.

    Raises:
        ValueError: for different shapes, luma of images that are not RGB, or too wide a
            border.
    """
    real, fake = _prepare(real, fake, luma, border, smallest=1)
    error = ops.mean(ops.square(real - fake), axis=(1, 2, 3))
    return 10 * (math.log10(RANGE**2) - ops.log10(error))


def ssim(real, fake, luma=False, border=0):
    """Structural similarity.

    With means, variances and covariance under a Gaussian window of 11 × 11, σ 1.5,

        (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)),

    with C₁ = (0.01 × 2)² and C₂ = (0.03 × 2)². It is the mean over all positions where
    the window fits and over channels. Images are shifted to [0, 2] first, since the
    first factor compares brightness. The values are therefore those of images from 0
    to 255.

    Args:
        real: as in `psnr`, sides of at least 11 within the border.
        fake: as in `psnr`.
        luma: as in `psnr`.
        border: as in `psnr`.

    Returns:
        float32 tensor (n,), at most 1.

    Raises:
        ValueError: as in `psnr`, and for images smaller than the window.

    Reference: Wang et al. 2004, Image quality assessment: from error visibility to
    structural similarity, equation 13 and section III.B.
    """
    similarity, _ = _ssim_terms(*_prepare(real, fake, luma, border, smallest=WINDOW))
    return ops.mean(similarity, axis=1)


def ms_ssim(real, fake, luma=False, border=0):
    """Structural similarity at five scales.

    It is the mean over channels of Π_j cs_j^w_j × l_5^w_5. cs is the factor of contrast
    and structure (the second factor of `ssim`), used at every scale. l is the factor of
    the means (the first one), used at the last scale. Each scale is the 2 × 2 average
    of the one before. An odd last row or column counts twice. Negative factors count as
    0.

    Args:
        real: as in `psnr`, sides of at least 176 within the border.
        fake: as in `psnr`.
        luma: as in `psnr`.
        border: as in `psnr`.

    Returns:
        float32 tensor (n,) in [0, 1].

    Raises:
        ValueError: as in `psnr`, and for images whose last scale is smaller than the
            window.

    Reference: Wang et al. 2003, Multi-scale structural similarity for image quality
    assessment, equation 7.
    """
    smallest = WINDOW * 2 ** (len(SCALES) - 1)
    real, fake = _prepare(real, fake, luma, border, smallest)
    product = 1.0
    for scale, weight in enumerate(SCALES):
        if scale:
            real, fake = _downsampled(real), _downsampled(fake)
        similarity, structure = _ssim_terms(real, fake)
        last = scale == len(SCALES) - 1
        product *= ops.power(ops.relu(similarity if last else structure), weight)
    return ops.mean(product, axis=1)


def _downsampled(x):
    odd = [(0, side % 2) for side in x.shape[1:3]]
    x = ops.pad(x, [(0, 0), *odd, (0, 0)], mode="symmetric")
    return ops.average_pool(x, 2, 2, "valid")


def _ssim_terms(x, y):
    """`ssim` per channel, and its factor of contrast and structure, each (n, c)."""
    c1, c2 = (K1 * RANGE) ** 2, (K2 * RANGE) ** 2
    # Variances are computed before the shift to [0, 2], since rounding is smaller then.
    mean_x, mean_y = _window_means(x), _window_means(y)
    # σ_x² + σ_y² and σ_xy
    variances = _window_means(x * x + y * y) - mean_x**2 - mean_y**2
    covariance = _window_means(x * y) - mean_x * mean_y
    structure = (2 * covariance + c2) / (variances + c2)
    mean_x, mean_y = mean_x + 1, mean_y + 1
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return (ops.mean(part, axis=(1, 2)) for part in (luminance * structure, structure))


def _window_means(x):
    places = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(places**2) / (2 * SIGMA**2))
    weights /= weights.sum()
    channels = x.shape[-1]
    for shape in ((WINDOW, 1), (1, WINDOW)):
        kernel = np.tile(weights.reshape(*shape, 1, 1), (1, 1, channels, 1))
        kernel = ops.convert_to_tensor(kernel, x.dtype)
        x = ops.depthwise_conv(x, kernel, 1, padding="valid")
    return x


def _prepare(real, fake, luma, border, smallest):
    real, fake = ops.convert_to_tensor(real), ops.convert_to_tensor(fake)
    if len(real.shape) != 4 or tuple(real.shape[1:]) != tuple(fake.shape[1:]):
        raise ValueError(
            "Expected pairs of images (n, h, w, c) of one shape, got "
            f"{tuple(real.shape)} and {tuple(fake.shape)}."
        )
    height, width = (side - 2 * border for side in real.shape[1:3])
    if border < 0 or min(height, width) < smallest:
        raise ValueError(
            f"Expected sides of at least {smallest} within a border of {border}, got "
            f"images of {real.shape[1]} x {real.shape[2]}."
        )
    if luma and real.shape[-1] != 3:
        raise ValueError(
            f"Expected RGB images for luma=True, got {real.shape[-1]} channel(s)."
        )
    inner = slice(border, border + height), slice(border, border + width)
    pair = (ops.cast(x, "float32")[:, *inner] for x in (real, fake))
    return tuple(_luma(x) if luma else x for x in pair)


def _luma(images):
    """Y of YCbCr (n, h, w, 1), mapped from [0, 255] to [-1, 1]."""
    weights = ops.convert_to_tensor([65.481, 128.553, 24.966], "float32")
    unit = (images + 1) / 2
    y = 16 + ops.sum(unit * weights, axis=-1, keepdims=True)
    return y / 127.5 - 1


class _PairMetric(ImageMetric):
    """Mean of a similarity over pairs of images."""

    similarity = None  # one of the functions above

    def __init__(self, luma=False, border=0, name=None):
        super().__init__(Pixels(), name or f"{self.prefix}{'_y' if luma else ''}")
        self.luma = luma
        self.border = border
        self.total = self.add_fake_statistic((), "total")

    def update_state(self, real, fake):
        """Adds pairs of images.

        Args:
            real: the true images (n, h, w, c) in [-1, 1].
            fake: the images (n, h, w, c) that should equal them, in the same order.
        """
        counts = {real.shape[0], fake.shape[0]} - {None}  # unknown in a graph
        if len(counts) > 1:
            raise ValueError(
                f"Expected pairs, got {real.shape[0]} real and {fake.shape[0]} "
                "generated images."
            )
        each = self.similarity(real, fake, self.luma, self.border)
        self.total.assign_add(ops.sum(ops.cast(each, "float64")))
        self.fake_count.assign_add(ops.shape(each)[0])

    def result(self):
        """The mean over all pairs seen so far, a float64 scalar."""
        if not self.fake_count.numpy():
            raise ValueError(
                "Expected at least 1 pair, got 0. Call update_state(real, fake) before "
                "result()."
            )
        return ops.convert_to_tensor(self.total / self.fake_count)

    def protocol(self):
        """Describes how the number was computed: definition, colour, border, pairs."""
        colour = "luma of BT.601 (16 to 235)" if self.luma else "mean over channels"
        cut = f", border of {self.border} left out" if self.border else ""
        return (
            f"{self.name}: {self.definition}; {colour}{cut}; mean over "
            f"{self.fake_count.numpy():.0f} pairs"
        )

    def get_config(self):
        """The arguments of the metric."""
        return {"luma": self.luma, "border": self.border, "name": self.name}


@keras.saving.register_keras_serializable(package="gan_zoo")
class PeakSignalToNoise(_PairMetric):
    """Mean `psnr`, in decibels, over pairs of a real and a generated image.

    Args:
        luma: as in `psnr`.
        border: as in `psnr`.
        name: name in the logs. Defaults to `psnr`, or `psnr_y` for luma.

    Raises:
        ValueError: for batches of different sizes; from `result()` without images.
    """

    prefix = "psnr"
    best = ("max",)
    similarity = staticmethod(psnr)
    definition = "PSNR in dB, peak 2 of images in [-1, 1]"


@keras.saving.register_keras_serializable(package="gan_zoo")
class StructuralSimilarity(_PairMetric):
    """Mean `ssim` over pairs of a real and a generated image.

    Args:
        luma: as in `ssim`.
        border: as in `ssim`.
        name: name in the logs. Defaults to `ssim`, or `ssim_y` for luma.

    Raises:
        ValueError: for batches of different sizes; from `result()` without images.
    """

    prefix = "ssim"
    best = ("max",)
    similarity = staticmethod(ssim)
    definition = (
        "SSIM, Gaussian window 11x11 of sigma 1.5, K 0.01 and 0.03, black 0, white 2"
    )


@keras.saving.register_keras_serializable(package="gan_zoo")
class MultiScaleSimilarity(_PairMetric):
    """Mean `ms_ssim` over pairs of a real and a generated image.

    Args:
        luma: as in `ms_ssim`.
        border: as in `ms_ssim`.
        name: name in the logs. Defaults to `ms_ssim`, or `ms_ssim_y` for luma.

    Raises:
        ValueError: for batches of different sizes; from `result()` without images.
    """

    prefix = "ms_ssim"
    best = ("max",)
    similarity = staticmethod(ms_ssim)
    definition = (
        "MS-SSIM of 5 scales, weights 0.0448 0.2856 0.3001 0.2363 0.1333, window 11x11 "
        "of sigma 1.5, K 0.01 and 0.03, black 0, white 2"
    )
