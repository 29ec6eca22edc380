import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.networks.wgan_gp import wgan_gp_critic, wgan_gp_generator


def conv(inputs, outputs):
    return 5 * 5 * inputs * outputs + outputs


def test_sizes_are_those_of_the_authors_mnist_script():
    generator = wgan_gp_generator((28, 28, 1))
    dense = 129 * 4 * 4 * 256
    assert generator.count_params() == dense + conv(256, 128) + conv(128, 64) + conv(
        64, 1
    )
    critic = wgan_gp_critic((28, 28, 1))
    score = 4 * 4 * 256 + 1
    assert critic.count_params() == conv(1, 64) + conv(64, 128) + conv(128, 256) + score


@pytest.mark.parametrize("shape", [(28, 28, 1), (48, 80, 4), (7, 9, 1)])
def test_any_size_comes_out_as_asked(shape):
    images = wgan_gp_generator(shape, 8, width=4)(
        tf.random.stateless_normal((2, 8), (0, 1))
    )
    assert images.shape == (2, *shape)
    assert np.abs(images).max() <= 1
    assert wgan_gp_critic(shape, width=4)(images).shape == (2, 1)


def test_each_image_is_scored_by_itself():
    """The penalty is about each image's own gradient: no batch norm anywhere."""
    critic = wgan_gp_critic((8, 8, 1), width=4)
    x = tf.random.stateless_normal((3, 8, 8, 1), (0, 1))
    np.testing.assert_allclose(critic(x, training=True)[:1], critic(x[:1]), rtol=1e-5)
    for network in (critic, wgan_gp_generator((8, 8, 1), 4, 4)):
        assert not network.non_trainable_variables


def test_float32_comes_out_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    assert wgan_gp_generator((8, 8, 1), 4, 4).output.dtype == "float32"
    assert wgan_gp_critic((8, 8, 1), 4).output.dtype == "float32"
