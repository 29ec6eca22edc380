"""The package's own MNIST digit network: the features behind `frechet_mnist`.

The weights ship in `mnist_features.npz` beside this file. What made them, in a few
minutes on two cores, is `gan_zoo.features.mnist_training`, run by

    python -m gan_zoo.features.mnist_training --mnist_dir=<folder of the four IDX .gz>
"""

import hashlib
import json
import pathlib

import keras
import numpy as np
from keras import ops

from gan_zoo.features.classifier_features import ClassifierFeatures

WEIGHTS = pathlib.Path(__file__).with_name("mnist_features.npz")


def build():
    """The digit network with all kernels zero, for `load` or `train` to fill.

    Every layer is named, float32 and free of random initial values: building it
    changes neither the random state nor the layer names of the program around it, and
    it ignores the global dtype policy.

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
    # Normalised, because without it 16 of the 64 rectifiers died in training. The
    # features are taken before the rectifier: images without a digit give 64 negative
    # numbers, so that noise and plain grey would have distance 0 after it.
    code = layer(keras.layers.BatchNormalization, "code")(dense(x))
    x = layer(keras.layers.ReLU, "dense_relu")(code)
    head = layer(keras.layers.Dense, "logits", 10, kernel_initializer="zeros")
    return keras.Model(images, [code, head(x)], name="mnist")


def load(path=WEIGHTS):
    """The trained network, and what its file says of the training.

    Args:
        path: an `.npz` written by `save`.

    Returns:
        The `keras.Model` of `build`, and a dict with `test_accuracy`, `seed`, ...

    Raises:
        ValueError: if the file belongs to another architecture.
    """
    network = build()
    variables = _named_variables(network)
    with np.load(path) as archive:
        record = json.loads(str(archive["record"]))
        odd = set(variables).symmetric_difference(archive.files) - {"record"}
        if odd:
            raise ValueError(
                f"Expected the weights of the digit network in {path}. Missing or "
                f"unknown: {sorted(odd)}. Train it again with python -m "
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

    28x28 images go in as they are. 32x32 ones are cropped to the central 28x28, which
    is MNIST again where the zoo padded it for a network of stride 8 or 16. Any other
    size is resized.

    Args:
        path: the file of weights.
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

    def prepare(self, images):
        """Images (n, h, w, c) cropped or resized, in grey: (n, 28, 28, 1)."""
        images = ops.convert_to_tensor(images)
        if len(images.shape) == 4 and None in images.shape[1:3]:
            raise ValueError(
                "Expected images of a static height and width, by which the digit "
                f"network crops or resizes them, got shape {images.shape}."
            )
        if tuple(images.shape[1:3]) == (32, 32):
            images = images[:, 2:30, 2:30]
        return super().prepare(images)
