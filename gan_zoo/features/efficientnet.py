"""EfficientNet-lite0: ImageNet features from a 19 MB file with a free licence.

`python -m gan_zoo.features.install_weights` says how to get the weights.
"""

import keras
from keras import ops

from gan_zoo.features.classifier_features import ClassifierFeatures
from gan_zoo.features.weights import FILES, read_arrays

# Repeats, kernel, stride, expansion, filters, as in EfficientNet-B0, without squeeze
# and excitation.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
PLAIN = {"padding": "same", "use_bias": False}


def build(arrays, size=(224, 224)):
    """Builds EfficientNet-lite0 with the given weights, in float32.

    Args:
        arrays: dict of the published PyTorch names to arrays (convolutions OIHW).
        size: height and width of the images, multiples of 32.

    Returns:
        Functional `keras.Model` from images (n, *size, 3) in [-1, 1] to pooled features
        (n, 1280) and logits (n, 1000).
    """
    layers = {}

    def put(x, kind, name, *args, **kwargs):
        plain = "lite0" + name.replace(".", "_")
        layers[name] = kind(*args, **kwargs, dtype="float32", name=plain)
        return layers[name](x)

    def convolution(x, name, filters, kernel=1, stride=1):
        args, zeros = (filters, kernel, stride), {"kernel_initializer": "zeros"}
        return put(x, keras.layers.Conv2D, name, *args, **PLAIN, **zeros)

    def depthwise(x, name, kernel, stride):
        args, zeros = (kernel, stride), {"depthwise_initializer": "zeros"}
        return put(x, keras.layers.DepthwiseConv2D, name, *args, **PLAIN, **zeros)

    def norm(x, name):
        return put(x, keras.layers.BatchNormalization, name, epsilon=1e-3)

    x = images = keras.Input((*size, 3), name="lite0_images", dtype="float32")
    # (levels − 127) / 128 of levels = 127.5 (x + 1).
    x = put(x, keras.layers.Rescaling, "_scale", 127.5 / 128, offset=0.5 / 128)
    x = ops.relu6(norm(convolution(x, "_conv_stem", 32, 3, 2), "_bn0"))
    block = 0
    for repeats, kernel, first_stride, expansion, filters in STAGES:
        for repeat in range(repeats):
            prefix, block_input = f"_blocks.{block}.", x
            if expansion > 1:
                x = convolution(x, f"{prefix}_expand_conv", expansion * x.shape[-1])
                x = ops.relu6(norm(x, f"{prefix}_bn0"))
            stride = 1 if repeat else first_stride
            x = depthwise(x, f"{prefix}_depthwise_conv", kernel, stride)
            x = ops.relu6(norm(x, f"{prefix}_bn1"))
            x = norm(convolution(x, f"{prefix}_project_conv", filters), f"{prefix}_bn2")
            if repeat:
                x = x + block_input
            block += 1
    x = ops.relu6(norm(convolution(x, "_conv_head", 1280), "_bn1"))
    features = ops.mean(x, axis=(1, 2))
    logits = put(features, keras.layers.Dense, "_fc", 1000, kernel_initializer="zeros")
    for name, layer in layers.items():
        layer.set_weights(_weights(layer, name, arrays))
    return keras.Model(images, [features, logits], name="efficientnet_lite0")


def _weights(layer, name, arrays):
    if isinstance(layer, keras.layers.BatchNormalization):
        parts = ("weight", "bias", "running_mean", "running_var")
        return [arrays[f"{name}.{part}"] for part in parts]
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return [arrays[f"{name}.weight"].transpose(2, 3, 0, 1)]  # of (c, 1, k, k)
    if isinstance(layer, keras.layers.Conv2D):
        return [arrays[f"{name}.weight"].transpose(2, 3, 1, 0)]  # of (out, in, k, k)
    if isinstance(layer, keras.layers.Dense):
        return [arrays[f"{name}.weight"].T, arrays[f"{name}.bias"]]
    return []


def efficientnet_lite0(path=None):
    """The 1280 pooled features of EfficientNet-lite0.

    Args:
        path: file of the weights. The default is the file in the cache folder.

    Returns:
        `ClassifierFeatures`; images are resized to 224x224 by antialiased bilinear
        interpolation.

    Raises:
        FileNotFoundError: if the file does not exist. The message says how to get it.
        ValueError: if the weights are not the published ones.

    Reference: Tan and Le 2019, EfficientNet, 1905.11946; the lite variant:
    tensorflow/tpu, models/official/efficientnet/lite.
    """
    file = FILES["efficientnet_lite0"]
    network = build(read_arrays("efficientnet_lite0", path))
    weights = f"weights {file.digest[:8]} of {file.origin}"
    return ClassifierFeatures(network, "efficientnet_lite0", weights)
