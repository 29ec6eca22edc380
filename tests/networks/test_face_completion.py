import numpy as np
import pytest

import gan_zoo
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
    """Of the user's images, not of what the U-Net sees of them."""
    with pytest.raises(ImageSizeError, match=r"got image_shape=\(30, 30, 3\)\."):
        completion_generator((30, 30, 3))
    advice = r"face_completion\.completion_generator\(\.\.\., levels=3\)"
    with pytest.raises(ImageSizeError, match=rf"\(40, 40, 3\)\..*{advice}"):
        gan_zoo.FaceCompletion((40, 40, 3))
    completion_generator((40, 40, 3), width=2, levels=3)
    with pytest.raises(ValueError, match=r"width, channels\).*got \(32, 32\)"):
        completion_generator((32, 32))
