"""Optimizers and schedules for GANs that Keras does not have."""

from gan_zoo.optimizers.adam import Adam
from gan_zoo.optimizers.lookahead import Lookahead
from gan_zoo.optimizers.rmsprop import rmsprop
from gan_zoo.optimizers.schedules import ConstantThenLinear, Cosine

__all__ = ["Adam", "ConstantThenLinear", "Cosine", "Lookahead", "rmsprop"]
