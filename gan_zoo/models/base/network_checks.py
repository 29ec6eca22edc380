"""Checks of the networks that a model is given."""

import keras


def check_network(what, network, side, wanted, place=0):
    """Raises ValueError for a network that takes or makes tensors of another shape.

    Args:
        what: the network and what it does, for the message: "generator makes images".
        network: Keras network.
        side: "inputs" or "outputs".
        wanted: shape without the batch axis.
        place: which of several inputs or outputs.
    """
    tensors = getattr(network, side, None)
    if not tensors:
        raise ValueError(
            f"Expected functional or built Sequential networks, got {network!r}, "
            "whose shapes are unknown. Start it with keras.Input(shape)."
        )
    shape = tuple(tensors[place].shape[1:]) if place < len(tensors) else None
    if shape != tuple(wanted):
        raise ValueError(
            f"The {what} of shape {shape}; the model's other arguments ask for "
            f"{tuple(wanted)}."
        )


def check_count_of(side, name, network, wanted):
    """Raises ValueError for a network of another number of inputs or outputs.

    Args:
        side: "inputs" or "outputs".
        name: the network's part in the model, such as "generator".
        network: functional or built Sequential network.
        wanted: names of the tensors, for the message.
    """
    shapes = [tuple(x.shape[1:]) for x in getattr(network, side)]
    if len(shapes) != len(wanted):
        raise ValueError(
            f"Expected a {name} with the {side} {', '.join(wanted)}, got {len(shapes)} "
            f"of shapes {shapes}. Build it as keras.Model(inputs, outputs) with "
            f"{len(wanted)} of them in this order."
        )


def check_conditions(part, network, first, conditions):
    """Raises ValueError for a network that does not take its conditions, in order.

    Args:
        part: the network's part in the model, such as "generator".
        network: functional or built Sequential network.
        first: what its first input is, in words.
        conditions: dict of name to `inputs.Input` of the inputs behind it.
    """
    check_count_of("inputs", part, network, (first, *conditions))
    for kind, taken in zip(conditions.values(), network.inputs[1:], strict=True):
        kind.check_network(part, tuple(taken.shape[1:]))


# What maps numbers to a bounded range, by names without underscores.
_BOUNDED = (
    "sigmoid",
    "hardsigmoid",
    "softmax",
    "softmaxv2",
    "tanh",
    "hardtanh",
    "softsign",
)
# Those of them whose range is [0, 1].
_FROM_ZERO = ("sigmoid", "hardsigmoid", "softmax")
# What changes a tensor's shape or type only.
_PASSING = (
    "Cast",
    "Reshape",
    "Flatten",
    "GetItem",
    "Squeeze",
    "ExpandDims",
    "Identity",
    "Cropping1D",
    "Cropping2D",
    "Permute",
    "Transpose",
)


def last_activation(network, place=0):
    """The bounded activation that a network's output comes from.

    Reshaping, casts and linear activations are passed on the way, and networks within
    the network are entered.

    Args:
        network: functional or built Sequential network.
        place: which of its outputs.

    Returns:
        "sigmoid", "tanh", "softmax" ..., or None where the output is not bounded or,
        such as within a layer of the user's own, cannot be seen through.
    """
    tensor = network.outputs[place]
    while True:
        operation, node, index = tensor._keras_history
        if isinstance(operation, keras.Model):
            if not getattr(operation, "outputs", None):
                return None
            tensor = operation.outputs[index]
            continue
        activation = getattr(operation, "activation", None)
        function = operation if activation is None else activation
        name = getattr(function, "__name__", type(function).__name__)
        if name.lower().replace("_", "") in _BOUNDED:
            return name.lower()
        linear = isinstance(operation, keras.layers.Activation) and name == "linear"
        if not linear and type(operation).__name__ not in _PASSING:
            return None
        tensor = operation._inbound_nodes[node].input_tensors[0]


def check_logits(what, network, place=0):
    """Raises ValueError for an output in the place of logits that cannot be any number.

    Args:
        what: the network and its output, for the message: "discriminator".
        network: functional or built Sequential network.
        place: which of its outputs.
    """
    activation = last_activation(network, place)
    if activation:
        raise ValueError(
            f"The {what} ends in a {activation}; expected logits or other numbers "
            "without bounds. Remove the activation of its last layer: a sigmoid or "
            "softmax, where there is one, is in the loss."
        )


def check_image_range(what, network):
    """Raises ValueError for a network whose images lie in [0, 1].

    Args:
        what: the network, for the message: "generator".
        network: functional or built Sequential network; vectors may lie anywhere.
    """
    activation = last_activation(network) or ""
    bounds = activation.replace("_", "").startswith(_FROM_ZERO)
    if bounds and len(network.outputs[0].shape) == 4:
        raise ValueError(
            f"The {what} ends in a {activation}, whose images lie in [0, 1]; expected "
            "images in [-1, 1], as those of the data. End it in a tanh."
        )
