"""The networks against the authors' own, and what their names promise."""

import itertools
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks.torch_networks import (
    batch_norm,
    case,
    channels_last,
    error_of_running_statistics,
    load_torch,
    relative_error,
)

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.blocks import ImageSizeError, instance_norm
from gan_zoo.networks.pix2pix import (
    patch_discriminator,
    patch_receptive_field,
    pixel_discriminator,
    unet_generator,
)

PATCHES = [
    ("cyclegan.npz", "nlayer3_instance", 3, None),
    ("cyclegan_pix2pix.npz", "nlayer3_batch", 3, batch_norm),
    ("cyclegan_pix2pix.npz", "nlayer2_batch", 2, batch_norm),
]
UNETS = [
    ("cyclegan_pix2pix.npz", "unet128_batch", 7, batch_norm),
    ("cyclegan_pix2pix.npz", "unet32_batch", 5, batch_norm),
    ("cyclegan_pix2pix.npz", "unet32_instance", 5, instance_norm),
]


def assert_equal_in_both_modes(network, arrays):
    """Outputs, and running statistics after the training mode, if there are any."""
    before = network.get_weights()
    assert relative_error(network, arrays, "eval") < 3e-5
    assert relative_error(network, arrays, "train") < 3e-5
    if any(key.startswith("out/after_train/") for key in arrays):
        x = channels_last(arrays["in/x"])
        assert error_of_running_statistics(network, arrays, x, before) < 3e-5


@pytest.mark.parametrize(("file", "name", "n_layers", "norm"), PATCHES)
def test_discriminator_equals_the_authors(file, name, n_layers, norm):
    arrays = case(file, name)
    shape = channels_last(arrays["in/x"]).shape[1:]
    network = patch_discriminator(shape, width=8, n_layers=n_layers, norm=norm)
    load_torch(network, arrays, "D")
    assert_equal_in_both_modes(network, arrays)


