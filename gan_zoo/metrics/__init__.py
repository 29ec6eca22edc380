"""Metrics over (real, fake) image batches; the mathematics are functions of arrays."""

from gan_zoo.features.perceptual import PerceptualDistance
from gan_zoo.metrics.attribute_transfer import (
    AttributeTransfer,
    attribute_change,
    attribute_classifier,
    attribute_transfer,
    turned_over,
)
from gan_zoo.metrics.classifier_score import ClassifierScore, classifier_scores
from gan_zoo.metrics.confidence import ConfidentShare
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
    confusion_matrix,
    label_accuracy,
)
from gan_zoo.metrics.memorisation import (
    Memorisation,
    draw_neighbours,
    features_of,
    memorisation_test,
    training_distances,
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
from gan_zoo.metrics.precision_recall import (
    DensityCoverage,
    PrecisionRecall,
    density_and_coverage,
    precision_and_recall,
)
from gan_zoo.metrics.sample_metric import FeatureSampleMetric, SampleMetric
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
from gan_zoo.metrics.two_sample import (
    ClassifierTest,
    KernelTest,
    classifier_test,
    neighbour_accuracies,
)

__all__ = [
    "AttributeTransfer",
    "ClassifierAccuracies",
    "ClassifierScore",
    "ClassifierTest",
    "ConfidentShare",
    "DensityCoverage",
    "Diversity",
    "FeatureSampleMetric",
    "FrechetDistance",
    "ImageMetric",
    "IntraClassDistance",
    "KernelDistance",
    "KernelTest",
    "Memorisation",
    "ModeCoverage",
    "MultiScaleSimilarity",
    "PatchDistance",
    "PathLength",
    "PeakSignalToNoise",
    "PerceptualDistance",
    "PrecisionRecall",
    "SampleMetric",
    "SlicedWasserstein",
    "StackedModes",
    "StructuralSimilarity",
    "attribute_change",
    "attribute_classifier",
    "attribute_transfer",
    "classifier_scores",
    "classifier_test",
    "code_agreement",
    "confusion_matrix",
    "covered_modes",
    "density_and_coverage",
    "diversity",
    "draw_neighbours",
    "features_of",
    "frechet_distance",
    "gan_train_test",
    "intra_class_frechet",
    "kernel_distances",
    "kl_to_uniform",
    "label_accuracy",
    "memorisation_test",
    "mode_counts",
    "mode_coverage",
    "ms_ssim",
    "neighbour_accuracies",
    "pairwise_distances",
    "patch_distances",
    "path_length",
    "precision_and_recall",
    "psnr",
    "sliced_wasserstein",
    "small_classifier",
    "ssim",
    "stacked_digits",
    "training_distances",
    "turned_over",
]
