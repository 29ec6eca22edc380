"""Export to the formats of other runtimes: ONNX and LiteRT."""

import importlib.util

import keras
import tensorflow as tf

from gan_zoo.files import replacing
from gan_zoo.serving.sampler import Sampler
from gan_zoo.serving.saved_model import check_finite, local_path
from gan_zoo.serving.translator import Translator


def export_onnx(model, path, *, direction=None, overwrite=False):
    """Writes the sampling network as an ONNX file, for ONNX Runtime and others.

    Args:
        model: a `Sampler` (its file maps z, and labels if it has classes, to images) or
            a `Translator`.
        path: local file to write, ending in `.onnx`.
        direction: which direction of a `Translator`; its first by default.
        overwrite: replace what stands at `path`.

    Returns:
        `pathlib.Path` of the file. Its images are float32 in [-1, 1], its controls
        stand at their defaults.

    Raises:
        ImportError: without the packages of `gan_zoo[export]`.
        ValueError: for another ending or an unknown direction.
        OSError: as `export`.
    """
    return _export(model, path, "onnx", ".onnx", "tf2onnx", direction, overwrite)


def export_litert(model, path, *, direction=None, overwrite=False):
    """Writes the sampling network as a LiteRT file, for phones and small devices.

    Args:
        model: as for `export_onnx`.
        path: local file to write, ending in `.tflite`.
        direction: which direction of a `Translator`; its first by default.
        overwrite: replace what stands at `path`.

    Returns:
        `pathlib.Path` of the file, as for `export_onnx`.

    Raises:
        ImportError: without the packages of `gan_zoo[export]`.
        ValueError: for another ending or an unknown direction.
        OSError: as `export`.
    """
    return _export(
        model, path, "litert", ".tflite", "ai_edge_litert", direction, overwrite
    )


def _export(model, path, format, ending, package, direction, overwrite):
    if importlib.util.find_spec(package) is None:
        raise ImportError(
            f"Export to {format} expects the package {package}, and did not find it. "
            "Install it with pip install 'gan_zoo[export]'."
        )
    path = local_path(path)
    if path.suffix != ending:
        raise ValueError(f"Expected a path that ends in {ending}, got {path}.")
    network, inputs = _network_of(model, direction)
    check_finite(model)
    with replacing(path, overwrite, [tf.errors.OpError], marker=path.name) as scratch:
        network.export(
            str(scratch), format=format, verbose=False, input_signature=[inputs]
        )
    return path


class _Network(keras.Model):
    """A function of tensors over some networks, as one network to export."""

    def __init__(self, networks, function):
        super().__init__(name="sampling")
        self.networks = networks
        self.function = function
        self.built = True

    def call(self, inputs, training=None):
        return self.function(*keras.tree.flatten(inputs))


def _network_of(model, direction):
    """One network of what the model does to sample or translate, and its inputs."""
    if isinstance(model, Translator):
        directions = model.directions
        direction = direction or next(iter(directions))
        if direction not in directions:
            raise ValueError(
                f"Expected direction in {sorted(directions)}, got {direction!r}."
            )
        shape = model.domains[directions[direction].source]
        first = _input("images", shape)

        def call(images, **rows):
            return model.translated(images, direction, **rows)

    elif isinstance(model, Sampler):
        if direction is not None:
            raise ValueError(f"{type(model).__name__} has no directions.")
        first, call = _input("z", (model.latent_dim,)), model.sample
    else:
        raise TypeError(
            "Expected a model that makes images from noise or turns images into "
            f"images, got {type(model).__name__}."
        )
    conditions = getattr(model, "conditions", None) or {}

    def function(x, *rows):
        return call(x, **dict(zip(conditions, rows, strict=True)))

    inputs = [_input(name, kind.shape, kind.dtype) for name, kind in conditions.items()]
    networks = list(model.sampling_networks.values())
    return _Network(networks, function), [first, *inputs] if inputs else first


def _input(name, shape, dtype="float32"):
    return keras.InputSpec(dtype, (None, *shape), name=name)
