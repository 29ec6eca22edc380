import keras
import numpy as np
import pytest
from features.feature_doubles import conv_network

from gan_zoo import features
from gan_zoo.features import AbsentFeatures, MissingFile


def test_a_config_keeps_all_but_the_network():
    found = features.resolve(conv_network("faces"))
    again = features.resolve(features.serialize(found))
    assert isinstance(again, AbsentFeatures)
    told = "name", "dim", "description"
    assert [getattr(again, x) for x in told] == [getattr(found, x) for x in told]
    assert keras.saving.serialize_keras_object(again) == features.serialize(found)
    for call in (again, again.classify):
        with pytest.raises(ValueError, match=r"'faces' was not saved.*features=<your"):
            call(np.zeros((1, 8, 8, 3), "float32"))


@pytest.mark.parametrize(
    ("asked", "name"),
    [("squeezenet", "squeezenet"), ("keras/MobileNetV2", "keras_mobilenetv2")],
)
def test_a_missing_file_is_asked_for_again(asked, name):
    missing = MissingFile(asked, FileNotFoundError("Not there."))
    assert missing.name == name
    assert features.serialize(missing) == asked
    with pytest.raises(ValueError, match=r"Not there\. Then load the model again\."):
        missing(np.zeros((1, 8, 8, 3), "float32"))
