import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, small_networks

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp


def of_images():
    return gan_zoo.DRAGAN(SHAPE, 5, ema=0.9, **small_networks())


SYSTEMS = {
    "DRAGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
            "gradient_penalty": 10,
            "target_norm": 1,
        },
        optimizers=both(adam(2e-4, 0.5)),
    ),
}


def tiny(**kwargs):
    return gan_zoo.DRAGAN(
        (2,), 3, generator=mlp(3, 2), discriminator=mlp(2, 1), **kwargs
    )


def linear_critic(slope):
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    critic.set_weights([np.array([[slope], [0.0]]), np.zeros(1)])
    return critic


def test_a_linear_discriminator_pays_for_its_gradient_norm_alone():
    gan = tiny(gradient_penalty=10.0, target_norm=1.0)
    x = tf.random.stateless_normal((6, 2), (0, 1))
    for slope, wanted in ((1.0, 0.0), (3.0, 40.0)):
        critic = linear_critic(slope)
        with backend.draws((0, 0)):
            assert float(gan.penalty(critic, x, None)) == pytest.approx(wanted)


def test_points_lie_up_to_half_a_standard_deviation_above_the_data():
    """δ = ½ std(x) U with U in [0, 1): seen where the score is evaluated."""
    seen = []

    def score(points):
        seen.append(points)
        return tf.reduce_sum(points, axis=1, keepdims=True)

    x = tf.random.stateless_normal((500, 2), (0, 1)) * 3.0
    with backend.draws((0, 0)):
        tiny().penalty(score, x, None)
    shift = (seen[0] - x).numpy() / np.std(x.numpy())
    assert 0 <= shift.min() < 0.01
    assert 0.49 < shift.max() < 0.5 + 1e-6
    assert shift.mean() == pytest.approx(0.25, abs=0.02)


def test_the_default_discriminator_has_no_batch_norm():
    gan = gan_zoo.DRAGAN((28, 28, 1))
    norm = keras.layers.BatchNormalization
    assert not any(isinstance(layer, norm) for layer in gan.discriminator.layers)


def test_the_penalty_s_numbers_are_checked_and_kept():
    with pytest.raises(ValueError, match=r"gradient_penalty to be .* 0, got -1"):
        tiny(gradient_penalty=-1)
    with pytest.raises(ValueError, match=r"target_norm to be a finite .* got None"):
        tiny(target_norm=None)
    copy = gan_zoo.DRAGAN.from_config(tiny(target_norm=2.0).get_config())
    assert copy.target_norm == 2.0
