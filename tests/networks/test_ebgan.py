import numpy as np
import pytest

from gan_zoo.layers import BatchNormalization
from gan_zoo.networks import ebgan


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (25, 30, 2)])
def test_images_come_back_in_their_shape(shape):
    autoencoder = ebgan.ebgan_autoencoder(shape, 4)
    images = np.zeros((2, *shape), "float32")
    again, codes = autoencoder(images)
    assert again.shape == images.shape
    # Halved three times, rounded up.
    assert codes.shape == (2, -(-shape[0] // 8), -(-shape[1] // 8), 16)


def test_the_paper_s_widths_at_64():
    """(64)4c2s-(128)4c2s-(256)4c2s, and (128)4c2s-(64)4c2s-(3)4c2s back."""
    network = ebgan.ebgan_autoencoder((64, 64, 3))
    convolutions = [x for x in network.layers if hasattr(x, "kernel_size")]
    assert [x.filters for x in convolutions] == [64, 128, 256, 128, 64, 3]
    assert {x.kernel_size for x in convolutions} == {(4, 4)}
    assert {x.strides for x in convolutions} == {(2, 2)}
    norms = [x for x in network.layers if isinstance(x, BatchNormalization)]
    assert len(norms) == 4  # not after the first and the last convolution
