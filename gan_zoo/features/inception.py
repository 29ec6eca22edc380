"""The 2015 Inception network: the features behind `fid`, `kid` and Inception Score.

Heusel et al. 2017 and Salimans et al. 2016 used one file, `classify_image_graph_def.pb`
of `inception-2015-12-05.tgz`, and a number of any other network, Keras's InceptionV3
included, is not comparable with theirs. `gan_zoo.features.weights` finds, downloads and
checks it, and says where its digest is from.
"""

import functools

from keras import ops

from gan_zoo import backend
from gan_zoo.features.absent import absent
from gan_zoo.features.frozen_graph import FrozenClassifier
from gan_zoo.features.names import INCEPTION
from gan_zoo.features.network_features import checked, recoloured
from gan_zoo.features.resize import clean_bicubic, legacy_bilinear
from gan_zoo.features.weights import FILES, find

SIZE = (299, 299)
NAMES = dict(zip(("legacy", "clean"), INCEPTION, strict=True))


class InceptionFeatures:
    """Features of a frozen graph of the 2015 Inception network's layout.

    The protocol is that of the original code. Images of 8 bits, as floats 0 ... 255,
    are resized to 299x299; the graph scales them by (x − 128) / 128; the features are
    the 2048 numbers of `pool_3`. Float images are rounded to the 8 bits that the
    original reads from files. Grey images are repeated to three channels.

    `classify` gives what the Inception Score is computed from: softmax of all 1008
    columns of `pool_3` · W, without the bias, as the original code does and, after it,
    torch-fidelity (`logits_unbiased`). The 1000 classes of ImageNet are among them.

    Args:
        graph: `FrozenClassifier`.
        name: name for logs. `inception` and `inception_clean` are reserved for the
            published file with the resize of that name.
        resize: `"legacy"`, TensorFlow 1's aliased bilinear, which published FIDs have
            and `inception` stands for; or `"clean"`, Pillow's antialiased bicubic on
            floats, clipped to [0, 255] and not rounded (Parmar et al. 2022).
        weights: the weights' origin and digest in words, for `description`.

    Raises:
        ValueError: for another resize, or a name that is reserved for others.
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

    def prepare(self, images):
        """Images (n, h, w, c) in [-1, 1] as (n, 299, 299, 3) in [0, 255]."""
        images = recoloured(checked(images), 3)
        levels = ops.round(ops.clip((images + 1) * 127.5, 0, 255))
        if self._resize == "clean":
            return ops.clip(clean_bicubic(levels, SIZE), 0, 255)
        return legacy_bilinear(levels, SIZE)

    @backend.once
    def outputs(self, images):
        """Features and logits of images (n, h, w, c) in [-1, 1]."""
        return self._graph(self.prepare(images))

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
    """The features of the 2015 Inception network, those of `fid`.

    Args:
        path: `classify_image_graph_def.pb`. Defaults to the one in the cache folder,
            which is downloaded where there is a network.
        resize: `"legacy"` for `fid`, `"clean"` for `fid_clean`; see
            `InceptionFeatures`.

    Returns:
        `InceptionFeatures`. All that come from one file share its graph.

    Raises:
        FileNotFoundError: if the file is not there and cannot be downloaded.
        ValueError: if its SHA-256 is not the published file's.

    Reference:
        Heusel et al. 2017, 1706.08500; Salimans et al. 2016, 1606.03498; the clean
        resize: Parmar et al. 2022, 2104.11222.
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
    """The `FrozenClassifier` of a file with the 2015 network's node names."""
    # Images go in where the original code puts them, after the decoding of a JPEG. The
    # graph's own resize leaves them as they are, since they have its size already.
    return FrozenClassifier(path, "ExpandDims", "pool_3", "softmax/logits/MatMul")
