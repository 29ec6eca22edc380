import keras
import pytest

from gan_zoo.metrics import DensityCoverage, PeakSignalToNoise, PrecisionRecall
from gan_zoo.models.base.metric_checks import check_metrics


def test_two_numbers_of_one_name_are_refused_with_the_fix():
    accuracy = keras.metrics.Accuracy(name="accuracy")
    # Metrics of several numbers each, all different.
    check_metrics([accuracy], [PrecisionRecall("mnist"), DensityCoverage("mnist")])
    check_metrics((), [PeakSignalToNoise(), PeakSignalToNoise(name="psnr_whole")])
    with pytest.raises(ValueError, match=r"precision_mnist, recall_mnist twice.*name="):
        check_metrics((), [PrecisionRecall("mnist"), PrecisionRecall("mnist", 5)])
    with pytest.raises(ValueError, match="got accuracy twice"):
        check_metrics([accuracy], [PeakSignalToNoise(name="accuracy")])


def test_what_is_no_list_is_refused():
    for given in (PeakSignalToNoise(), {"psnr": PeakSignalToNoise()}):
        with pytest.raises(TypeError, match="Expected a list of metrics, got"):
            check_metrics((), given)


def test_metrics_of_another_kind_are_refused():
    with pytest.raises(TypeError, match=r"metrics\.FrechetDistance.*got <Mean"):
        check_metrics((), [keras.metrics.Mean()])
