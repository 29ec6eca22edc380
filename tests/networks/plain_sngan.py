"""Mimicry's recorded SNGAN networks, and the networks written plainly beside ours.

mimicry differs from the authors in two places: it upsamples bilinearly (theirs: the
nearest pixel), and its ReLU in place lets a discriminator block's shortcut see relu(x).
So a plain form of the networks stands between, written here without folding: with
mimicry's two ways it equals mimicry, with the authors' ways ours equals it.
"""

import keras
import numpy as np
import tensorflow as tf
from testing import golden

from gan_zoo.layers import ConditionalBatchNorm
from gan_zoo.networks.sngan import (
    discriminator_block,
    generator_block,
    sngan_discriminator,
    sngan_generator,
)


def case(name):
    """Arrays of one recorded case by key, without the case's name."""
    with np.load(golden("sngan.npz")) as archive:
        keys = [k for k in archive.files if k.startswith(f"{name}/")]
        return {k.removeprefix(f"{name}/"): archive[k] for k in keys}


def weights_of(arrays, module="M"):
    start = f"w/{module}/"
    return {
        k.removeprefix(start): tf.constant(v)
        for k, v in arrays.items()
        if k.startswith(start)
    }


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def cosine_sum(y):
    """The recorded gradients are of sum(y cos(0, 1, 2, ...)), channels first."""
    n, *rest = y.shape
    shape = (n, rest[-1], *rest[:-1])
    cosines = np.cos(np.arange(np.prod(shape), dtype="float32")).reshape(shape)
    return tf.reduce_sum(y * (channels_last(cosines) if len(rest) > 1 else cosines))


def assert_close(got, wanted, rel=5e-5):
    wanted = np.asarray(wanted)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=rel * np.abs(wanted).max())


class Plain:
    """The networks in TensorFlow's own operations on torch's weights, unfolded."""

    def __init__(self, weights, mode, mimicry, labels=None):
        self.weights = weights
        self.training = mode == "train"
        self.upsampling = "bilinear" if mimicry else "nearest"
        self.shortcut_input = tf.nn.relu if mimicry else tf.identity
        self.labels = labels

    def matrix(self, name):
        """A convolution's or dense layer's weight, spectrally normalised if it is."""
        if f"{name}.weight" in self.weights:
            return self.weights[f"{name}.weight"]
        weight = self.weights[f"{name}.weight_orig"]
        matrix = tf.reshape(weight, (weight.shape[0], -1))
        u, v = (self.weights[f"{name}.weight_{vector}"][:, None] for vector in "uv")
        if self.training:
            v = tf.linalg.l2_normalize(tf.matmul(matrix, u, transpose_a=True))
            u = tf.linalg.l2_normalize(tf.matmul(matrix, v))
        u, v = tf.stop_gradient(u), tf.stop_gradient(v)
        return weight / tf.reduce_sum(u * tf.matmul(matrix, v))

    def conv(self, x, name):
        kernel = tf.transpose(self.matrix(name), (2, 3, 1, 0))
        return tf.nn.conv2d(x, kernel, 1, "SAME") + self.weights[f"{name}.bias"]

    def dense(self, x, name):
        x = tf.matmul(x, self.matrix(name), transpose_b=True)
        return x + self.weights[f"{name}.bias"]

    def norm(self, x, name):
        w = self.weights
        statistics = name if f"{name}.running_mean" in w else f"{name}.bn"
        if self.training:
            mean, variance = tf.nn.moments(x, (0, 1, 2))
        else:
            mean = w[f"{statistics}.running_mean"]
            variance = w[f"{statistics}.running_var"]
        if statistics == name:
            gamma, beta = w[f"{name}.weight"], w[f"{name}.bias"]
        else:
            table = w[f"{name}.embed.weight"]
            table = tf.matmul(tf.one_hot(self.labels, len(table)), table)
            gamma, beta = tf.split(table[:, None, None, :], 2, axis=-1)
        return gamma * (x - mean) * tf.math.rsqrt(variance + 1e-5) + beta

    def up(self, x):
        height, width = x.shape[1:3]
        return tf.image.resize(x, (2 * height, 2 * width), self.upsampling)

    def generator_block(self, x, prefix="", up=True):
        resize = self.up if up else tf.identity
        h = self.conv(resize(tf.nn.relu(self.norm(x, f"{prefix}b1"))), f"{prefix}c1")
        h = self.conv(tf.nn.relu(self.norm(h, f"{prefix}b2")), f"{prefix}c2")
        if f"{prefix}c_sc.weight" in self.weights:
            x = self.conv(resize(x), f"{prefix}c_sc")
        return h + x

    def discriminator_block(self, x, prefix="", first=False):
        h = x if first else tf.nn.relu(x)
        h = self.conv(tf.nn.relu(self.conv(h, f"{prefix}c1")), f"{prefix}c2")
        x = x if first else self.shortcut_input(x)
        if f"{prefix}c_sc.weight_orig" not in self.weights:
            return h + x
        return tf.nn.avg_pool2d(h + self.conv(x, f"{prefix}c_sc"), 2, 2, "VALID")

    def generator(self, z):
        # (n, c * 4 * 4), channels first -> (n, 4, 4, c)
        x = tf.reshape(self.dense(z, "l1"), (len(z), -1, 4, 4))
        x = tf.transpose(x, (0, 2, 3, 1))
        for block in ("block2.", "block3.", "block4."):
            x = self.generator_block(x, block)
        return tf.tanh(self.conv(tf.nn.relu(self.norm(x, "b5")), "c5"))

    def discriminator(self, x):
        x = self.discriminator_block(x, "block1.", first=True)
        for block in ("block2.", "block3.", "block4."):
            x = self.discriminator_block(x, block)
        return self.dense(tf.reduce_sum(tf.nn.relu(x), (1, 2)), "l5")


