"""What every kind of datum says about itself."""

from typing import Any, NamedTuple

import numpy as np
from keras import ops

from gan_zoo import backend


class Requirement(NamedTuple):
    """What the values of a tensor must satisfy, for checks inside a graph."""

    holds: Any  # scalar bool tensor
    expected: str  # "from 0 to 9", after "Expected labels "
    got: Any  # tensor that the message shows
    fix: str = ""  # advice for whoever made the data set


class Input:
    """One datum per image, such as its label: the base class of all kinds.

    `fit`, `evaluate`, `generate`, `translate`, metrics and the exported model read an
    input through these attributes and methods. None of them asks for its class.

    A datum has two forms. Data sets, users and requests hold the *sent* form. Networks
    take the other one. They differ for text, which is sent as strings and taken as
    numbers of words.

    Args:
        shape: shape of one row as networks take it, without the batch axis.

    Attributes:
        dtype: type that networks take.
        sent_shape: shape of one row in the sent form.
        sent_dtype: type of the sent form in requests to an exported model.
        accepted: beginnings of the names of the types that a data set may hold.
        wanted_type: the same in words, for messages.
        type_fix: what to write for data of another type.
        about: what one row is, in words, for model cards.
        names: names of the classes or attributes, where they have names.
        may_have_labels: whether labels that are not used may stand beside it in a data
            set.
    """

    dtype = "float32"
    sent_dtype = "float32"
    accepted = ("float", "bfloat")
    wanted_type = "float numbers"
    type_fix = 'Write tf.cast(x, "float32").'
    about = ""
    names = ()
    may_have_labels = False

    def __init__(self, shape):
        self.shape = tuple(shape)
        self.sent_shape = self.shape

    def __repr__(self):
        shape = shape_words(("n", *self.sent_shape))
        return f"<{type(self).__name__} {self.sent_dtype} {shape}: {self.about}>"

    # Data sets.

    def check_spec(self, owner, name, spec):
        """Raises ValueError for data of another shape or type.

        Args:
            owner: name of the model's class, for the message.
            name: name of the input in the model, such as "labels".
            spec: one batch's array, tensor or `tf.TensorSpec`.
        """
        self.check_type(name, spec.dtype)
        self.check_shape(owner, name, tuple(spec.shape))

    def check_type(self, name, dtype):
        """Raises ValueError for data of another type; see `check_spec`."""
        dtype = type_name(dtype)
        if not dtype.startswith(self.accepted):
            raise ValueError(
                f"Expected {name} to be {self.wanted_type}, got {dtype}. "
                f"{self.type_fix}"
            )

    def check_shape(self, owner, name, shape):
        """Raises ValueError for data of another shape; see `check_spec`."""
        wanted = ("n", *self.sent_shape)
        if len(shape) != len(wanted) or any(
            ours is not None and ours != theirs
            for ours, theirs in zip(self.sent_shape, shape[1:], strict=True)
        ):
            raise ValueError(
                f"Expected {name} of shape {shape_words(wanted)} for {owner}, got "
                f"{shape_words(shape)}."
            )

    def check_array(self, name, array):
        """Raises ValueError for an array whose values cannot be meant.

        What only looks unlikely gives a warning.

        Args:
            name: name of the input in the model.
            array: numpy array (n, ...), or another with the same interface.
        """

    def from_array(self, name, array):
        """An array of a data set's values, as networks take it, checked.

        Args:
            name: name of the input in the model.
            array: (n, ...), of the right shape and type.

        Raises:
            ValueError, InvalidArgumentError: for values that a step must not use.
        """
        self.check_array(name, array)
        checked = self.checked(name, ops.convert_to_tensor(array))
        return ops.convert_to_numpy(checked)

    def requirement(self, x):
        """What the values of a tensor in the sent form must satisfy, or None.

        Args:
            x: tensor (n, *sent_shape) of one of the accepted types.

        Returns:
            `Requirement` or None.
        """

    def converted(self, x):
        """A tensor of the sent form in the form that networks take."""
        return ops.cast(x, self.dtype)

    def checked(self, name, x):
        """`converted` of a tensor, after a check of its values.

        Raises:
            InvalidArgumentError: for other values, when the graph runs.
        """
        wanted = self.requirement(x)
        if wanted is None:
            return self.converted(x)
        message = f"Expected {name} {wanted.expected}. {wanted.fix}".strip()
        converted = self.converted(x)
        return backend.require(wanted.holds, f"{message} Got:", converted, wanted.got)

    def received(self, name, x):
        """As `checked`, for a tensor of a request to an exported model."""
        return self.checked(name, x)

    # Users.

    # Whether `draw` can make rows of which a model can be trained or asked.
    can_draw = False

    def draw(self, count):
        """Random rows (count, *shape); needs an open draw scope (`backend.draws`)."""
        raise NotImplementedError(f"{type(self).__name__} cannot be drawn at random.")

    def given(self, name, value, count):
        """What a user passes, as an array that networks take.

        Args:
            name: name of the input, for messages.
            value: one row for all images, or one row per image.
            count: number of images.

        Returns:
            Array (count, *shape).

        Raises:
            TypeError: for values of another type.
            ValueError: for other shapes, or values that do not meet the requirement.
        """
        value = self.as_array(name, value)
        one, each = self.sent_shape, (count, *self.sent_shape)
        if value.shape not in (one, each):
            raise ValueError(
                f"Expected {name} of shape {one} for all images or {each}, a row per "
                f"image, got {value.shape}."
            )
        value = np.broadcast_to(value, each)
        if value.size:
            tensor = ops.convert_to_tensor(value)
            wanted = self.requirement(tensor)
            if wanted is not None and not bool(wanted.holds):
                got = ops.convert_to_numpy(wanted.got)
                raise ValueError(f"Expected {name} {wanted.expected}, got {got}.")
        return ops.convert_to_numpy(self.converted(ops.convert_to_tensor(value)))

    def as_array(self, name, value):
        """A user's value as a numpy array of an accepted type.

        Raises:
            TypeError: for values of another type.
        """
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise TypeError(
                f"Expected {name} as one array, got lists of unequal lengths."
            ) from error
        if not array.size:
            return array.astype(self.dtype)
        if not array.dtype.name.startswith(self.accepted):
            raise TypeError(
                f"Expected {name} to be {self.wanted_type}, got {array.dtype}."
            )
        return array

    # Networks.

    def check_network(self, part, shape):
        """Raises ValueError for a network whose input does not take this datum.

        Args:
            part: the network's part in the model, such as "generator".
            shape: shape of the network's input, without the batch axis.
        """
        if tuple(shape) != self.shape:
            raise ValueError(
                f"Expected the {part} to take {self.about} of shape {self.shape}, got "
                f"an input of shape {tuple(shape)}. Make it keras.Input({self.shape}, "
                f"dtype={self.dtype!r})."
            )

    # Exported models.

    def example(self):
        """A small valid batch of one row in the sent form, for warm-up requests."""
        return np.zeros((1, *(side or 64 for side in self.sent_shape)), self.sent_dtype)


def type_name(dtype):
    """The name of a type of numpy, Keras or TensorFlow, such as "int32"."""
    name = getattr(dtype, "name", str(dtype))
    strings = name.startswith(("str", "bytes", "object"))
    return "string" if strings else name


def shape_words(shape):
    """A shape for messages: (n, 28, 28, 1), with "?" for sides that are not stated."""
    sides = ["n", *shape[1:]] if shape else []
    text = ", ".join("?" if side is None else str(side) for side in sides)
    return f"({text},)" if len(sides) == 1 else f"({text})"
