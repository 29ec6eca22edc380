import numpy as np

from gan_zoo.layers import ChannelBias


def test_adds_one_number_per_channel_which_starts_at_0():
    layer = ChannelBias()
    x = np.arange(12, dtype="float32").reshape(1, 2, 2, 3)
    np.testing.assert_array_equal(layer(x), x)
    layer.bias.assign([1.0, 0.0, -2.0])
    np.testing.assert_array_equal(layer(x) - x, np.tile([1, 0, -2], (1, 2, 2, 1)))
