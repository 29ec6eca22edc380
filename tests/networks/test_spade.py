"""SPADE's networks: sizes of the paper, the norm by hand."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.networks import spade
from gan_zoo.networks.blocks import ImageSizeError, instance_norm
from gan_zoo.networks.spade import spade_discriminator, spade_generator, spade_norm


def test_the_norm_by_hand():
    x, layout = keras.Input((4, 6, 3)), keras.Input((4, 6, 2))
    network = keras.Model([x, layout], spade_norm(x, layout, hidden=5))
    rng = np.random.default_rng(0)
    features = rng.normal(2.0, 3.0, (7, 4, 6, 3)).astype("float32")
    layouts = rng.uniform(-1, 1, (7, 4, 6, 2)).astype("float32")
    made = network([features, layouts], training=True)
    first, second = (y for y in network.layers if isinstance(y, keras.layers.Conv2D))
    both = second(first(layouts)).numpy()
    mean, deviation = features.mean((0, 1, 2)), np.sqrt(features.var((0, 1, 2)) + 1e-5)
    wanted = (features - mean) / deviation * (1 + both[..., :3]) + both[..., 3:]
    np.testing.assert_allclose(made, wanted, atol=1e-5)
    assert np.abs(both).max() < 0.5  # near the plain norm at first


def test_a_score_sees_a_patch_of_70_pixels(monkeypatch):
    # Instance norm would let the whole image in.
    monkeypatch.setattr(spade, "instance_norm", keras.layers.Identity)
    network = spade_discriminator((136, 136, 1), width=2)
    x = tf.random.stateless_normal((1, 136, 136, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = network(x)[0][0, 10, 10, 0]
    rows, columns = np.nonzero(tape.gradient(score, x)[0, ..., 0])
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (70, 70)


def test_layouts_of_one_colour_stay_apart():
    """The paper's section 3: plain norms make all layouts of one colour the same."""
    layouts = np.float32([-0.8, 0.1, 0.9])[:, None, None, None] * np.ones((3, 8, 8, 1))
    layout = keras.Input((8, 8, 1))
    washed = instance_norm()(keras.layers.Conv2D(4, 1)(layout))
    np.testing.assert_allclose(keras.Model(layout, washed)(layouts), 0, atol=1e-4)
    kept = keras.Model(layout, spade_norm(washed, layout, hidden=32))(layouts)
    inside = np.asarray(kept)[:, 3:5, 3:5]  # away from the padding
    assert np.abs(inside[1:] - inside[:-1]).max(axis=(1, 2, 3)).min() > 1e-3


def test_paper_sizes():
    """Weights of the layers that the authors' code has for 3 channels of layout."""

    def conv(side, inputs, outputs):
        return side * side * inputs * outputs + outputs

    def norm(features):
        # Running statistics of the norm, the shared layer, scales and shifts.
        return 2 * features + conv(3, 3, 128) + 2 * conv(3, 128, features)

    def spectral(side, inputs, outputs, bias=True):
        """With the two vectors of the power iteration."""
        vectors = outputs + side * side * inputs
        return conv(side, inputs, outputs) - (not bias) * outputs + vectors

    def block(inputs, outputs):
        middle = min(inputs, outputs)
        weights = norm(inputs) + spectral(3, inputs, middle)
        weights += norm(middle) + spectral(3, middle, outputs)
        if inputs != outputs:
            weights += norm(inputs) + spectral(1, inputs, outputs, bias=False)
        return weights

    # A quarter of the paper's width, which would take half a gigabyte.
    wide = [256, 256, 256, 256, 128, 64, 32, 16]
    total = conv(3, 3, 256) + conv(3, 16, 3)
    total += sum(block(a, b) for a, b in itertools.pairwise(wide))
    assert spade_generator((256, 256, 3), width=16).count_params() == total
    discriminator = spade_discriminator((256, 256, 6))
    shapes = [tuple(x.shape[1:]) for x in discriminator.outputs]
    # Sides become h / 2 + 1, and h + 1 in the last two layers, without a stride.
    maps = [(129, 129, 64), (65, 65, 128), (33, 33, 256), (34, 34, 512)]
    assert shapes == [(35, 35, 1), *maps]
    halved = spade_discriminator((256, 256, 6), halved=True)
    assert halved.outputs[1].shape[1:] == (65, 65, 64)
    assert halved.count_params() == discriminator.count_params()


@pytest.mark.parametrize(("side", "levels"), [(256, 5), (128, 5), (32, 3), (28, 2)])
def test_doublings(side, levels):
    network = spade_generator((side, side, 1), width=1, hidden=2)
    doublings = [x for x in network.layers if "up_sampling" in x.name]
    assert len(doublings) == levels
    for height, width in ((side, side), (2 * 2**levels, 3 * 2**levels)):
        made = network(np.zeros((1, height, width, 1), "float32"))
        assert made.shape == (1, height, width, 3)
        assert np.abs(made).max() <= 1


def test_what_does_not_fit_is_refused():
    with pytest.raises(ImageSizeError, match=r"2 times: .* multiples of 4, got"):
        spade_generator((30, 30, 3), levels=2)
    with pytest.raises(ImageSizeError, match=r"1 times: .* multiples of 2, got"):
        spade_generator((31, 31, 3))
    with pytest.raises(ValueError, match="height, width, channels"):
        spade_generator((784,))
    open_sides = spade_generator((None, None, 1), width=1, levels=2, hidden=2)
    assert open_sides(np.zeros((1, 8, 4, 1))).shape == (1, 8, 4, 3)
