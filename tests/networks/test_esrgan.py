import keras
import numpy as np
import pytest

from gan_zoo.networks.esrgan import rrdb_network


def test_paper_size():
    """16.7 million parameters, as the authors' network."""

    def conv(inputs, outputs):
        return 9 * inputs * outputs + outputs

    dense = sum(conv(64 + 32 * k, 32) for k in range(4)) + conv(64 + 128, 64)
    whole = conv(3, 64) + 23 * 3 * dense + conv(64, 64)
    whole += 2 * conv(64, 64) + conv(64, 64) + conv(64, 3)
    network = rrdb_network()
    assert network.count_params() == whole == 16_697_987


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_every_scale_and_size(scale):
    network = rrdb_network(1, scale, width=2, blocks=1, growth=2)
    shape = network.compute_output_shape((1, 5, 7, 1))
    assert shape == (1, 5 * scale, 7 * scale, 1)


def test_blocks_add_a_fifth_of_a_fifth():
    """With convolutions of zeros but the last bias of each dense block."""
    network = rrdb_network(1, 1, width=1, blocks=1, growth=1)
    convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    for layer in convolutions:
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    ends = convolutions[5:16:5]
    for layer in ends:
        layer.set_weights([np.zeros_like(layer.get_weights()[0]), np.ones(1)])
    after = keras.layers.Add().__class__
    block = [x for x in network.layers if isinstance(x, after)][3]
    made = keras.Model(network.input, block.output)(np.zeros((1, 4, 4, 1)))
    # Three dense blocks add 0.2 each, and the block a fifth of that.
    np.testing.assert_allclose(made, 0.2 * 0.6, rtol=1e-5)


def test_other_scales_are_refused():
    with pytest.raises(ValueError, match="scale 1, 2, 4 or 8, got 3"):
        rrdb_network(scale=3)


def test_first_weights_are_small_in_dense_blocks_alone():
    network = rrdb_network(3, 1, width=32, blocks=1, growth=32)
    convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    first, *dense = convolutions[1:3]
    deviations = [np.std(x.kernel) * np.sqrt(9 * 32 / 2) for x in (first, *dense)]
    # Of He's, for the first layers of a dense block: 32 and 64 channels come in.
    np.testing.assert_allclose(deviations, [0.1, 0.1 / np.sqrt(2)], rtol=0.05)
    assert np.std(convolutions[0].kernel) > 0.05