def symbolic(shape, append):
    x = keras.Input(shape)
    return keras.Model(x, append(x))


def conditional_block(shape):
    x, labels = keras.Input(shape), keras.Input((), dtype="int32")

    def norm(x):
        return ConditionalBatchNorm(3)([x, labels])

    return keras.Model([x, labels], generator_block(x, 6, norm))


def block(append):
    return lambda shape: symbolic(shape, append)


def batch_norm(x):
    return keras.layers.BatchNormalization(momentum=0.9)(x)


# name: recorded module, input, the plain form, ours for an input shape
CASES = {
    "gblock_up": (
        "M",
        "x",
        Plain.generator_block,
        block(lambda x: generator_block(x, 8, batch_norm)),
    ),
    "gblock_same_ch_noup": (
        "M",
        "x",
        lambda plain, x: plain.generator_block(x, up=False),
        block(lambda x: generator_block(x, 6, batch_norm, up=False)),
    ),
    "gblock_up_cond": ("M", "x", Plain.generator_block, conditional_block),
    "dblock_down_sn": (
        "M",
        "x",
        Plain.discriminator_block,
        block(lambda x: discriminator_block(x, 8, down=True)),
    ),
    "dblock_optimized_sn": (
        "M",
        "x",
        lambda plain, x: plain.discriminator_block(x, first=True),
        block(lambda x: discriminator_block(x, 8, down=True, first=True)),
    ),
    "sngan32 generator": (
        "G",
        "z",
        Plain.generator,
        lambda shape: sngan_generator((32, 32, 3), *shape, width=8),
    ),
    "sngan32 discriminator": (
        "D",
        "x",
        Plain.discriminator,
        lambda shape: sngan_discriminator(shape, width=8),
    ),
}


