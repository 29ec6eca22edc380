"""R3GAN's networks against the authors' numbers, and their first weights."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import golden

from gan_zoo.layers import FIRDownsample, FIRUpsample, GroupedConv2D
from gan_zoo.networks.r3gan import (
    paper_widths,
    r3gan_discriminator,
    r3gan_generator,
)


def case(name):
    with np.load(golden("r3gan_nets.npz")) as archive:
        keys = [k for k in archive.files if k.startswith(f"{name}/")]
        return {k.removeprefix(f"{name}/"): archive[k] for k in keys}


def channels_last(x):
    return np.transpose(x, (0, 2, 3, 1))


def assert_close(got, wanted, rel=1e-5):
    wanted = np.asarray(wanted)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=rel * np.abs(wanted).max())


def block_names(stage, first, blocks):
    """The names of a stage's blocks in the order of our variables."""
    for block in range(first, first + blocks):
        name = f"MainLayers.{stage}.Layers.{block}."
        for layer in (1, 2):
            yield f"{name}LinearLayer{layer}.Layer.weight"
            yield f"{name}NonLinearity{layer}.Bias"
        yield f"{name}LinearLayer3.Layer.weight"


def generator_names(blocks, conditional):
    if conditional:
        yield "EmbeddingLayer.weight"
    yield "MainLayers.0.Layers.0.LinearLayer.weight"
    yield "MainLayers.0.Layers.0.Basis"
    for stage, count in enumerate(blocks):
        if stage:
            yield f"MainLayers.{stage}.Layers.0.LinearLayer.Layer.weight"
        yield from block_names(stage, 1, count)
    yield "AggregationLayer.Layer.weight"


def discriminator_names(blocks, conditional):
    yield "ExtractionLayer.Layer.weight"
    last = len(blocks) - 1
    for stage, count in enumerate(blocks):
        yield from block_names(stage, 0, count)
        if stage < last:
            yield f"MainLayers.{stage}.Layers.{count}.LinearLayer.Layer.weight"
    end = f"MainLayers.{last}.Layers.{blocks[-1]}"
    yield f"{end}.Basis.weight"
    yield f"{end}.LinearLayer.weight"
    if conditional:
        yield "EmbeddingLayer.weight"


def in_our_layout(name, value):
    if name.endswith("Basis"):  # (c, h, w) -> (h, w, c)
        return np.transpose(value, (1, 2, 0))
    if name.endswith("Basis.weight"):  # (c, 1, h, w) -> (h, w, c, 1)
        return np.transpose(value, (2, 3, 0, 1))
    if value.ndim == 4:  # (out, in, h, w) -> (h, w, in, out)
        return np.transpose(value, (2, 3, 1, 0))
    return value.T


def recorded(name):
    """The recorded arrays, and our networks with the recorded weights."""
    arrays = case(name)
    settings = json.loads(str(arrays["cfg"]))
    widths, blocks = settings["width"], settings["blocks"]
    groups = [
        settings["exp"] * width // count
        for width, count in zip(widths, settings["card"], strict=True)
    ]
    conditional = settings["c_dim"] > 0
    sizes = {"widths": widths, "blocks": blocks, "group": groups}
    if conditional:
        sizes |= {"num_classes": settings["c_dim"], "class_dim": settings["c_emb"]}
    generator = r3gan_generator((16, 16, 3), settings["z"], **sizes)
    discriminator = r3gan_discriminator((16, 16, 3), **sizes)
    for network, module, names in (
        (generator, "G", generator_names(blocks, conditional)),
        (discriminator, "D", discriminator_names(blocks[::-1], conditional)),
    ):
        pairs = zip(network.trainable_variables, names, strict=True)
        for variable, key in pairs:
            variable.assign(in_our_layout(key, arrays[f"w/{module}/{key}"]))
    labels = np.argmax(arrays["in/y"], -1).astype("int32") if conditional else None
    return arrays, generator, discriminator, labels


def with_labels(x, labels):
    return x if labels is None else [tf.constant(x), tf.constant(labels)]


@pytest.mark.parametrize("name", ["r16_uncond", "r16_cond"])
def test_networks_equal_the_authors(name):
    arrays, generator, discriminator, labels = recorded(name)
    images = generator(with_labels(arrays["in/z"], labels))
    assert_close(images, channels_last(arrays["out/G"]), 1e-6)
    x = tf.constant(channels_last(arrays["in/x"]))
    scores = discriminator(with_labels(x, labels))
    assert_close(scores[:, 0], arrays["out/D_x"], 2e-6)
    scores = discriminator(with_labels(images, labels))
    assert_close(scores[:, 0], arrays["out/D_G"], 2e-6)


@pytest.mark.parametrize("name", ["r16_uncond", "r16_cond"])
def test_gradients_of_the_discriminator_equal_the_authors(name):
    arrays, _, discriminator, labels = recorded(name)
    x = tf.constant(channels_last(arrays["in/x"]))
    values = [v.value for v in discriminator.trainable_variables]
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(discriminator(with_labels(x, labels)))
    blocks = json.loads(str(arrays["cfg"]))["blocks"]
    names = discriminator_names(blocks[::-1], labels is not None)
    for key, gradient in zip(names, tape.gradient(total, values), strict=True):
        assert_close(gradient, in_our_layout(key, arrays[f"out/gradDsum_x/{key}"]))


def test_resamplers_equal_the_authors():
    arrays = case("resamplers")
    x = channels_last(arrays["in/x"])
    for kind in ("cuda_class", "reference"):
        up, down = (channels_last(arrays[f"out/{w}_{kind}"]) for w in ("up", "down"))
        assert_close(FIRUpsample()(x), up, 1e-6)
        assert_close(FIRDownsample()(x), down, 1e-6)


def test_blocks_are_the_identity_at_first():
    """The last convolution of each block starts at 0, the others at Fixup's scale."""
    keras.utils.set_random_seed(1)
    network = r3gan_discriminator((64, 64, 3), widths=[64] * 5, blocks=2)
    convolutions = [x for x in network.layers if isinstance(x, GroupedConv2D)]
    assert len(convolutions) == 10
    # He's deviation for a leaky ReLU of slope 0.2, times 10 blocks ** (-1 / 4)
    wanted = (2 / 1.04) ** 0.5 * 10**-0.25 / (9 * 16) ** 0.5
    for layer in convolutions:
        assert layer.kernel.shape == (3, 3, 16, 128)
        assert np.std(layer.kernel) == pytest.approx(wanted, rel=0.05)
    zeros = [v for v in network.trainable_variables if not np.any(v)]
    assert len(zeros) == 10 + 2 * 10  # with two biases in each block


def test_widths_of_the_paper():
    assert paper_widths((32, 32, 3)) == [768] * 4
    assert paper_widths((64, 64, 3)) == [768] * 4 + [384]
    assert paper_widths((256, 256, 3)) == [768] * 4 + [384, 192, 96]


def test_sizes_of_the_paper_s_networks_for_cifar10():
    def block(width):
        return 2 * width * 2 * width + 9 * 16 * 2 * width + 2 * 2 * width

    shape = (32, 32, 3)
    trained = 64 * 768 + 16 * 768 + 8 * block(768) + 768 * 3
    assert r3gan_generator(shape).count_params() == trained
    trained = 3 * 768 + 8 * block(768) + 16 * 768 + 768
    assert r3gan_discriminator(shape).count_params() == trained


def test_lists_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"Expected 4 numbers as width.*got \[8, 8\]"):
        r3gan_generator((32, 32, 3), widths=[8, 8])
