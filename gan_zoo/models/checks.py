"""Checks of batches, networks and metrics that models of several families make."""

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


def check_weight(name, value):
    """Raises ValueError for a weight of a term of a loss that is below 0."""
    if not value >= 0:
        raise ValueError(f"Expected {name} of at least 0, got {value!r}.")


def check_bandwidths(bandwidths):
    """A mixture's bandwidths as a tuple of floats.

    Raises:
        ValueError: when there are none, or one is not above 0.
    """
    # An array cannot be asked whether it is empty, nor be saved in a configuration.
    widths = tuple(float(width) for width in bandwidths)
    if not widths or not min(widths) > 0:
        raise ValueError(f"Expected bandwidths above 0, got {bandwidths!r}.")
    return widths


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
