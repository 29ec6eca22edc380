import keras
import numpy as np
import pytest

from gan_zoo.networks.bicyclegan import bicycle_encoder, bicycle_generator
from gan_zoo.networks.blocks import ImageSizeError


def test_every_level_of_the_way_down_sees_the_code():
    network = bicycle_generator((16, 16, 3), 5, width=2, levels=3)
    down = [x for x in network.layers if type(x) is keras.layers.Conv2D]
    # Channels that come in: the image's or the features', and the code's.
    assert [x.kernel.shape[2] for x in down] == [3 + 5, 2 + 5, 4 + 5]
    x = np.zeros((1, 16, 24, 3), "float32")
    codes = [np.full((1, 5), value, "float32") for value in (0.0, 1.0)]
    made = [network([x, code]).numpy() for code in codes]
    assert made[0].shape == (1, 16, 24, 3)
    assert np.abs(made[0] - made[1]).max() > 0


@pytest.mark.parametrize(("side", "levels"), [(8, 1), (32, 3), (256, 6)])
def test_the_encoder_leaves_four_pixels(side, levels):
    network = bicycle_encoder((side, side, 1), 3, width=2)
    convolutions = [x for x in network.layers if type(x) is keras.layers.Conv2D]
    assert len(convolutions) == levels
    assert [x.shape[1:] for x in network.outputs] == [(3,), (3,)]
    assert convolutions[-1].filters == 2 * min(levels, 4)


def test_sides_that_do_not_halve_are_refused():
    with pytest.raises(ImageSizeError, match=r"bicyclegan\.bicycle_generator"):
        bicycle_generator((48, 40, 3))
