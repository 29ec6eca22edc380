"""Checks of the networks that a model is given."""

import keras

from gan_zoo import backend


def check_network(name, network, inputs, outputs=None, conditions=None):
    """Raises ValueError for a network that takes or makes other tensors than it must.

    Args:
        name: the network's part in the model, such as "encoder".
        network: Keras network.
        inputs: dict of the first tensors that it must take, in order: what it is, in
            words, to its shape without the batch axis. Axes of None have any length,
            and None is any shape.
        outputs: the same of all that it must make; None to leave them unchecked.
        conditions: dict of what it must take after `inputs`, name to `inputs.Input`.
    """
    conditions = conditions or {}
    _refuse_dicts(name, network)
    shapes = _shapes(name, network, "inputs", [*inputs, *conditions])
    _check_shapes(f"{name} takes", inputs, shapes, may_be_open=True)
    takes_any_size = any(None in shape for shape in shapes)
    for kind, shape in zip(conditions.values(), shapes[len(inputs) :], strict=True):
        kind.check_network(name, shape)
    if outputs is not None:
        made = _shapes(name, network, "outputs", outputs)
        if takes_any_size:
            made = _made_of(name, network, [*inputs.values()], shapes) or made
        _check_shapes(f"{name} makes", outputs, made, may_be_open=takes_any_size)


def _made_of(name, network, wanted, shapes):
    """What a network of open sides makes of the sizes that it is wanted for, or None.

    A network that halves images evenly may make smaller ones of other sizes.
    """
    given = [*wanted, *shapes[len(wanted) :]]
    if any(shape is None or None in shape for shape in given):
        return None
    try:
        made = shapes_made(network, *given)
        if any(
            isinstance(x, keras.layers.Concatenate) for x in network._flatten_layers()
        ):
            _trace(network, given)  # of shapes alone Keras compares one axis
    except ValueError as error:  # also a pooling window that is larger than its map
        raise ValueError(
            f"The {name} cannot take tensors of shape {', '.join(map(str, given))}: "
            "they may be too small for it, or not be halved evenly. Use images of "
            f"another size, or a network with fewer levels. The reason: {error}"
        ) from error
    return made


def _trace(network, shapes):
    """Raises ValueError for shapes that do not fit together within the network."""

    def made(*inputs):
        with backend.draws((0, 0)):
            made = network(inputs if len(inputs) > 1 else inputs[0])
        return keras.tree.flatten(made)[0]

    kinds = [keras.backend.standardize_dtype(x.dtype) for x in network.inputs]
    batches = [(1, *shape) for shape in shapes]
    backend.traced_shape(made, *zip(batches, kinds, strict=True))


def shapes_made(network, *shapes):
    """Shapes of a network's outputs for inputs of these shapes, all without batch axis.

    Args:
        network: functional or built Sequential network.
        *shapes: tuple of each input.

    Returns:
        List of tuples.
    """
    batches = [(1, *shape) for shape in shapes]
    made = network.compute_output_shape(batches if len(batches) > 1 else batches[0])
    several = isinstance(made[0], (tuple, list))
    return [tuple(shape[1:]) for shape in (made if several else [made])]


def _refuse_dicts(name, network):
    """Raises ValueError for a network whose inputs or outputs have names."""
    for side in ("input", "output"):
        if isinstance(getattr(network, side, None), dict):
            raise ValueError(
                f"Expected the {side}s of the {name} as a tensor or a list, got a "
                "dict. Build it as keras.Model(inputs, outputs) with a tensor or a "
                f"list of {side}s."
            )


def _shapes(name, network, side, wanted):
    """Shapes of a network's inputs or outputs, of which there must be so many."""
    tensors = getattr(network, side, None)
    if not tensors:
        raise ValueError(
            f"Expected functional or built Sequential networks, got {network!r}, "
            "whose input and output shapes are unknown. Start it with "
            "keras.Input(shape)."
        )
    shapes = [tuple(x.shape[1:]) for x in tensors]
    if len(shapes) != len(wanted):
        raise ValueError(
            f"Expected the {name} to have the {side} {', '.join(wanted)}, got "
            f"{len(shapes)} of shapes {shapes}. Build it as keras.Model(inputs, "
            f"outputs) with {len(wanted)} of them in this order."
        )
    return shapes


def _check_shapes(does, wanted, shapes, may_be_open):
    for (what, expected), shape in zip(wanted.items(), shapes, strict=False):
        if not _fits(shape, expected, may_be_open):
            raise ValueError(
                f"The {does} {what} of shape {shape}. By the model's other arguments "
                f"it should be {tuple(expected)}. Change the network, or these "
                "arguments."
            )


def _fits(shape, wanted, may_be_open):
    """Whether a shape is the wanted one, in which None stands for any length.

    Args:
        shape: shape of a network's tensor.
        wanted: the shape that it should have, or None for any shape.
        may_be_open: whether sides of None in `shape` fit as well: such a network takes
            images of any size.
    """
    if wanted is None:
        return True
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(
        side == w or w is None or (side is None and may_be_open) for side, w in pairs
    )


def check_one_score(shapes):
    """Raises ValueError for other outputs of a discriminator than one logit an image.

    Args:
        shapes: of its outputs, without the batch axis.
    """
    if len(shapes) != 1:
        raise ValueError(
            f"Expected a discriminator with one output, logits, got {len(shapes)} "
            f"of shapes {shapes}."
        )
    if any(side != 1 for side in shapes[0]):
        raise ValueError(
            "Expected a discriminator with one score per image, logits (n, 1), got "
            f"shape {('n', *shapes[0])}. End it in keras.layers.Dense(1), after "
            "keras.layers.Flatten() where it has convolutions."
        )


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
