"""The MNIST digit network of the package, whose features `frechet_mnist` uses.

The weights are in `mnist_features.npz` beside this file. They were trained in a few
minutes on two cores by `gan_zoo.features.mnist_training`:

    python -m gan_zoo.features.mnist_training --mnist_dir=<folder of the four IDX .gz>
"""

import hashlib
import json
import pathlib
import warnings

import keras
import numpy as np
from keras import ops

from gan_zoo.features.classifier_features import ClassifierFeatures

WEIGHTS = pathlib.Path(__file__).with_name("mnist_features.npz")


def build():
    """Builds the digit network with all kernels zero. `load` or `train` set them.

    Every layer has a name, is float32 and has no random initial values. Building it
    therefore does not change the random state or the layer names of a program, and does
    not depend on the global dtype policy.

    Returns:
        Functional `keras.Model` from images (n, 28, 28, 1) in [-1, 1] to features
        (n, 64) (before the last ReLU) and logits (n, 10).
    """

    def layer(kind, name, *args, **kwargs):
        return kind(*args, **kwargs, dtype="float32", name=f"mnist_{name}")

    x = images = keras.Input((28, 28, 1), name="mnist_images", dtype="float32")
    for i, (filters, size, pooled) in enumerate(
        [(16, 5, True), (32, 3, False), (48, 3, True), (64, 3, True)]
    ):
        conv = layer(
            keras.layers.Conv2D,
            f"conv{i}",
            filters,
            size,
            padding="same",
            use_bias=False,
            kernel_initializer="zeros",
        )
        x = layer(keras.layers.BatchNormalization, f"norm{i}")(conv(x))
        x = layer(keras.layers.ReLU, f"relu{i}")(x)
        if pooled:
            x = layer(keras.layers.MaxPooling2D, f"pool{i}")(x)
    x = layer(keras.layers.Flatten, "flat")(x)  # (n, 3, 3, 64) -> (n, 576)
    dense = layer(
        keras.layers.Dense, "dense", 64, use_bias=False, kernel_initializer="zeros"
    )
    # Without this normalisation 16 of the 64 ReLUs were dead after training. The
    # features are taken before the ReLU. Images without a digit give 64 negative
    # numbers, so after it noise and plain grey would have distance 0.
    code = layer(keras.layers.BatchNormalization, "code")(dense(x))
    x = layer(keras.layers.ReLU, "dense_relu")(code)
    head = layer(keras.layers.Dense, "logits", 10, kernel_initializer="zeros")
    return keras.Model(images, [code, head(x)], name="mnist")


def load(path=WEIGHTS):
    """Loads the trained network and the record of its training.

    Args:
        path: an `.npz` written by `save`.

    Returns:
        The `keras.Model` of `build`, and a dict with `test_accuracy`, `seed`, ...

    Raises:
        ValueError: if the file is for another architecture.
    """
    network = build()
    variables = _named_variables(network)
    with np.load(path) as archive:
        record = json.loads(str(archive["record"]))
        unmatched = set(variables).symmetric_difference(archive.files) - {"record"}
        if unmatched:
            raise ValueError(
                f"Expected the weights of the digit network in {path}. Missing or "
                f"unknown: {sorted(unmatched)}. Train it again with python -m "
                "gan_zoo.features.mnist_training."
            )
        for name, variable in variables.items():
            variable.assign(archive[name])
    return network, record


def save(network, record, path=WEIGHTS):
    """Writes the weights, and `record` as JSON, for `load`."""
    variables = _named_variables(network)
    arrays = {name: variable.numpy() for name, variable in variables.items()}
    np.savez_compressed(path, record=json.dumps(record), **arrays)


def _named_variables(network):
    return {
        f"{layer.name}/{variable.name}": variable
        for layer in network.layers
        for variable in layer.variables
    }


class MnistFeatures(ClassifierFeatures):
    """The 64 features of the package's digit network, before its last ReLU.

    28x28 images are not changed. 32x32 images are cropped to the central 28x28, since
    the package pads MNIST to 32x32 for networks of stride 8 or 16. Images of any other
    size are resized.

    Args:
        path: file of the weights.
    """

    def __init__(self, path=WEIGHTS):
        network, self.record = load(path)
        weights = b"".join(v.numpy().tobytes() for v in network.variables)
        digest = hashlib.sha256(weights).hexdigest()
        super().__init__(
            network,
            "mnist",
            f"32x32 cropped to its centre; gan_zoo's weights {digest[:8]}, test "
            f"accuracy {self.record['test_accuracy']:.2%}",
        )

    def check_images(self, shape):
        """Raises ValueError for other than grey and RGB images of a known size.

        RGB images are probably no digits, and give a warning.
        """
        super().check_images(shape)
        if None in shape[:2]:
            raise ValueError(
                "Expected images of a static height and width, by which the digit "
                f"network crops or resizes them, got shape {tuple(shape)}."
            )
        if shape[-1] == 3:
            warnings.warn(
                f"Expected grey digits for the network 'mnist', got RGB images {shape}."
                " Its numbers say nothing about other images. Pass other features, "
                "such as FrechetDistance('inception') or 'keras/MobileNetV2'.",
                stacklevel=2,
            )

    def prepare(self, images):
        """Images (n, h, w, c) cropped or resized, in grey: (n, 28, 28, 1)."""
        images = ops.convert_to_tensor(images)
        if len(images.shape) == 4 and None in images.shape[1:3]:
            self.check_images(images.shape[1:])
        if tuple(images.shape[1:3]) == (32, 32):
            images = images[:, 2:30, 2:30]
        return super().prepare(images)
