"""StarGAN's networks against the authors' own."""

import numpy as np
import pytest
from networks.torch_networks import (
    batch_norm,
    case,
    channels_last,
    largest_relative_error,
    load_torch,
)

from gan_zoo.networks import stargan
from gan_zoo.networks.blocks import ImageSizeError

SMALL = {"width": 6}


def generator():
    return stargan.stargan_generator((32, 32, 3), 5, **SMALL)


def test_generator_equals_the_authors_in_training():
    """Where their instance norm uses the statistics of the image."""
    arrays, network = case("stargan.npz", "stargan"), generator()
    load_torch(network, arrays, "G")
    inputs = [channels_last(arrays["in/x"]), arrays["in/c"]]
    wanted = channels_last(arrays["out/G_train"])
    assert largest_relative_error(network(inputs), wanted) < 3e-5
    assert largest_relative_error(network(inputs, training=True), wanted) < 3e-5


def test_generator_with_running_statistics_equals_the_authors_in_evaluation(
    monkeypatch,
):
    arrays = case("stargan.npz", "stargan")
    monkeypatch.setattr(stargan, "instance_norm", lambda scale: batch_norm())
    network = generator()
    load_torch(network, arrays, "G")
    made = network([channels_last(arrays["in/x"]), arrays["in/c"]], training=False)
    assert largest_relative_error(made, channels_last(arrays["out/G_eval"])) < 3e-5


def test_discriminator_equals_the_authors():
    arrays = case("stargan.npz", "stargan")
    network = stargan.stargan_discriminator((32, 32, 3), 5, **SMALL)
    # Keras lists the head of classes first, behind which one more layer comes.
    ordered = sorted(arrays, key=lambda key: key.startswith("w/D/conv1"))
    load_torch(network, {key: arrays[key] for key in ordered}, "D")
    scores, logits = network(channels_last(arrays["in/x"]))
    wanted = channels_last(arrays["out/D_src"])
    assert largest_relative_error(scores, wanted) < 3e-5
    assert largest_relative_error(logits, arrays["out/D_cls"]) < 3e-5


def test_paper_sizes():
    """The counts of the authors' code, for five attributes and for eight domains."""
    network = stargan.stargan_generator((128, 128, 3), 5)
    assert network.count_params() == 8_430_528
    network = stargan.stargan_discriminator((128, 128, 3), 8)
    assert network.count_params() == 44_786_624
    assert [x.shape[1:] for x in network.outputs] == [(2, 2, 1), (8,)]


@pytest.mark.parametrize(
    ("side", "patches"), [(8, 2), (28, 7), (32, 2), (64, 2), (96, 3), (256, 4)]
)
def test_levels_leave_whole_patches(side, patches):
    network = stargan.stargan_discriminator((side, side, 1), 2, width=1)
    assert network.outputs[0].shape[1:] == (patches, patches, 1)


def test_a_domain_s_index_is_its_one_hot_row():
    of_rows = stargan.stargan_generator((8, 8, 1), 3, width=2, blocks=1)
    of_indices = stargan.stargan_generator((8, 8, 1), 3, True, width=2, blocks=1)
    of_indices.set_weights(of_rows.get_weights())
    x = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 1))
    np.testing.assert_allclose(
        of_indices([x, np.array([2, 0])]),
        of_rows([x, np.eye(3)[[2, 0]]]),
        atol=1e-6,
    )


def test_sides_that_do_not_halve_are_refused():
    with pytest.raises(ImageSizeError, match="multiples of 4"):
        stargan.stargan_generator((30, 32, 3), 2)
    with pytest.raises(ImageSizeError, match="halves an image 4 times"):
        stargan.stargan_discriminator((24, 24, 3), 2, levels=4)
    with pytest.raises(ImageSizeError, match=r"1 times.* or resize the images\.$"):
        stargan.stargan_discriminator((27, 27, 3), 2)
