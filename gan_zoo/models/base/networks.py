"""Copies of networks, and the layers that several networks share."""

import keras
import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.objectives.penalties import check_row_by_row


def forward(network, inputs):
    """Outputs of a network in training, cast to float32.

    Networks of the user's own may give half precision, which losses do not take.

    Args:
        network: Keras network.
        inputs: tensor, or list of tensors.

    Returns:
        Tensor, or the list of the network's outputs.

    Raises:
        ValueError: for a network with batch norm inside `backend.input_gradient`, of
            which each row's own gradient is asked.
    """
    if backend.is_row_by_row():
        check_row_by_row(network)
    outputs = network(inputs, training=True)
    return keras.tree.map_structure(lambda x: ops.cast(x, "float32"), outputs)


def infer(network, inputs):
    """As `forward`, but outside of training."""
    outputs = network(inputs, training=False)
    return keras.tree.map_structure(lambda x: ops.cast(x, "float32"), outputs)


def non_finite(variables):
    """The first of some Keras variables that holds NaN or infinite numbers, or None."""
    for variable in variables:
        value = variable.value.numpy()
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            return variable
    return None


def layer_losses(networks):
    """What the layers of networks add to a loss, each once.

    Args:
        networks: list of networks, which may share layers.

    Returns:
        List of scalars.
    """
    losses = {}
    for network in networks:
        weights = [v for v in network.trainable_weights if v.regularizer is not None]
        found = network.losses
        # Those of weights come last, and Keras makes them anew at each look.
        keys = [*found[: len(found) - len(weights)], *weights]
        losses |= {id(key): loss for key, loss in zip(keys, found, strict=True)}
    return list(losses.values())


def frozen_copies(networks):
    """Networks of the same weights that no optimizer moves.

    Layers that several of the networks share are shared by their copies too.

    Args:
        networks: dict of name to network.

    Returns:
        Dict of name to the copy.
    """
    made = {}

    def copy_once(layer):
        if id(layer) not in made:
            made[id(layer)] = type(layer).from_config(layer.get_config())
        return made[id(layer)]

    copies = {}
    for name, network in networks.items():
        if id(network) not in made:  # else it is a layer of an earlier one
            copy = keras.models.clone_model(network, clone_function=copy_once)
            made[id(network)] = copy
        copies[name] = made[id(network)]
        copies[name].set_weights(network.get_weights())
        copies[name].trainable = False
    return copies


def move_averages(averages, networks, decay):
    """One step of w_kept ← decay · w_kept + (1 − decay) · w, inside a training step.

    Statistics (batch norm's moments, StyleGAN's mean style) are averages already: they
    are copied. Only what an optimizer moves is averaged.

    Args:
        averages: list of networks made by `frozen_copies`.
        networks: the networks they were made of.
        decay: in [0, 1).
    """
    targets, values, seen = [], [], set()
    for average, network in zip(averages, networks, strict=True):
        for kept, new in zip(average.weights, network.weights, strict=True):
            if id(kept) in seen:  # of a layer that two networks share
                continue
            seen.add(id(kept))
            value = new.value
            if new.trainable:
                value = kept.value + (1 - decay) * (value - kept.value)
            targets.append(kept)
            values.append(value)
    backend.assign_all(targets, values)


def shared_layers(networks):
    """The layers that several networks share, for a configuration.

    Args:
        networks: dict of name to network.

    Returns:
        List of [network, layer, other network, its layer], names all. None in place of
        a layer is the network itself, where it is a layer of the other one.
    """
    owner, shared = {}, []
    for name, network in networks.items():
        for layer in [network, *_layers_of(network)]:
            own_name = None if layer is network else layer.name
            if id(layer) not in owner:
                owner[id(layer)] = [name, own_name]
            elif owner[id(layer)][0] != name:
                shared.append([*owner[id(layer)], name, own_name])
    return shared


def check_sharing(networks):
    """Raises ValueError for shared layers that a file could not keep shared.

    These are layers within a layer, such as a model within a network, that are used
    elsewhere too.

    Args:
        networks: dict of name to network.
    """
    own = {id(network) for network in networks.values()}
    places = {}  # what a layer is part of: a layer of a network
    for name, network in networks.items():
        for layer in _layers_of(network):
            inside = [] if id(layer) in own else layer._flatten_layers()
            for each in {id(x): x for x in (layer, *inside)}.values():
                part, other = places.setdefault(id(each), (layer, name))
                if part is not layer and each.weights:
                    whole = part if layer is each else layer
                    raise ValueError(
                        f"Expected layers that can stay shared in a file, got "
                        f"{each.name!r} of {name} and {other}, which is within "
                        f"{whole.name!r} in one of them. Share {whole.name!r}, or use "
                        "its layers directly in both networks."
                    )


def _layers_of(network):
    """The layers of a network but its inputs, of which nothing is learned."""
    inputs = keras.layers.InputLayer
    return [layer for layer in network.layers if not isinstance(layer, inputs)]


def share_layers(networks, shared):
    """Networks that share layers again, after each was built by itself.

    Args:
        networks: dict of name to network.
        shared: what `shared_layers` gave.

    Returns:
        Dict of name to network. Those that gave up layers of their own are new.
    """
    networks = dict(networks)
    for name in networks:
        kept = {
            layer: networks[owner].get_layer(owners) if owners else networks[owner]
            for owner, owners, other, layer in shared
            if other == name
        }
        if None in kept:
            networks[name] = kept[None]
        elif kept:
            networks[name] = keras.models.clone_model(
                networks[name],
                clone_function=lambda layer, kept=kept: kept.get(layer.name, layer),
            )
    return networks
