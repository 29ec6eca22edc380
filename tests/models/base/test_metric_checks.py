import keras
import pytest

from gan_zoo.metrics import (
    ConfidentShare,
    DensityCoverage,
    FrechetDistance,
    ModeCoverage,
    PeakSignalToNoise,
    PrecisionRecall,
    StackedModes,
)
from gan_zoo.models.base.metric_checks import check_metrics

SHAPE = (8, 8, 1)


def test_two_numbers_of_one_name_are_refused_with_the_fix():
    accuracy = keras.metrics.Accuracy(name="accuracy")
    # Metrics of several numbers each, all different.
    check_metrics(
        [accuracy], [PrecisionRecall("mnist"), DensityCoverage("mnist")], SHAPE
    )
    check_metrics(
        (), [PeakSignalToNoise(), PeakSignalToNoise(name="psnr_whole")], SHAPE
    )
    with pytest.raises(ValueError, match=r"precision_mnist, recall_mnist twice.*name="):
        check_metrics(
            (), [PrecisionRecall("mnist"), PrecisionRecall("mnist", 5)], SHAPE
        )
    with pytest.raises(ValueError, match="got accuracy twice"):
        check_metrics([accuracy], [PeakSignalToNoise(name="accuracy")], SHAPE)


def test_what_is_no_list_is_refused():
    for given in (PeakSignalToNoise(), {"psnr": PeakSignalToNoise()}):
        with pytest.raises(TypeError, match="Expected a list of metrics, got"):
            check_metrics((), given, SHAPE)


def test_metrics_of_another_kind_are_refused():
    with pytest.raises(TypeError, match=r"metrics\.FrechetDistance.*got <Mean"):
        check_metrics((), [keras.metrics.Mean()], SHAPE)
    with pytest.raises(TypeError, match=r"got <class .*FrechetDistance"):
        check_metrics((), [FrechetDistance], SHAPE)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2,), r"vectors of shape \(2,\)\. For points .*ModeCoverage"),
        ((8, 8, 2), r"images with 1 channel\(s\).* got 2"),
        ((None, None, 3), "static height and width"),
    ],
)
def test_images_of_which_no_features_are_computed_are_refused(shape, message):
    for metric in (FrechetDistance("mnist"), ConfidentShare()):
        with pytest.raises(ValueError, match=message):
            check_metrics((), [metric], shape)
    with pytest.warns(UserWarning, match="Expected grey digits for the network 'mnist"):
        check_metrics((), [FrechetDistance("mnist")], (8, 8, 3))
    check_metrics((), [StackedModes()], (8, 8, 3))
    check_metrics((), [ModeCoverage([[0.0, 0.0]], std=0.5)], (2,))
    check_metrics((), [PeakSignalToNoise()], (8, 8, 2))
