"""Judges MNIST samples with a LeNet-5 that nobody here trained.

    python benchmarks/judge_mnist.py --weights mnist_lenet.npz --model RUN/export/1

Prints the share of samples that it reads with at least 0.9 confidence, how many of each
digit there are and, for models that take labels or class codes, how often it reads what
was asked for. The weights are torch's (names and layouts) of a public LeNet-5.
"""

import numpy as np
import tensorflow as tf
from absl import app, flags

from gan_zoo import metrics, serving


def lenet(images, weights):
    """Class probabilities (n, 10) of images (n, 28 or 32, same, 1) in [-1, 1]."""
    x = tf.convert_to_tensor(images, tf.float32)
    if x.shape[1] == 32:  # the zoo pads MNIST to 32
        x = x[:, 2:30, 2:30]
    x = tf.image.resize(x / 2 + 0.5, (32, 32))
    for layer in ("c1", "c3"):
        kernel = weights[f"convnet.{layer}.weight"].transpose(2, 3, 1, 0)
        x = tf.nn.conv2d(x, kernel, 1, "VALID") + weights[f"convnet.{layer}.bias"]
        x = tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "VALID")
    kernel = weights["convnet.c5.weight"].transpose(2, 3, 1, 0)
    x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + weights["convnet.c5.bias"])
    x = tf.reshape(x, (-1, 120))
    x = tf.nn.relu(x @ weights["fc.f6.weight"].T + weights["fc.f6.bias"])
    return tf.nn.softmax(x @ weights["fc.f7.weight"].T + weights["fc.f7.bias"]).numpy()


def read(images, weights):
    """Class probabilities (n, 10) of any number of images."""
    pieces = [lenet(images[i : i + 500], weights) for i in range(0, len(images), 500)]
    return np.concatenate(pieces)


def judge(images, weights):
    """(share read with at least 0.9 confidence, share of each digit)."""
    probabilities = read(images, weights)
    digits = np.bincount(probabilities.argmax(1), minlength=10) / len(images)
    return (probabilities.max(1) >= 0.9).mean(), digits


def samples_of(model, count, seed=0, label=None):
    """Images (count, h, w, 1) in [-1, 1] of an exported model, 500 at a time.

    A model of classes is asked for one, or for all in turn; codes are uniform.
    """
    inputs = model.card["endpoints"]["generate"]["inputs"]
    draw = np.random.default_rng(seed)
    pieces = []
    for start in range(0, count, 500):
        n = min(500, count - start)
        asked = {}
        if "labels" in inputs:
            asked["labels"] = np.arange(n) % 10 if label is None else np.full(n, label)
        if "codes" in inputs:
            asked["codes"] = draw.uniform(-1, 1, (n, inputs["codes"]["shape"][1]))
        pieces.append(model.generate(n, seed=seed + start, **asked))
    return np.concatenate(pieces) / np.float32(127.5) - 1


def confusion_matrix(model, weights, per_class=100):
    """How often images asked for as one class are read as each digit, (10, 10)."""
    table = []
    for label in range(10):
        images = samples_of(model, per_class, seed=label, label=label)
        digits = read(images, weights).argmax(1)
        table.append(np.bincount(digits, minlength=10))
    return np.array(table)


def main(_):
    """Reads or draws the samples and prints the verdict."""
    values = flags.FLAGS
    weights = np.load(values.weights)
    model = None if values.images else serving.load(values.model)
    images = (
        samples_of(model, values.count, values.seed)
        if model
        else np.load(values.images)
    )
    confident, digits = judge(images, weights)
    print(f"{len(images)} samples, {confident:.3f} read with confidence >= 0.9")
    print(
        "share of each digit:", " ".join(f"{d}:{s:.3f}" for d, s in enumerate(digits))
    )
    if model and "labels" in model.card["endpoints"]["generate"]["inputs"]:
        table = confusion_matrix(model, weights)
        print(
            f"100 of each class: {metrics.label_accuracy(table):.3f} read as asked, "
            f"{metrics.code_agreement(table):.3f} under the best matching"
        )


if __name__ == "__main__":
    # Here, since equal_budget.py imports this file and has flags of its own.
    flags.DEFINE_string("weights", None, "LeNet-5 weights (npz).", required=True)
    flags.DEFINE_string("model", None, "SavedModel exported by gan_zoo.")
    flags.DEFINE_string("images", None, "npy file of images in [-1, 1] instead.")
    flags.DEFINE_integer("count", 2000, "How many samples to draw.")
    flags.DEFINE_integer("seed", 0, "Seed of the samples.")
    app.run(main)
