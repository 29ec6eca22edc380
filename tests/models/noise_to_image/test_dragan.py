import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, dcgan_networks

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.gan import mlp


def of_images():
    return gan_zoo.DRAGAN(SHAPE, 5, ema=0.9, **dcgan_networks())


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
            "slope": 1,
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


def test_a_linear_discriminator_pays_for_its_slope_alone():
    gan = tiny(gradient_penalty=10.0, slope=1.0)
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


def test_the_default_discriminator_has_no_batch_norm_and_others_are_refused():
    gan = gan_zoo.DRAGAN((28, 28, 1))
    norm = keras.layers.BatchNormalization
    assert not any(isinstance(layer, norm) for layer in gan.discriminator.layers)
    x = keras.Input((2,))
    bad = keras.Model(x, keras.layers.Dense(1)(keras.layers.BatchNormalization()(x)))
    with pytest.raises(ValueError, match="batch norm"):
        gan_zoo.DRAGAN((2,), 3, generator=mlp(3, 2), discriminator=bad)
    with pytest.raises(ValueError, match=r"gradient_penalty to be .* 0, got -1"):
        tiny(gradient_penalty=-1)
    with pytest.raises(ValueError, match=r"slope to be a finite number .* got None"):
        tiny(slope=None)
    assert gan_zoo.DRAGAN.from_config(tiny(slope=2.0).get_config()).slope == 2.0
