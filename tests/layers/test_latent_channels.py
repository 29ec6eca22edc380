import keras
import numpy as np

from gan_zoo.layers import LatentChannels


def test_numbers_become_channels_of_any_size():
    maps, vectors = keras.Input((None, None, 2)), keras.Input((3,))
    made = LatentChannels()([maps, vectors])
    assert made.shape == (None, None, None, 5)
    network = keras.Model([maps, vectors], made)
    rng = np.random.default_rng(0)
    for height, width in ((2, 3), (4, 1)):
        x = rng.normal(size=(2, height, width, 2)).astype("float32")
        z = rng.normal(size=(2, 3)).astype("float32")
        out = network([x, z]).numpy()
        np.testing.assert_array_equal(out[..., :2], x)
        wanted = np.broadcast_to(z[:, None, None], (2, height, width, 3))
        np.testing.assert_array_equal(out[..., 2:], wanted)


def test_half_precision_stays():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    x, z = np.zeros((1, 2, 2, 1), "float32"), np.ones((1, 1), "float32")
    assert LatentChannels()([x, z]).dtype == "bfloat16"