@pytest.mark.parametrize(("n_layers", "side"), [(1, 16), (2, 34), (3, 70)])
def test_one_score_sees_exactly_its_patch(n_layers, side):
    # Instance norm would let the whole image in.
    network = patch_discriminator(
        (136, 144, 1), width=4, n_layers=n_layers, norm=keras.layers.Identity
    )
    x = tf.random.stateless_normal((1, 136, 144, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = network(x)
        height, width = scores.shape[1:3]
        middle = scores[0, height // 2, width // 2, 0]
    seen = np.abs(tape.gradient(middle, x)[0, ..., 0]) > 0
    rows, columns = np.nonzero(seen.any(1))[0], np.nonzero(seen.any(0))[0]
    assert rows.max() - rows.min() + 1 == side
    assert columns.max() - columns.min() + 1 == side
    assert seen[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].all()
    assert patch_receptive_field(n_layers) == side


@pytest.mark.parametrize(("file", "name", "levels", "norm"), UNETS)
def test_unet_equals_the_authors(file, name, levels, norm):
    arrays = case(file, name)
    shape = channels_last(arrays["in/x"]).shape[1:]
    network = unet_generator(shape, width=4, levels=levels, norm=norm, dropout=0)
    load_torch(network, arrays, "G")
    assert_equal_in_both_modes(network, arrays)


def test_pixel_discriminator_equals_the_authors():
    arrays = case("cyclegan_pix2pix.npz", "pixel_batch")
    shape = channels_last(arrays["in/x"]).shape[1:]
    network = pixel_discriminator(shape, width=8, norm=batch_norm)
    load_torch(network, arrays, "D")
    assert_equal_in_both_modes(network, arrays)


def test_paper_sizes():
    # Counts of the authors' code for 3 channels, with a bias in every convolution.
    discriminator = patch_discriminator((256, 256, 3))
    assert discriminator.count_params() == 2_764_737
    assert discriminator.output.shape == (None, 30, 30, 1)
    unet = unet_generator((256, 256, 3))
    convolutions = [x for x in unet.layers if "conv" in x.name]
    assert [x.filters for x in convolutions] == [
        *(64, 128, 256, 512, 512, 512, 512, 512),
        *(512, 512, 512, 512, 256, 128, 64, 3),
    ]
    # The authors' convolutions in front of a norm have no bias, as the first has none.
    biases = sum(x.filters for x in convolutions[:-1])
    assert unet.count_params() - biases == 54_413_955


def test_one_pixel_of_the_pixel_discriminator_sees_itself_only():
    network = pixel_discriminator((6, 5, 1), width=4, norm=keras.layers.Identity)
    x = tf.random.stateless_normal((1, 6, 5, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = network(x)[0, 2, 3, 0]
    assert np.argwhere(tape.gradient(score, x)[0, ..., 0]).tolist() == [[2, 3]]


def test_every_pixel_of_the_unet_sees_the_whole_image():
    network = unet_generator((16, 16, 1), width=4, norm=keras.layers.Identity)
    x = tf.random.stateless_normal((1, 16, 16, 1), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        pixel = network(x)[0, 0, 0, 0]
    assert np.all(tape.gradient(pixel, x).numpy() != 0)


def test_the_noise_is_in_the_three_innermost_levels_and_in_translations():
    network = unet_generator((32, 32, 1), width=2)
    names = [type(layer).__name__ for layer in network.layers]
    ups = [i for i, name in enumerate(names) if name == "Conv2DTranspose"]
    dropped = [names[a:b].count("Dropout") for a, b in itertools.pairwise(ups)]
    assert dropped == [1, 1, 1, 0]
    x = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 1)).astype("float32")

    def translated(seed):
        with backend.draws((seed, 0)):
            return network(x, training=False).numpy()

    np.testing.assert_array_equal(translated(0), translated(0))
    assert np.abs(translated(0) - translated(1)).max() > 1e-6


def test_instance_norm_with_scale_is_batch_norm_of_one_image():
    x = tf.random.stateless_normal((1, 5, 4, 3), (0, 0))
    ours, theirs = instance_norm(scale=True), batch_norm()
    made = [ours(x), theirs(x, training=True)]
    weights = [np.array([0.5, 1.0, -2.0]), np.array([0.1, 0.0, 1.0])]
    ours.set_weights(weights)
    theirs.set_weights([*weights, *theirs.get_weights()[2:]])
    made = [ours(x), theirs(x, training=True)]
    np.testing.assert_allclose(*made, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "levels"), [((32, 32, 3), 5), ((48, 64, 1), 4), ((512, 256, 3), 8)]
)
def test_levels_are_as_many_as_the_sides_allow(shape, levels):
    network = unet_generator(shape, channels=2, width=2)
    convolutions = [x for x in network.layers if type(x).__name__ == "Conv2D"]
    assert len(convolutions) == levels
    made = network.compute_output_shape((1, *shape))
    assert made == (1, *shape[:2], 2)


def test_an_open_image_takes_all_multiples():
    network = unet_generator((None, None, 1), width=2, levels=3)
    assert network(np.zeros((1, 16, 24, 1), "float32")).shape == (1, 16, 24, 1)


def test_float32_at_the_ends_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    shape = (8, 8, 3)
    for network in (
        unet_generator(shape, width=2),
        patch_discriminator(shape, width=2),
        pixel_discriminator(shape, width=2),
    ):
        assert network.output.dtype == "float32"


def test_sizes_that_cannot_work():
    for shape in ((30, 32, 3), (100, 100, 3), (None, None, 3)):
        with pytest.raises(ImageSizeError, match="halved evenly down to 4 pixels"):
            unet_generator(shape)
    with pytest.raises(ImageSizeError, match=r"or resize the images\.$"):
        unet_generator((30, 32, 3))  # which no number of levels divides
    with pytest.raises(
        ImageSizeError, match=r"unet_generator\(\.\.\., levels=\.\.\.\)"
    ):
        unet_generator((None, None, 3))
    with pytest.raises(ImageSizeError, match="levels=6"):
        unet_generator((32, 32, 3), levels=6)
    with pytest.raises(ValueError, match=r"width, channels\).*got \(32, 32\)"):
        unet_generator((32, 32))
    with pytest.raises(ImageSizeError, match="n_layers=3 needs images of at least 24"):
        patch_discriminator((16, 32, 3), n_layers=3)
    network = patch_discriminator((24, 24, 3), width=2, n_layers=3)
    assert network.output.shape == (None, 1, 1, 1)


def test_a_u_net_of_fewer_levels_is_built_as_advised():
    """And is passed to the model, which has no such argument."""
    shape = (40, 40, 1)
    with pytest.raises(ImageSizeError, match="pass it to the model") as caught:
        gan_zoo.Pix2Pix(shape)
    advice = r"gan_zoo\.networks\.pix2pix\.unet_generator\(\.\.\., levels=3\)"
    assert re.search(advice, str(caught.value))
    gan_zoo.Pix2Pix(shape, generator=unet_generator(shape, width=2, levels=3))


@pytest.mark.parametrize(("side", "scores"), [(256, 30), (64, 14), (32, 14), (16, 6)])
def test_patches_are_the_largest_that_fit(side, scores):
    network = patch_discriminator((side, side, 3), width=2)
    assert network.output.shape == (None, scores, scores, 1)
