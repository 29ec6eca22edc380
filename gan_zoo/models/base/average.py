"""Moving averages of weights: the networks that samples are drawn with."""

import keras

from gan_zoo import backend


def twin(network):
    """A network of the same weights that no optimizer moves."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def move_average(twins, networks, decay):
    """One step of w_kept ← decay · w_kept + (1 − decay) · w, inside a training step.

    Statistics (batch norm's moments, StyleGAN's mean style) are averages already: they
    are copied. Only what an optimizer moves is averaged.

    Args:
        twins: networks made by `twin`.
        networks: the networks they were made of.
        decay: in [0, 1).
    """
    targets, values = [], []
    for kept_network, network in zip(twins, networks, strict=True):
        for kept, new in zip(kept_network.weights, network.weights, strict=True):
            value = new.value
            if new.trainable:
                value = kept.value + (1 - decay) * (value - kept.value)
            targets.append(kept)
            values.append(value)
    backend.assign_all(targets, values)
