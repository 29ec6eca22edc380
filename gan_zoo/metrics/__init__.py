"""Metrics over (real, fake) image batches; maths are pure functions on arrays."""

from gan_zoo.metrics.classifier_score import ClassifierScore, classifier_scores
from gan_zoo.metrics.confidence import ConfidentShare, confidence_report
from gan_zoo.metrics.frechet import FrechetDistance, frechet_distance
from gan_zoo.metrics.image_metric import ImageMetric
from gan_zoo.metrics.kernel_distance import KernelDistance, kernel_distances
from gan_zoo.metrics.label_accuracy import (
    code_agreement,
    label_accuracy,
    reading_table,
)
from gan_zoo.metrics.memorisation import (
    Memorisation,
    draw_neighbours,
    features_of,
    memorisation_test,
    training_distances,
)
from gan_zoo.metrics.precision_recall import (
    DensityCoverage,
    PrecisionRecall,
    density_and_coverage,
    precision_and_recall,
)
from gan_zoo.metrics.sample_metric import FeatureSampleMetric, SampleMetric
from gan_zoo.metrics.two_sample import (
    ClassifierTest,
    KernelTest,
    classifier_test,
    neighbour_accuracies,
)

__all__ = [
    "ClassifierScore",
    "ClassifierTest",
    "ConfidentShare",
    "DensityCoverage",
    "FeatureSampleMetric",
    "FrechetDistance",
    "ImageMetric",
    "KernelDistance",
    "KernelTest",
    "Memorisation",
    "PrecisionRecall",
    "SampleMetric",
    "classifier_scores",
    "classifier_test",
    "code_agreement",
    "confidence_report",
    "density_and_coverage",
    "draw_neighbours",
    "features_of",
    "frechet_distance",
    "kernel_distances",
    "label_accuracy",
    "memorisation_test",
    "neighbour_accuracies",
    "precision_and_recall",
    "reading_table",
    "training_distances",
]
