"""SqueezeNet 1.1: a small ImageNet network, and the layers that LPIPS compares.

Its weights, 5 MB, are in the package.
"""

import keras
from keras import ops

from gan_zoo.features.classifier_features import ClassifierFeatures
from gan_zoo.features.weights import FILES, read_arrays

FIRES = 8  # fire2 ... fire9
# Means of blue, green and red, subtracted from pixel values 0 ... 255 in training.
MEANS = (104.0, 117.0, 123.0)
# Fire modules whose outputs LPIPS compares, besides conv1.
TAPS = (3, 5, 6, 7, 8, 9)


def build(arrays, size=(None, None)):
    """Builds SqueezeNet 1.1 with the given weights, in float32.

    Args:
        arrays: dict of `conv1/kernel` (HWIO), `conv1/bias`, ... to arrays.
        size: height and width of the images, at least 17.

    Returns:
        Functional `keras.Model` from images (n, *size, 3), RGB in [-1, 1], to the seven
        feature maps after ReLU that LPIPS compares (64, 128, 256, 384, 384, 512 and 512
        channels) and the logits (n, 1000).
    """

    def named(kind, name, *args, **kwargs):
        return kind(*args, **kwargs, dtype="float32", name=f"squeezenet_{name}")

    def convolution(x, name, stride=1, padding="same"):
        kernel = arrays[f"{name}/kernel"]
        layer = named(
            keras.layers.Conv2D,
            name.replace("/", "_"),
            kernel.shape[-1],
            kernel.shape[0],
            stride,
            padding=padding,
            activation="relu",
            kernel_initializer="zeros",
        )
        x = layer(x)
        if name == "conv1":  # trained on blue, green, red
            kernel = kernel[:, :, ::-1]
        layer.set_weights([kernel, arrays[f"{name}/bias"]])
        return x

    def pool(x, name):
        # A window that starts inside the image is used, even if it extends one pixel
        # over the lower or right edge. Zeros do not change the maximum after a ReLU.
        x = named(keras.layers.ZeroPadding2D, f"{name}_edge", ((0, 1), (0, 1)))(x)
        return named(keras.layers.MaxPooling2D, name, 3, 2)(x)

    x = images = keras.Input((*size, 3), name="squeezenet_images", dtype="float32")
    offset = [127.5 - mean for mean in reversed(MEANS)]
    x = named(keras.layers.Rescaling, "levels", 127.5, offset=offset)(x)
    x = named(keras.layers.ZeroPadding2D, "conv1_edge", 1)(x)
    x = convolution(x, "conv1", stride=2, padding="valid")
    taps = [x]
    for i in range(2, 2 + FIRES):
        if i in (2, 4, 6):
            x = pool(x, f"pool{i - 1}")
        squeezed = convolution(x, f"fire{i}/squeeze1x1")
        expanded = [convolution(squeezed, f"fire{i}/expand{k}x{k}") for k in (1, 3)]
        x = named(keras.layers.Concatenate, f"fire{i}")(expanded)
        if i in TAPS:
            taps.append(x)
    logits = ops.mean(convolution(x, "conv10"), axis=(1, 2))
    return keras.Model(images, [*taps, logits], name="squeezenet")


def squeezenet(path=None):
    """The 512 features of SqueezeNet 1.1: its last fire module, pooled.

    Args:
        path: file of the weights. The default is the file in the package.

    Returns:
        `ClassifierFeatures`; images are resized to 224x224 by antialiased bilinear
        interpolation.

    Raises:
        FileNotFoundError: if the file does not exist. The message says how to get it.
        ValueError: if the weights are not the published ones.

    Reference: Iandola et al. 2016, SqueezeNet, 1602.07360.
    """
    file = FILES["squeezenet"]
    network = build(read_arrays("squeezenet", path), (224, 224))
    *_, last, logits = network.outputs
    pooled = keras.Model(network.input, [ops.mean(last, axis=(1, 2)), logits])
    weights = f"weights {file.digest[:8]} of {file.origin}"
    return ClassifierFeatures(pooled, "squeezenet", weights)
