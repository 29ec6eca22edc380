"""Features of images from a Keras network, after a resize and colour conversion."""

import math

import numpy as np
import tensorflow as tf
from keras import ops

from gan_zoo import backend
from gan_zoo.features.absent import absent
from gan_zoo.features.any_rows import any_rows
from gan_zoo.features.resize import clean_bilinear

# ITU-R BT.601, the weights of every common RGB-to-grey conversion.
LUMA = (0.299, 0.587, 0.114)


class NetworkFeatures:
    """Features of images: the output of a Keras network.

    Images of another size than the input of the network are resized by antialiased
    bilinear interpolation. If needed, grey images are repeated to three channels, and
    RGB images are converted to grey by the BT.601 luma. The network gets the range [-1,
    1]. A network for another range should begin with a `Rescaling` layer. An output (n,
    h, w, c) is averaged over height and width. Any other output is flattened.

    Args:
        network: built `keras.Model`, one NHWC image input, one output of known size.
        name: name in logs. The default is `network.name`.

    Raises:
        ValueError: if the input is not one image, or the size of the output is unknown.
    """

    def __init__(self, network, name=None):
        inputs = getattr(network, "inputs", None)  # absent from unbuilt models
        if not (inputs and len(inputs) == 1 and len(inputs[0].shape) == 4):
            raise ValueError(
                "Expected a feature network of one image input (n, h, w, c), got "
                f"{network.name!r} with inputs {inputs}. Pass a functional keras.Model."
            )
        outputs = network.outputs
        if len(outputs) != 1 or outputs[0].shape[-1] is None:
            raise ValueError(
                "Expected a feature network of one output whose last axis is known, "
                f"got {network.name!r} with outputs {outputs}. Choose one with "
                "keras.Model(network.input, network.get_layer(...).output)."
            )
        *_, height, width, self._channels = inputs[0].shape
        self._size = (height, width)
        self._pooled = len(outputs[0].shape) == 4
        shape = outputs[0].shape[-1:] if self._pooled else outputs[0].shape[1:]
        if None in shape:
            raise ValueError(
                "Expected a feature network whose flattened output has a known size, "
                f"got {network.name!r} with output shape {outputs[0].shape}. Pool it "
                "first."
            )
        self.network = network
        self.name = name or network.name
        self.dim = math.prod(shape)
        self.description = (
            f"{self.name} network ({self.dim}-d"
            f"{', global average' if self._pooled else ''}), input "
            f"{_size_in_words(self._size)} {_channels_in_words(self._channels)} in "
            "[-1, 1], resize antialiased bilinear"
        )

    def check_images(self, shape):
        """Raises ValueError for images that the network does not take.

        Args:
            shape: (height, width, channels) of an image, sides None where any will do.
        """
        check_image(shape, self._channels)

    def prepare(self, images):
        """Images (n, h, w, c) in the size and colour of the network."""
        images = checked(images)
        return _resized(recoloured(images, self._channels), self._size)

    @backend.once
    @any_rows
    def outputs(self, images):
        """The list of outputs of the network for images (n, h, w, c).

        They are NaN for an image that is not finite.
        """
        made = self.network(self.prepare(images), training=False)
        return nan_where_broken(images, [made])

    def __call__(self, images):
        """Float32 features (n, dim) of images (n, h, w, c) in [-1, 1]."""
        features = self.outputs(images)[0]
        if self._pooled:
            features = ops.mean(features, axis=(1, 2))  # (n, h, w, dim) -> (n, dim)
        return ops.cast(ops.reshape(features, (-1, self.dim)), "float32")

    def serialized(self):
        """The config entry of a metric that uses these features."""
        return absent(self)


def checked(images):
    """Checks a batch of float images (n, h, w, c) and returns a float32 tensor."""
    images = ops.convert_to_tensor(images)
    if len(images.shape) != 4 or not images.dtype.is_floating:
        raise ValueError(
            "Expected a batch of images (n, h, w, c), float in [-1, 1], got shape "
            f"{tuple(images.shape)}, {images.dtype.name}. For uint8 images: images / "
            "127.5 - 1."
        )
    return ops.cast(images, "float32")


def nan_where_broken(images, outputs):
    """Outputs of a network, NaN for each image that holds NaN or infinite numbers.

    Some kernels of ReLU and of pooling make finite numbers of NaN. The metrics of a
    broken generator would then look like those of a bad one.

    Args:
        images: what the network was given, (n, h, w, c).
        outputs: list of tensors (n, ...).

    Returns:
        List of tensors of the same shapes.
    """
    fine = ops.all(ops.isfinite(images), axis=(1, 2, 3))
    return [
        ops.where(ops.reshape(fine, (-1,) + (1,) * (len(x.shape) - 1)), x, np.nan)
        for x in outputs
    ]


def check_image(shape, channels):
    """Raises ValueError for images that cannot be given a number of channels.

    Args:
        shape: (height, width, channels) of an image.
        channels: number of channels that a network takes, or None.
    """
    if len(shape) != 3:
        raise ValueError(
            "Expected images (height, width, channels) for a feature network, got "
            f"vectors of shape {tuple(shape)}. For points there are metrics without a "
            "network, such as gan_zoo.metrics.ModeCoverage."
        )
    if channels not in (None, shape[-1]) and {shape[-1], channels} != {1, 3}:
        raise ValueError(
            f"Expected images with {channels} channel(s), as the feature network "
            f"takes, got {shape[-1]}. Only grey (1) and RGB (3) are converted into "
            "each other."
        )


def recoloured(images, channels):
    """Converts images to a number of channels: grey to RGB, or RGB to grey."""
    given = images.shape[-1]
    check_image(images.shape[1:], channels)
    if channels is None or given == channels:
        return images
    if (given, channels) == (1, 3):
        return ops.repeat(images, 3, axis=-1)
    return ops.sum(images * ops.convert_to_tensor(LUMA), axis=-1, keepdims=True)


def _resized(images, size):
    given = tuple(images.shape[1:3])
    if None in size or given == size:
        return images
    if None in given:
        return tf.image.resize(images, size, method="bilinear", antialias=True)
    # Equal up to float32 rounding, faster, and possible with XLA.
    return clean_bilinear(images, size)


def _size_in_words(size):
    return "any size" if None in size else f"{size[0]}x{size[1]}"


def _channels_in_words(channels):
    return {
        1: "grey (RGB by BT.601 luma)",
        3: "RGB (grey repeated)",
        None: "any channels",
    }.get(channels, f"{channels} channels")
