import numpy as np
import pytest

from gan_zoo.networks.blocks import ImageSizeError
from gan_zoo.networks.unit import unit_discriminator, unit_networks


def small():
    return unit_networks((16, 16, 3), (16, 16, 1), width=2, blocks=1)


def ids(network):
    return {id(weight) for weight in network.trainable_variables}


def test_encoders_and_decoders_share_their_inner_block():
    nets = small()
    for first, second in (("encoder_a", "encoder_b"), ("decoder_a", "decoder_b")):
        shared = ids(nets[first]) & ids(nets[second])
        assert len(shared) == 4  # the kernels and biases of two convolutions
    assert not ids(nets["encoder_a"]) & ids(nets["decoder_a"])
    # The shared block is the last of an encoder, and the first of a decoder.
    convs = [x for x in nets["encoder_a"].layers if "conv" in x.name]
    assert id(convs[-1].kernel) in ids(nets["encoder_b"])
    convs = [x for x in nets["decoder_a"].layers if "conv" in x.name]
    assert id(convs[0].kernel) in ids(nets["decoder_b"])


def test_shapes():
    nets = small()
    assert nets["encoder_a"].input.shape == (None, None, None, 3)
    code = nets["encoder_b"](np.zeros((2, 16, 24, 1)))
    assert code.shape == (2, 4, 6, 8)
    assert nets["decoder_b"](code).shape == (2, 16, 24, 1)
    assert np.abs(nets["decoder_a"](np.ones((2, 4, 4, 8)))).max() <= 1
    assert unit_discriminator((32, 48, 3), 2).output.shape == (None, 2, 3, 1)


def test_paper_sizes():
    """The layers of the paper's tables, with a bias each."""

    def conv(side, inputs, outputs):
        return side * side * inputs * outputs + outputs

    block = 2 * conv(3, 256, 256)
    into = conv(7, 3, 64) + conv(3, 64, 128) + conv(3, 128, 256) + 4 * block
    out_of = 4 * block + conv(3, 256, 128) + conv(3, 128, 64) + conv(1, 64, 3)
    nets = unit_networks((64, 64, 3), (64, 64, 3))
    assert nets["encoder_a"].count_params() == into
    assert nets["decoder_b"].count_params() == out_of
    critic = [conv(3, a, b) for a, b in ((3, 64), (64, 128), (128, 256), (256, 512))]
    assert unit_discriminator((64, 64, 3)).count_params() == sum(critic) + 513


def test_sides_that_do_not_halve_are_refused():
    with pytest.raises(ImageSizeError, match="multiples of 4"):
        unit_networks((30, 32, 3), (30, 32, 3))
    with pytest.raises(ImageSizeError, match="multiples of 16"):
        unit_discriminator((24, 24, 3))
