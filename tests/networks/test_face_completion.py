import numpy as np
import pytest

from gan_zoo.networks.blocks import ImageSizeError
from gan_zoo.networks.face_completion import completion_generator


def test_every_input_reaches_the_output():
    network = completion_generator((16, 16, 3), width=2)
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(-1, 1, (2, 16, 16, c)).astype("float32") for c in (3, 1, 3)]
    made = network(inputs).numpy()
    assert made.shape == (2, 16, 16, 3)
    assert np.abs(made).max() <= 1
    for place in range(3):
        other = [x if i != place else -x for i, x in enumerate(inputs)]
        assert np.abs(network(other) - made).max() > 1e-4


def test_sides_that_do_not_halve_are_refused():
    with pytest.raises(ImageSizeError):
        completion_generator((30, 30, 3))
