"""Metrics over (real, fake) image batches; maths are pure functions on arrays."""

from gan_zoo.metrics.confidence import ConfidentShare, confidence_report
from gan_zoo.metrics.frechet import FrechetDistance, frechet_distance
from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.kernel_distance import KernelDistance, kernel_distances
from gan_zoo.metrics.label_accuracy import (
    code_agreement,
    label_accuracy,
    reading_table,
)
from gan_zoo.metrics.perceptual import PerceptualDistance
from gan_zoo.metrics.sample_metric import SampleMetric

__all__ = [
    "ConfidentShare",
    "FrechetDistance",
    "ImageMetric",
    "KernelDistance",
    "PerceptualDistance",
    "SampleMetric",
    "code_agreement",
    "confidence_report",
    "frechet_distance",
    "kernel_distances",
    "label_accuracy",
    "reading_table",
]
