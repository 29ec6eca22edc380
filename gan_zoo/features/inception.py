"""The 2015 Inception network: the features behind `fid`, `kid` and Inception Score.

Heusel et al. 2017 and Salimans et al. 2016 used the file `classify_image_graph_def.pb`
of `inception-2015-12-05.tgz`. Numbers of any other network, such as Keras's
InceptionV3, cannot be compared with theirs. `gan_zoo.features.weights` finds, downloads
and checks the file.
"""

import functools

from keras import ops

from gan_zoo import backend
from gan_zoo.features.absent import absent
from gan_zoo.features.any_rows import any_rows
from gan_zoo.features.frozen_graph import FrozenClassifier
from gan_zoo.features.names import INCEPTION
from gan_zoo.features.network_features import (
    check_image,
    checked,
    nan_where_broken,
    recoloured,
)
from gan_zoo.features.resize import clean_bicubic, legacy_bilinear
from gan_zoo.features.weights import FILES, find

SIZE = (299, 299)
NAMES = dict(zip(("legacy", "clean"), INCEPTION, strict=True))


class InceptionFeatures:
    """Features of the frozen graph of the 2015 Inception network.

    The protocol is that of the original code. 8-bit images, as floats 0 ... 255, are
    resized to 299x299. The graph scales them by (x − 128) / 128. The features are the
    2048 numbers of `pool_3`. Float images are rounded to 8 bits, since the original
    code reads 8-bit files. Grey images are repeated to three channels.

    `classify` returns the probabilities for the Inception Score: the softmax of all
    1008 columns of `pool_3` · W, without the bias, as in the original code and in
    torch-fidelity (`logits_unbiased`). They include the 1000 classes of ImageNet.

    Args:
        graph: `FrozenClassifier`.
        name: name in logs. `inception` and `inception_clean` are reserved for the
            published file with the resize of that name.
        resize: `"legacy"` is the aliased bilinear resize of TensorFlow 1, which
            published FIDs and `inception` use. `"clean"` is Pillow's antialiased
            bicubic resize on floats, clipped to [0, 255] and not rounded (Parmar et al.
            2022).
        weights: source and digest of the weights in words, for `description`.

    Raises:
        ValueError: for another resize, or a name that is reserved for other features.
    """

    def __init__(self, graph, name, resize="legacy", weights=""):
        if resize not in NAMES:
            raise ValueError(f"Expected a resize out of {list(NAMES)}, got {resize!r}.")
        published = graph.digest == FILES["inception"].digest
        if name in INCEPTION and not (published and name == NAMES[resize]):
            raise ValueError(
                f"The name {name!r} is reserved. Expected the published file, SHA-256 "
                f"{FILES['inception'].digest}, with the resize of that name, got "
                f"resize {resize!r} and a file with {graph.digest}. Give these "
                "features another name."
            )
        self._graph = graph
        self._resize = resize
        self.name = name
        self.dim = graph.dim
        self.classes = graph.classes
        filter_ = {
            "legacy": "TensorFlow 1's bilinear (aliased)",
            "clean": "antialiased bicubic on floats (clean-fid)",
        }[resize]
        self.description = (
            f"{name} network ({self.dim}-d pool_3), input 299x299 RGB (grey repeated), "
            f"8 bits, resize {filter_}; {weights or 'own weights'}"
        )

    def check_images(self, shape):
        """Raises ValueError for other images than grey and RGB ones (h, w, c)."""
        check_image(shape, 3)

    def prepare(self, images):
        """Converts images (n, h, w, c) in [-1, 1] to (n, 299, 299, 3) in [0, 255]."""
        images = recoloured(checked(images), 3)
        levels = ops.round(ops.clip((images + 1) * 127.5, 0, 255))
        if self._resize == "clean":
            return ops.clip(clean_bicubic(levels, SIZE), 0, 255)
        return legacy_bilinear(levels, SIZE)

    @backend.once
    @any_rows
    def outputs(self, images):
        """Features and logits of images (n, h, w, c) in [-1, 1]."""
        return nan_where_broken(images, self._graph(self.prepare(images)))

    def __call__(self, images):
        """Float32 features (n, 2048) of images (n, h, w, c) in [-1, 1]."""
        return self.outputs(images)[0]

    def classify(self, images):
        """Class probabilities (n, 1008) of images (n, h, w, c) in [-1, 1]."""
        return ops.softmax(self.outputs(images)[1])

    def serialized(self):
        """The config entry of a metric that uses these features."""
        return self.name if self.name in INCEPTION else absent(self)


def inception(path=None, resize="legacy"):
    """The features of the 2015 Inception network, which `fid` uses.

    Args:
        path: `classify_image_graph_def.pb`. The default is the file in the cache
            folder, which is downloaded if needed.
        resize: `"legacy"` for `fid`, `"clean"` for `fid_clean`; see
            `InceptionFeatures`.

    Returns:
        `InceptionFeatures`. Those of the same file share its graph.

    Raises:
        FileNotFoundError: if the file does not exist and cannot be downloaded.
        ValueError: if its SHA-256 is not that of the published file.

    Reference: Heusel et al. 2017, 1706.08500; Salimans et al. 2016, 1606.03498; the
    clean resize: Parmar et al. 2022, 2104.11222.
    """
    if resize not in NAMES:
        raise ValueError(f"Expected a resize out of {list(NAMES)}, got {resize!r}.")
    weights = f"weights of 2015, SHA-256 {FILES['inception'].digest[:8]}"
    return InceptionFeatures(_graph(path), NAMES[resize], resize, weights)


def _graph(path):
    path = find("inception", path)
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _read(path, _modified):
    return layout(path)


def layout(path):
    """The `FrozenClassifier` of a file with the node names of the network."""
    # The input is after the JPEG decoder, as in the original code. The resize of the
    # graph does not change the images, since they have the right size already.
    return FrozenClassifier(path, "ExpandDims", "pool_3", "softmax/logits/MatMul")
