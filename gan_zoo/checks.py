"""Checks of numbers that users pass: counts, seeds, weights, decays."""

import difflib
import inspect
import math
import numbers


def check_count(name, value, least=1):
    """Raises ValueError for other than an integer of at least `least`."""
    if not _is_integer(value) or value < least:
        raise ValueError(
            f"Expected {name} to be an integer of at least {least}, got {value!r}."
        )


def _is_integer(value):
    """Whether a value is an integer; Python counts True and False among them."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def check_seed(seed):
    """Raises ValueError for other than an integer of 64 bits."""
    if not _is_integer(seed) or not -(2**63) <= seed < 2**63:
        raise ValueError(
            f"Expected seed to be an integer of at most 64 bits, got {seed!r}."
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


def check_positive(name, value):
    """Raises ValueError for other than a number above 0, such as a bound of weights."""
    if not is_number(value) or value <= 0:
        raise ValueError(
            f"Expected {name} above 0, a number such as 0.01, got {value!r}."
        )


def check_decay(name, value):
    """Raises ValueError for other than a moving average's decay, in [0, 1)."""
    if not is_number(value) or not 0 <= value < 1:
        raise ValueError(
            f"Expected {name} in [0, 1), the share of the average that each step "
            f"keeps, got {value!r}."
        )


def check_choice(name, value, choices):
    """Raises ValueError for a value that is not among the choices."""
    if value not in list(choices):  # lists have no hash
        raise ValueError(
            f"Expected {name} to be one of {tuple(choices)}, got {value!r}."
        )


def as_tuple(values):
    """The values of a sequence as a tuple; an empty one where there is no sequence."""
    try:
        return tuple(values)
    except TypeError:
        return ()


def check_bandwidths(bandwidths):
    """A mixture's bandwidths as a tuple of floats.

    Raises:
        ValueError: when there are none, or one is no number above 0.
    """
    widths = as_tuple(bandwidths)
    if not widths or not all(is_number(w) and w > 0 for w in widths):
        raise ValueError(
            "Expected bandwidths above 0, several numbers such as (1.0, 2.0), got "
            f"{bandwidths!r}."
        )
    # An array cannot be asked whether it is empty, nor be saved in a configuration.
    return tuple(map(float, widths))


def suggestion(name, known):
    """A sentence that asks whether an argument of a similar name was meant, or none.

    Args:
        name: str that names no argument.
        known: names of those that there are.
    """
    close = difflib.get_close_matches(name, known, 1)
    return f" Did you mean {close[0]}=?" if close else ""


def check_known(cls, given):
    """Checks the names of arguments before a constructor is called.

    Args:
        cls: class whose constructors may hand on what they do not know.
        given: names of arguments.

    Raises:
        TypeError: for an argument that no constructor has.
    """
    known = []
    for base in cls.__mro__[:-1]:
        if "__init__" not in vars(base):
            continue
        own = inspect.signature(base.__init__).parameters.values()
        # Of the others, a subclass passes on what has a name and a default.
        kinds = (inspect.Parameter.KEYWORD_ONLY,)
        if not known:
            kinds += (inspect.Parameter.POSITIONAL_OR_KEYWORD,)
        known += [x.name for x in own if x.kind in kinds and x.name != "self"]
        if not any(x.kind is x.VAR_KEYWORD for x in own):
            break
        if not base.__module__.startswith("gan_zoo."):
            return  # a class of the user's, which may take any name
    for name in given:
        if name not in known:
            hint = suggestion(name, known)
            raise TypeError(f"{cls.__name__} has no argument {name}=.{hint}")
