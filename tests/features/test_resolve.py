import keras
import pytest
from features.feature_doubles import Flat, conv_network

from gan_zoo import features


def test_what_resolve_takes():
    flat = Flat(3)
    assert features.resolve(flat) is flat
    with pytest.raises(ValueError, match=r"'inception'.* got 'inceptoin'"):
        features.resolve("inceptoin")
    with pytest.raises(TypeError, match="got 3"):
        features.resolve(3)
    with pytest.raises(ValueError, match="belongs to a feature network of the package"):
        features.resolve(conv_network("mnist"))
    with pytest.raises(ValueError, match="belongs to a feature network of the package"):
        features.resolve(conv_network("keras_mobilenetv2"))
    own = features.NetworkFeatures(conv_network(), name="inception")
    with pytest.raises(ValueError, match="belongs to a feature network of the package"):
        features.resolve(own)


def test_an_own_feature_object_round_trips():
    @keras.saving.register_keras_serializable(package="tests")
    class Own(Flat):
        def get_config(self):
            return {"dim": self.dim}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    again = features.resolve(features.serialize(Own(7)))
    assert (type(again), again.dim) == (Own, 7)
