import keras
import numpy as np

from gan_zoo import features
from gan_zoo.features.classifier_features import ClassifierFeatures


def test_features_and_classes_of_one_network():
    images = keras.Input((1, 2, 1))
    code = keras.layers.Flatten()(images)
    logits = keras.layers.Rescaling(2.0)(code)
    found = ClassifierFeatures(
        keras.Model(images, [code, logits]), "mnist", "weights 0123"
    )
    x = np.array([[0.0, 0.5]], "float32").reshape(1, 1, 2, 1)
    np.testing.assert_array_equal(found(x), [[0.0, 0.5]])
    # softmax(0, 1)
    np.testing.assert_allclose(found.classify(x), [[0.26894143, 0.7310586]], rtol=1e-6)
    assert (found.name, found.dim, found.classes) == ("mnist", 2, 2)
    assert found.description.endswith("; weights 0123")
    assert features.serialize(found) == "mnist"
