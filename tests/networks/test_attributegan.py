import numpy as np
import pytest

from gan_zoo.networks import attributegan
from gan_zoo.networks.blocks import ImageSizeError


def test_the_maps_are_the_last_levels():
    network = attributegan.attribute_discriminator((32, 64, 3), width=2, levels=3)
    shapes = [x.shape[1:] for x in network.outputs]
    assert shapes == [(1,), (8, 16, 4), (4, 8, 8)]
    # The logit is a linear function of the last map.
    logit, _, last = network(np.zeros((1, 32, 64, 3), "float32"))
    kernel, bias = network.get_layer("logit").get_weights()
    wanted = last.numpy().reshape(1, -1) @ kernel + bias
    np.testing.assert_allclose(logit, wanted, atol=1e-6)
    one = attributegan.attribute_discriminator((32, 32, 1), width=2, maps=1)
    assert len(one.outputs) == 2


def test_three_classes_and_the_third_map():
    network = attributegan.residual_discriminator((64, 64, 3), width=2)
    shapes = [x.shape[1:] for x in network.outputs]
    assert shapes == [(3,), (8, 8, 8)]
    network = attributegan.residual_discriminator((8, 8, 1), width=2, levels=2, place=1)
    assert network.outputs[1].shape[1:] == (4, 4, 2)


def test_differences_have_no_bounds_and_the_image_s_size():
    network = attributegan.residual_generator((16, 16, 3), width=2)
    assert network.compute_output_shape((1, 12, 20, 3)) == (1, 12, 20, 3)
    network.layers[-1].set_weights(
        [np.zeros_like(network.layers[-1].get_weights()[0]), np.full(3, 7.0)]
    )
    made = network(np.zeros((1, 16, 16, 3), "float32"))
    np.testing.assert_array_equal(made, 7.0)


def test_sides_that_do_not_halve_are_refused():
    with pytest.raises(ImageSizeError, match="halves an image 2 times"):
        attributegan.residual_generator((30, 32, 3))
    with pytest.raises(ImageSizeError, match="halves an image 5 times"):
        attributegan.attribute_discriminator((48, 48, 3))
    with pytest.raises(ImageSizeError, match="fewer levels"):
        attributegan.residual_discriminator((48, 48, 3))
    with pytest.raises(ValueError, match=r"got \(32, 32\)"):
        attributegan.residual_generator((32, 32))
