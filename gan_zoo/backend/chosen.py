"""The primitives of the backend that Keras runs on."""

import importlib

import keras

_IMPLEMENTED = ("tensorflow",)


def primitive(name):
    """The primitive of that name, such as `update`.

    Raises NotImplementedError where Keras runs on a backend that has none, and
    AttributeError for an unknown name.
    """
    backend = keras.backend.backend()
    if backend not in _IMPLEMENTED:
        raise NotImplementedError(
            f"gan_zoo trains on the Keras backends {_IMPLEMENTED}, but Keras runs on "
            f"{backend!r}. Set KERAS_BACKEND=tensorflow before importing keras."
        )
    return getattr(importlib.import_module(f"gan_zoo.backend.{backend}"), name)
