"""Metrics over (real, fake) image batches; maths are pure functions on arrays."""

from gan_zoo.metrics.confidence import ConfidentShare, confidence_report
from gan_zoo.metrics.frechet import FrechetDistance, frechet_distance
from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.label_accuracy import (
    code_agreement,
    label_accuracy,
    reading_table,
)

__all__ = [
    "ConfidentShare",
    "FrechetDistance",
    "ImageMetric",
    "code_agreement",
    "confidence_report",
    "frechet_distance",
    "label_accuracy",
    "reading_table",
]
