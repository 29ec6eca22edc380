"""Features of the images of a source, computed once and stored in the cache folder."""

import contextlib
import dataclasses
import hashlib
import json
import os
import time
import zipfile
import zlib

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.files import cache_dir, whole


@dataclasses.dataclass(frozen=True)
class SourceFeatures:
    """Features and class probabilities of the images of a source.

    Attributes:
        features: float32 (n, d).
        probabilities: float32 (n, k) of the network's classes, or None.
        seconds: time of the computation.
        cached: whether the features were read from the cache.
    """

    features: np.ndarray
    probabilities: np.ndarray | None
    seconds: float
    cached: bool

    def as_images(self):
        """The input of `StoredFeatures`: float32 (n, 1, 1, d + k)."""
        both = [self.features]
        if self.probabilities is not None:
            both.append(self.probabilities)
        return np.concatenate(both, axis=1)[:, None, None, :]


class StoredFeatures:
    """Replaces a feature network whose features are computed already.

    A metric uses it like the network, with `SourceFeatures.as_images` in place of
    images. One pass over the images is then enough for all metrics. Numbers, names and
    protocols are those of the network.

    Args:
        network: the feature object that computed the features.
        classes: number of its classes, or 0.
    """

    def __init__(self, network, classes=0):
        self.name = network.name
        self.dim = network.dim
        self.description = network.description
        if classes:
            self.classes = classes
            self.classify = self._classify

    def __call__(self, rows):
        """Features (n, dim) of rows (n, 1, 1, dim + classes)."""
        return ops.reshape(rows, (-1, rows.shape[-1]))[:, : self.dim]

    def _classify(self, rows):
        """Class probabilities (n, classes) of rows (n, 1, 1, dim + classes)."""
        return ops.reshape(rows, (-1, rows.shape[-1]))[:, self.dim :]


def compute_features(source, features, cache=True):
    """The features of a source, computed or from the cache.

    The cache is the folder `features` in the cache folder ($GAN_ZOO_CACHE, else
    ~/.cache/gan_zoo). The name of a file is a hash of the key of the source and the
    description of the network, which identifies its weights. Files are written
    atomically and are never deleted. Nothing is cached for a network without a
    published name, since its description does not identify its weights. A progress bar
    is shown after three seconds.

    Args:
        source: `gan_zoo.metrics.sources.Source`.
        features: result of `gan_zoo.features.resolve`.
        cache: whether to read and write the cache.

    Returns:
        `SourceFeatures`.

    Raises:
        ValueError: for a source without images.
    """
    cache = cache and _published(features)
    key = json.dumps([source.key, features.name, features.description])
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    path = cache_dir() / "features" / f"{name}.npz"
    found = _read(path) if cache else None
    if found is None:
        found = _compute(source, features)
        if cache:
            _write(path, found)
    return found


def _published(features):
    """Whether the name identifies the network, weights included."""
    return isinstance(getattr(features, "serialized", lambda: None)(), str)


def _compute(source, features):
    from tqdm import tqdm

    start = time.monotonic()
    classify = getattr(features, "classify", None)
    rows, probabilities = [], []
    with tqdm(total=source.count, desc=source.name, delay=3, leave=False) as bar:
        for batch in source.batches():
            images = ops.convert_to_tensor(_float(batch))
            with backend.one_pass():
                rows.append(ops.convert_to_numpy(features(images)))
                if classify:
                    probabilities.append(ops.convert_to_numpy(classify(images)))
            bar.update(len(batch))
    if not rows:
        raise ValueError(f"Expected images in {source.name}, got none.")
    return SourceFeatures(
        np.concatenate(rows),
        np.concatenate(probabilities) if classify else None,
        time.monotonic() - start,
        cached=False,
    )


def _float(batch):
    if batch.dtype == np.uint8:
        return batch.astype("float32") / np.float32(127.5) - 1
    return batch.astype("float32")


def _read(path):
    try:
        with open(path, "rb") as file, np.load(file) as held:
            probabilities = held["probabilities"]
            return SourceFeatures(
                held["features"],
                probabilities if probabilities.size else None,
                float(held["seconds"]),
                cached=True,
            )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None  # no such file, or a damaged one


def _write(path, found):
    probabilities = found.probabilities
    with contextlib.suppress(
        OSError
    ):  # a read-only folder: the next run computes again
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as partial, open(partial, "wb") as file:
            np.savez(
                file,
                features=found.features,
                probabilities=np.zeros(0) if probabilities is None else probabilities,
                seconds=found.seconds,
            )
            os.fsync(file.fileno())
