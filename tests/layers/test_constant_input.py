import keras
import numpy as np
from testing import rebuilt

from gan_zoo.layers import ConstantInput


def test_gives_every_sample_the_same_learned_image():
    layer = ConstantInput((2, 3, 1))
    x = np.zeros((4, 7), "float32")
    np.testing.assert_array_equal(layer(x), np.ones((4, 2, 3, 1)))
    image = np.arange(6).reshape(2, 3, 1)
    layer.constant.assign(image)
    np.testing.assert_array_equal(layer(x), np.stack([image] * 4))
    assert layer.trainable_variables == [layer.constant]


def test_symbolic_shape_and_config():
    layer = rebuilt(ConstantInput((4, 6, 2)))
    assert layer(keras.Input((7,))).shape == (None, 4, 6, 2)
