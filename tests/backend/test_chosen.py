import keras
import pytest

from gan_zoo import backend
from gan_zoo.backend.chosen import primitive
from gan_zoo.backend.tensorflow.updates import update


def test_primitives_are_those_of_the_backend_of_keras():
    assert primitive("update") is backend.update is update
    with pytest.raises(AttributeError, match="no_such_primitive"):
        primitive("no_such_primitive")


def test_a_backend_without_primitives_is_named(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(NotImplementedError, match="runs on 'jax'"):
        primitive("update")
