"""Metrics over (real, fake) image batches; maths are pure functions on arrays."""

from gan_zoo.metrics.confidence import ConfidentShare, confidence_report
from gan_zoo.metrics.diversity import Diversity, diversity, pairwise_distances
from gan_zoo.metrics.frechet import FrechetDistance, frechet_distance
from gan_zoo.metrics.gan_train_test import (
    ClassifierAccuracies,
    gan_train_test,
    small_classifier,
)
from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.intra_class import IntraClassDistance, intra_class_frechet
from gan_zoo.metrics.kernel_distance import KernelDistance, kernel_distances
from gan_zoo.metrics.label_accuracy import (
    code_agreement,
    label_accuracy,
    reading_table,
)
from gan_zoo.metrics.modes import (
    ModeCoverage,
    StackedModes,
    covered_modes,
    kl_to_uniform,
    mode_counts,
    mode_coverage,
    stacked_digits,
)
from gan_zoo.metrics.path_length import PathLength, path_length
from gan_zoo.metrics.sample_metric import SampleMetric
from gan_zoo.metrics.similarity import (
    MultiScaleSimilarity,
    PeakSignalToNoise,
    StructuralSimilarity,
    ms_ssim,
    psnr,
    ssim,
)
from gan_zoo.metrics.sliced_wasserstein import (
    PatchDistance,
    SlicedWasserstein,
    patch_distances,
    sliced_wasserstein,
)

__all__ = [
    "ClassifierAccuracies",
    "ConfidentShare",
    "Diversity",
    "FrechetDistance",
    "ImageMetric",
    "IntraClassDistance",
    "KernelDistance",
    "ModeCoverage",
    "MultiScaleSimilarity",
    "PatchDistance",
    "PathLength",
    "PeakSignalToNoise",
    "SampleMetric",
    "SlicedWasserstein",
    "StackedModes",
    "StructuralSimilarity",
    "code_agreement",
    "confidence_report",
    "covered_modes",
    "diversity",
    "frechet_distance",
    "gan_train_test",
    "intra_class_frechet",
    "kernel_distances",
    "kl_to_uniform",
    "label_accuracy",
    "mode_counts",
    "mode_coverage",
    "ms_ssim",
    "pairwise_distances",
    "patch_distances",
    "path_length",
    "psnr",
    "reading_table",
    "sliced_wasserstein",
    "small_classifier",
    "ssim",
    "stacked_digits",
]
