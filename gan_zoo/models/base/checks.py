"""Checks of batches, networks and metrics that models of several families make."""

import math
import numbers

import keras
import numpy as np

from gan_zoo import backend


def check_float(images):
    """Raises ValueError for images of an integer type.

    Args:
        images: array or spec with a `dtype`.
    """
    dtype = getattr(images.dtype, "name", str(images.dtype))
    if not dtype.startswith(("float", "bfloat")):
        raise ValueError(
            f"Expected float images in [-1, 1], got {dtype}. For uint8 write "
            "tf.cast(x, 'float32') / 127.5 - 1."
        )


def check_shape(model, images, image_shape):
    """Raises ValueError for other than batches of images of a shape.

    Args:
        model: name of the model, for the message.
        images: array or spec with a `shape`.
        image_shape: of one image.
    """
    if image_shape[-1] == 1 and tuple(images.shape[1:]) == image_shape[:-1]:
        raise ValueError(
            f"{model} was built for images of shape {image_shape}; a batch has shape "
            f"{tuple(images.shape)}, without channels. Write images[..., None]."
        )
    if len(images.shape) == len(image_shape):
        raise ValueError(
            f"Expected batches of images, got single ones of shape "
            f"{tuple(images.shape)}. Batch the data set: ds.batch(64)."
        )
    if tuple(images.shape[1:]) != image_shape:
        raise ValueError(
            f"{model} was built for images of shape {image_shape}; a batch has shape "
            f"{tuple(images.shape)}. Pass image_shape={tuple(images.shape[1:])} to the "
            "model, or resize the data."
        )


def check_images(model, images):
    """An array of images that a model was given to look at, checked.

    Args:
        model: a model with an `image_shape`.
        images: float array (n, *image_shape) in [-1, 1].

    Returns:
        The numpy array.

    Raises:
        TypeError: for what is no array.
        ValueError: for images of another shape, type or range.
    """
    if not hasattr(images, "__array__") and not isinstance(images, (list, tuple)):
        raise TypeError(
            f"Expected an array of images, got {type(images).__name__}. Of a data set "
            "pass one batch after the other."
        )
    images = np.asarray(images)
    check_shape(type(model).__name__, images, model.image_shape)
    check_float(images)
    if images.ndim == 4 or model.image_limit:  # other vectors may be anything
        backend.check_range(images, model.image_limit)
    return images


def check_count(name, value, least=1):
    """Raises ValueError for other than an integer of at least `least`."""
    if not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(
            f"Expected {name} to be an integer of at least {least}, got {value!r}."
        )


def is_number(value):
    """Whether a value is a real number that is neither NaN nor infinite."""
    return isinstance(value, numbers.Real) and math.isfinite(value)


def check_weight(name, value):
    """Raises ValueError for other than a number of at least 0, such as a weight."""
    if not is_number(value) or value < 0:
        raise ValueError(
            f"Expected {name} to be a finite number of at least 0, got {value!r}."
        )


def check_decay(name, value):
    """Raises ValueError for other than a moving average's decay, in [0, 1)."""
    if not is_number(value) or not 0 <= value < 1:
        raise ValueError(
            f"Expected {name} in [0, 1), the share of the average that each step "
            f"keeps, got {value!r}."
        )


def check_bandwidths(bandwidths):
    """A mixture's bandwidths as a tuple of floats.

    Raises:
        ValueError: when there are none, or one is no number above 0.
    """
    widths = listed(bandwidths)
    if not widths or not all(is_number(w) and w > 0 for w in widths):
        raise ValueError(
            "Expected bandwidths above 0, several numbers such as (1.0, 2.0), got "
            f"{bandwidths!r}."
        )
    # An array cannot be asked whether it is empty, nor be saved in a configuration.
    return tuple(map(float, widths))


def listed(values):
    """A sequence's values as a tuple; an empty one where there is no sequence."""
    try:
        return tuple(values)
    except TypeError:
        return ()


def check_image_shape(image_shape, name="image_shape"):
    """The shape of an image as a tuple of ints.

    Raises:
        ValueError: for other than a sequence of integers of at least 1.
    """
    sides = listed(image_shape)
    if not sides or not all(isinstance(s, numbers.Integral) and s > 0 for s in sides):
        raise ValueError(
            f"Expected {name} to be (height, width, channels), or (d,) for vectors, "
            f"integers of at least 1, got {image_shape!r}. Networks are built for "
            "images of one size: give all sides, such as (28, 28, 1)."
        )
    return tuple(map(int, sides))


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


def check_metrics(own, metrics):
    """Raises for what is no image metric, and for two numbers of one name.

    Args:
        own: Keras metrics of the model itself.
        metrics: list of image metrics, as given to `compile`.

    Raises:
        TypeError: for other metrics than those over (real, fake) images.
        ValueError: where one number would hide another in the logs.
    """
    names = [metric.name for metric in own]
    for metric in metrics:
        if not callable(getattr(metric, "begin", None)):
            raise TypeError(
                "Expected metrics over (real, fake) images such as "
                f"gan_zoo.metrics.FrechetDistance('mnist'), got {metric!r}."
            )
        names += metric.result_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"Expected metrics of different names, got {', '.join(twice)} twice, of "
            "which the logs would show one. Give one of the metrics another name, "
            "name='...'."
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
