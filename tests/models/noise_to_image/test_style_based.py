"""What StyleGAN and StyleGAN2 share; truncation is tested with each of them."""

import numpy as np
import pytest
from models.noise_to_image.test_stylegan2 import SHAPE, of_classes, tiny

import gan_zoo
from gan_zoo.networks.stylegan2 import stylegan2_generator


@pytest.mark.parametrize("part", ["mapping", "styles", "synthesis"])
def test_a_generator_without_a_part_is_refused(part):
    whole = stylegan2_generator(SHAPE, 8, 8, width=8, capacity=64, mapping_depth=1)
    part = whole.get_layer(part)
    part.name = "another"
    with pytest.raises(ValueError, match=r"parts named.*stylegan2_generator"):
        gan_zoo.StyleGAN2(SHAPE, 8, generator=whole)


def test_styles_of_a_class_are_mixed_within_the_class():
    gan = of_classes()
    z = np.random.default_rng(0).normal(size=(2, 2, 8)).astype("float32")
    first, second = (
        gan.mix(z[0], z[1], range(4), labels=[0, 1]),
        gan.sample(z[1], labels=np.array([0, 1], "int32")),
    )
    np.testing.assert_allclose(first, second, atol=1e-6)
    with pytest.raises(ValueError, match=r"layers from 0 to 3.*\[4\]"):
        gan.mix(z[0], z[1], [4], labels=[0, 1])


def test_the_controls_reach_the_images():
    """Truncated to the mean style, all images are one; in one layer only, not."""
    gan = tiny()
    assert gan.controls == {"truncation": 1.0, "cutoff": 4.0}
    mean = gan.generate(3, truncation=0.0)
    np.testing.assert_allclose(mean[0], mean[2], atol=1e-6)
    coarse = gan.generate(3, truncation=0.0, cutoff=1)
    assert np.abs(coarse[0] - coarse[2]).max() > 1e-3
    np.testing.assert_allclose(
        gan.generate(3, truncation=0.0, cutoff=0), gan.generate(3), atol=1e-6
    )
