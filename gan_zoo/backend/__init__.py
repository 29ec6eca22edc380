"""What training a GAN needs beyond `keras.ops`, once per Keras backend.

Three primitives carry every algorithm of the zoo: `update` (differentiate a loss for
one player and apply its optimizer), `input_gradient` (what gradient penalties
differentiate) and stateless noise (`normal`, `uniform`, drawn inside `draws`). The
package that implements them is chosen by `keras.backend.backend()` at first use, so
importing the zoo never needs TensorFlow when Keras runs on something else.
"""

import importlib

import keras

from gan_zoo.backend.randomness import drawing, draws, next_seed
from gan_zoo.backend.sharing import once, one_pass

__all__ = ["drawing", "draws", "next_seed", "once", "one_pass"]

_IMPLEMENTED = ("tensorflow",)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    backend = keras.backend.backend()
    if backend not in _IMPLEMENTED:
        raise NotImplementedError(
            f"gan_zoo trains on the Keras backends {_IMPLEMENTED}, but Keras runs on "
            f"{backend!r}. Set KERAS_BACKEND=tensorflow before importing keras."
        )
    return getattr(importlib.import_module(f"gan_zoo.backend.{backend}"), name)
