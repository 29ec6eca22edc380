"""What training a GAN needs beyond `keras.ops`, once per Keras backend.

Three primitives carry every algorithm of the zoo: `update` (differentiate a loss for
one player and apply its optimizer), `input_gradient` (what gradient penalties
differentiate) and stateless noise (`normal`, `uniform`, drawn inside `draws`). The
package that implements them is chosen by `keras.backend.backend()` at first use, so
importing the zoo never needs TensorFlow when Keras runs on something else.
"""

from gan_zoo.backend.chosen import primitive
from gan_zoo.backend.randomness import drawing, draws, next_seed
from gan_zoo.backend.rows import is_row_by_row
from gan_zoo.backend.sharing import once, one_pass

__all__ = ["drawing", "draws", "is_row_by_row", "next_seed", "once", "one_pass"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return primitive(name)
