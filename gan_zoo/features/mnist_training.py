"""Training of the digit network: `python -m gan_zoo.features.mnist_training`."""

import argparse
import datetime
import gzip
import json
import pathlib
import time

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from gan_zoo.features.mnist import WEIGHTS, build, save


def not_digits(digits, rng):
    """Images without a digit, such as an untrained generator might make.

    A quarter each is uniform noise, black-and-white dots, smooth blobs, and digits cut
    into 16 shuffled tiles. Half of them have a reduced contrast around a random grey.
    The network is trained to give equal probabilities to all classes for them
    (Hendrycks et al. 2019, "Deep Anomaly Detection with Outlier Exposure",
    arXiv:1812.04606, eq. 1). Without them it classifies noise and plain grey with a
    probability above 0.9.

    Args:
        digits: images (n, 28, 28, 1) in [-1, 1], which are cut into tiles.
        rng: `numpy.random.Generator`.

    Returns:
        Images (n, 28, 28, 1) in [-1, 1].
    """
    n = len(digits)
    each = (n, 1, 1, 1)
    grey = rng.uniform(-1, 1, each)
    noise = rng.uniform(-1, 1, digits.shape)
    dots = np.where(noise > rng.uniform(-1, 1, each), 1, -1)
    coarse = rng.normal(size=(n, 7, 7, 1)).astype("float32")
    blobs = np.tanh(
        3 * ops.image.resize(coarse, (28, 28), "bicubic").numpy() + 3 * grey
    )
    tiles = digits.reshape(n, 4, 7, 4, 7).swapaxes(2, 3).reshape(n, 16, 7, 7)
    order = rng.permuted(np.tile(np.arange(16), (n, 1)), axis=1)
    tiles = np.take_along_axis(tiles, order[:, :, None, None], axis=1)
    tiles = tiles.reshape(n, 4, 4, 7, 7).swapaxes(2, 3).reshape(digits.shape)
    images = np.choose(rng.integers(0, 4, each), [noise, dots, blobs, tiles])
    contrast = np.where(rng.random(each) < 0.5, 1, rng.uniform(0, 1, each))
    return (contrast * images + (1 - contrast) * grey).astype("float32")


def train(images, labels, epochs, seed, batch_size=128):
    """Trains the network on digits shifted by up to two pixels.

    Args:
        images: (n, 28, 28, 1) in [-1, 1].
        labels: (n,), integers 0 to 9.
        epochs: number of epochs. Each has n / 5 new images without a digit in addition.
        seed: integer seed of the initial weights and of all random numbers.
        batch_size: number of images in a step, with those without a digit.

    Returns:
        The trained `keras.Model` of `build`.
    """
    rng = np.random.default_rng(seed)
    network = build()
    for i, variable in enumerate(network.trainable_variables):
        if variable.name == "kernel":
            initializer = keras.initializers.HeNormal(seed=1000 * seed + i)
            variable.assign(initializer(variable.shape))
    steps = (len(images) + len(images) // 5) // batch_size
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, epochs * steps, warmup_target=4e-3, warmup_steps=steps // 2
    )
    classifier = keras.Model(network.input, network.outputs[1])
    classifier.compile(
        keras.optimizers.Adam(rate, beta_2=0.99),
        keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    padded = np.pad(images[..., 0], ((0, 0), (2, 2), (2, 2)), constant_values=-1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (28, 28), (1, 2))
    for _ in range(epochs):
        chosen = rng.permutation(len(images))
        down, right = rng.integers(0, 5, (2, len(images)))
        digits = windows[chosen, down, right][..., None]  # (n, 28, 28, 1)
        others = not_digits(digits[: len(images) // 5], rng)
        x = np.concatenate([digits, others])
        y = np.concatenate(
            [np.eye(10)[labels[chosen]], np.full((len(others), 10), 0.1)]
        )
        order = rng.permutation(len(x))[: steps * batch_size]
        classifier.fit(x[order], y[order], batch_size, shuffle=False, verbose=2)
    return network


def read_mnist(mnist_dir=None):
    """Reads training and test set as pairs (images in [-1, 1], labels).

    Args:
        mnist_dir: folder of the four original `.gz` files. With `None`,
            tensorflow_datasets downloads them.

    Returns:
        List of the two pairs.
    """
    if mnist_dir is None:
        import tensorflow_datasets as tfds

        sets = tfds.as_numpy(tfds.load("mnist", split=["train", "test"], batch_size=-1))
        sets = [(part["image"], part["label"]) for part in sets]
    else:
        sets = [
            (_idx(mnist_dir, f"{part}-images-idx3", 16), _idx(mnist_dir, labels, 8))
            for part, labels in [
                ("train", "train-labels-idx1"),
                ("t10k", "t10k-labels-idx1"),
            ]
        ]
    return [
        (images.reshape(-1, 28, 28, 1) / np.float32(127.5) - 1, labels)
        for images, labels in sets
    ]


def _idx(folder, stem, header):
    with gzip.open(pathlib.Path(folder) / f"{stem}-ubyte.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def accuracy(network, images, labels):
    """The share of images (n, 28, 28, 1) that are classified correctly."""
    logits = network.predict(images, batch_size=500, verbose=0)[1]
    return float(np.mean(logits.argmax(axis=1) == labels))


def main():
    """Trains the network, prints its test accuracy and writes its file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--mnist_dir", help="the four IDX .gz; default: use tfds")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, default=WEIGHTS)
    args = parser.parse_args()
    # The same seed gives the same file, to the bit, on the same machine.
    tf.config.experimental.enable_op_determinism()
    (images, labels), test = read_mnist(args.mnist_dir)
    start = time.time()
    network = train(images, labels, args.epochs, args.seed)
    record = {
        "test_accuracy": accuracy(network, *test),
        "seed": args.seed,
        "epochs": args.epochs,
        "minutes": round((time.time() - start) / 60, 1),
        "date": datetime.date.today().isoformat(),
        "keras": keras.__version__,
    }
    save(network, record, args.out)
    print(json.dumps(record), f"-> {args.out}, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
