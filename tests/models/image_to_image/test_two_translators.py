import keras
import numpy as np
import pytest
from models.image_to_image.test_cyclegan import NETWORKS, SHAPE, linear, linear_networks
from models.system import rows_of

from gan_zoo.inputs import Image
from gan_zoo.models.base.networks import forward
from gan_zoo.models.image_to_image.two_translators import TwoTranslators, for_each


class Plain(TwoTranslators):
    """Without an objective: the networks alone."""


def test_each_direction_has_its_network_and_each_domain_its_discriminator():
    networks = linear_networks()
    model = Plain(SHAPE, **networks)
    assert {name: getattr(model, name) for name in NETWORKS} == networks
    assert model.players["d"] == [model.discriminator_a, model.discriminator_b]
    x = rows_of(Image(SHAPE), 3)
    np.testing.assert_allclose(
        model.translate(x, "b_to_a"), networks["generator_b_to_a"](x), atol=1e-6
    )


def test_domains_may_differ_in_channels_only():
    other = (*SHAPE[:2], 1)
    networks = linear_networks() | {"generator_a_to_b": linear(1, 0)}
    image = keras.Input(other)
    grey = {
        "generator_b_to_a": keras.Model(image, keras.layers.Conv2D(2, 1)(image)),
        "discriminator_b": keras.Model(image, keras.layers.Conv2D(1, 1)(image)),
    }
    model = Plain(SHAPE, other, **networks | grey)
    assert model.domains == {"a": SHAPE, "b": other}
    copy = Plain.from_config(model.get_config())
    assert copy.domains == model.domains
    with pytest.raises(ValueError, match="may differ in channels only"):
        Plain(SHAPE, (16, 8, 2), **networks)
    with pytest.raises(ValueError, match=r"generator_b_to_a takes images.*\(8, 8, 1\)"):
        Plain(SHAPE, other, **networks)


def test_images_of_b_are_told_of_the_argument_of_b():
    """Also where it was left out: the one of A would change A."""
    model = Plain(SHAPE, **linear_networks())
    a, b = rows_of(Image(SHAPE), 2), rows_of(Image((*SHAPE[:2], 3)), 2)
    with pytest.raises(ValueError, match=r"with image_shape_b=\(8, 8, 3\)"):
        model.batch.check((a, b))
    with pytest.raises(ValueError, match=r"with image_shape_b=\(8, 8, 3\)"):
        model.translate(b, "b_to_a")
    with pytest.raises(ValueError, match=r"with image_shape=\(8, 8, 3\)"):
        model.batch.check((b, a))


def test_a_sigmoid_in_place_of_tanh_is_refused():
    image = keras.Input(SHAPE)
    bounded = keras.layers.Conv2D(2, 1, activation="sigmoid")(image)
    networks = linear_networks()
    with pytest.raises(ValueError, match="generator_a_to_b"):
        Plain(SHAPE, **networks | {"generator_a_to_b": keras.Model(image, bounded)})


@pytest.mark.parametrize("normed", [False, True])
def test_two_batches_do_not_touch(normed):
    """A network with batch norm gets them one after the other."""
    image = keras.Input(SHAPE)
    x = keras.layers.BatchNormalization()(image) if normed else image
    network = keras.Model(image, keras.layers.Conv2D(1, 1)(x))
    first, second = rows_of(Image(SHAPE), 2), 0.1 * rows_of(Image(SHAPE), 2, 1)
    for made, images in zip(
        for_each(network, first, second), (first, second), strict=True
    ):
        np.testing.assert_allclose(made, forward(network, images), atol=1e-6)