class Recorded:
    """One case: its input, mimicry's numbers and the plain form."""

    def __init__(self, name):
        self.module, source, self.apply, self.build = CASES[name]
        self.arrays = case(name.split()[0])
        x = self.arrays[f"in/{source}"]
        self.x = channels_last(x) if x.ndim == 4 else x
        self.labels = self.arrays.get("in/y")
        self.weights = weights_of(self.arrays, self.module)

    def out(self, key):
        prefix = "" if self.module == "M" else f"{self.module}/"
        return self.arrays[f"out/{prefix}{key}"]

    def recorded_gradients(self):
        """By name; mimicry's networks have no gradient for statistics and vectors."""
        names = {k: f"grad_cos/{k}" for k in self.weights}
        start = f"out/{'' if self.module == 'M' else self.module + '/'}"
        return {
            k: self.out(v) for k, v in names.items() if f"{start}{v}" in self.arrays
        }

    def plain(self, mode, mimicry):
        return Plain(self.weights, mode, mimicry, self.labels)

    def plain_gradients(self, mimicry):
        plain = self.plain("train", mimicry)
        trained = {k: self.weights[k] for k in self.recorded_gradients()}
        with tf.GradientTape() as tape:
            tape.watch(trained)
            total = cosine_sum(self.apply(plain, self.x))
        return tape.gradient(total, trained)

    def network(self):
        """Ours with the recorded weights."""
        network = self.build(self.x.shape[1:])
        for layer, module in paired(network, self.weights):
            layer.set_weights(
                trainable_values(self.weights, module)
                + state_values(self.weights, module)
            )
            norm = getattr(layer, "norm", layer)
            if isinstance(norm, keras.layers.BatchNormalization):
                norm.epsilon = 1e-5  # mimicry's
        return network

    @property
    def inputs(self):
        return self.x if self.labels is None else [self.x, self.labels]


def paired(network, weights):
    """Our layers with torch's modules: of each kind in the order of creation."""
    modules = list(dict.fromkeys(k.rsplit(".", 1)[0] for k in weights))
    modules = list(dict.fromkeys(m.removesuffix(".bn") for m in modules))
    modules = list(dict.fromkeys(m.removesuffix(".embed") for m in modules))
    kinds = {"c": keras.layers.Conv2D, "l": keras.layers.Dense}
    norms = (keras.layers.BatchNormalization, ConditionalBatchNorm)
    for letter in "clb":
        ours = [x for x in network.layers if isinstance(x, kinds.get(letter, norms))]
        # conv, conv_1, ... conv_10
        ours.sort(key=lambda layer: (len(layer.name), layer.name))
        theirs = [m for m in modules if m.rsplit(".", 1)[-1].startswith(letter)]
        yield from zip(ours, theirs, strict=True)


def trainable_values(arrays, module):
    """A module's trained arrays, or their gradients, as our layer orders them."""
    if f"{module}.embed.weight" in arrays:
        return np.split(arrays[f"{module}.embed.weight"], 2, axis=1)
    weight = np.asarray(
        arrays.get(f"{module}.weight_orig", arrays.get(f"{module}.weight"))
    )
    bias = np.asarray(arrays[f"{module}.bias"])
    if module == "l1":  # (c * 4 * 4) -> (4 * 4 * c)
        order = np.arange(len(bias)).reshape(-1, 16).T.ravel()
        weight, bias = weight[order], bias[order]
    if weight.ndim == 4:
        weight = np.transpose(weight, (2, 3, 1, 0))
    return [weight.T if weight.ndim == 2 else weight, bias]


def state_values(arrays, module):
    """A module's running statistics, or its u and v."""
    if f"{module}.weight_u" in arrays:
        u, v = (np.asarray(arrays[f"{module}.weight_{name}"]) for name in "uv")
        shape = arrays[f"{module}.weight_orig"].shape[1:]
        if len(shape) == 3:  # (in, h, w) -> (h, w, in)
            v = np.transpose(v.reshape(shape), (1, 2, 0)).ravel()
        return [u, v]
    for owner in (module, f"{module}.bn"):
        if f"{owner}.running_mean" in arrays:
            return [arrays[f"{owner}.running_{name}"] for name in ("mean", "var")]
    return []
