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


def _reference_folder():
    """The folder of the reference files that do not ship, or None without one.

    It is `$GAN_ZOO_REFERENCE`, or else the folder beside the checkout that holds
    `golden/README.md`.
    """
    if "GAN_ZOO_REFERENCE" in os.environ:
        return pathlib.Path(os.environ["GAN_ZOO_REFERENCE"]).resolve()
    beside = sorted(ROOT.parent.glob("*/golden/README.md"))
    return beside[0].parent.parent.resolve() if beside else None


REFERENCE = _reference_folder()


def _reference(*parts):
    path = REFERENCE and REFERENCE.joinpath(*parts)
    if path is None or not path.exists():
        pytest.skip(
            f"reference file {'/'.join(parts)} is not in $GAN_ZOO_REFERENCE, nor in a "
            "folder beside the checkout"
        )
    return path


def reference_data(name):
    """Path of a data set or weight file that does not ship, or skip."""
    return _reference("data", name)


def golden(name):
    """Path of another project's recorded numbers: shipped extract first, or skip."""
    shipped = ROOT / "tests" / "golden" / name
    return shipped if shipped.exists() else _reference("golden", name)


def classes_of_systems():
    """Every model class that the zoo offers."""
    # Looked up by name, since the package imports each only when it is used.
    public = (getattr(gan_zoo, name) for name in gan_zoo._PLACES)
    classes = filter(inspect.isclass, public)
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


def shorten_fit(monkeypatch):
    """Two training steps an epoch and one epoch: a test is no training."""
    fit = keras.Model.fit

    def short(self, **kwargs):
        return fit(self, **kwargs | {"epochs": 1, "steps_per_epoch": 2, "verbose": 0})

    monkeypatch.setattr(keras.Model, "fit", short)
