import numpy as np

from gan_zoo.features import resolve, serialize
from gan_zoo.metrics.pixels import Pixels


def test_leaves_images_alone_and_comes_back_from_a_config():
    images = np.ones((2, 4, 4, 3), "float32")
    assert Pixels()(images) is images
    again = resolve(serialize(resolve(Pixels())))
    assert isinstance(again, Pixels)
    assert (again.name, again.description) == ("pixels", "pixels as they are")
