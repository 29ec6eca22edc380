import keras
import numpy as np
import pytest
from testing import rebuilt

from gan_zoo import layers


def test_first_half_opens_the_second():
    x = np.array([[[0.0, 100.0, 0.5, -1.0]]], "float32")
    expected = [[[0.5 * np.tanh(0.5), np.tanh(-1.0)]]]
    layer = layers.Gate()
    np.testing.assert_allclose(layer(x), expected, rtol=1e-6)
    np.testing.assert_allclose(rebuilt(layer)(x), expected, rtol=1e-6)
    assert layer.compute_output_shape((None, 7, 4)) == (None, 7, 2)


def test_odd_channels_are_refused():
    with pytest.raises(ValueError, match="even number of channels"):
        layers.Gate()(keras.Input((3,)))
