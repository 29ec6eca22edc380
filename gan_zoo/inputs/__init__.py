"""Kinds of data that a batch holds or that a user passes, one file per kind."""

from gan_zoo.inputs.attributes import Attributes
from gan_zoo.inputs.batch import Batch
from gan_zoo.inputs.codes import Codes
from gan_zoo.inputs.features import Features
from gan_zoo.inputs.image import Image
from gan_zoo.inputs.input import Input, Requirement
from gan_zoo.inputs.label import Label
from gan_zoo.inputs.mask import Mask
from gan_zoo.inputs.text import Text, words_of

__all__ = [
    "Attributes",
    "Batch",
    "Codes",
    "Features",
    "Image",
    "Input",
    "Label",
    "Mask",
    "Requirement",
    "Text",
    "words_of",
]
