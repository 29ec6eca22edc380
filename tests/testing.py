"""What several test files share: optional reference data and small builders."""

import contextlib
import inspect
import os
import pathlib

import keras
import pytest
from absl import flags

import gan_zoo

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Reference data that does not ship: a folder beside the checkout, or wherever
# GAN_ZOO_REFERENCE points. Tests that need a missing file skip and say so.
REFERENCE = pathlib.Path(
    os.environ.get("GAN_ZOO_REFERENCE", ROOT.parent / "shared")
).resolve()


def _reference(*parts):
    path = REFERENCE.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"reference file {'/'.join(parts)} is not on this machine")
    return path


def shared_data(name):
    """Path of a data set or weight file that does not ship, or skip."""
    return _reference("data", name)


def golden(name):
    """Path of another project's recorded numbers: shipped extract first, or skip."""
    shipped = ROOT / "tests" / "golden" / name
    return shipped if shipped.exists() else _reference("golden", name)


def classes_of_systems():
    """Every model class that the zoo offers."""
    # The package loads a name when it is asked for, so that vars() would be empty.
    offered = [getattr(gan_zoo, name) for name in gan_zoo.__all__ if name[0].isupper()]
    classes = filter(inspect.isclass, offered)
    return [cls for cls in classes if issubclass(cls, keras.Model)]


def rebuilt(layer):
    """The layer made anew from its saved configuration, without its weights."""
    config = keras.saving.serialize_keras_object(layer)
    return keras.saving.deserialize_keras_object(config)


@contextlib.contextmanager
def flags_of_its_own():
    """Takes back the flags that a command line defines and parses inside the block."""
    before = set(flags.FLAGS)
    try:
        yield
    finally:
        for name in set(flags.FLAGS) - before:
            delattr(flags.FLAGS, name)
        flags.FLAGS.unparse_flags()
