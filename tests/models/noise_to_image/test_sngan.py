import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, both
from small_networks import normed_generator

import gan_zoo
from gan_zoo.layers import SpectralConv2D, SpectralDense, SpectralEmbedding
from gan_zoo.networks.gan import mlp
from gan_zoo.networks.sngan import sngan_discriminator, sngan_generator

SHAPE = (8, 8, 1)


def small_critic(num_classes=None):
    """A convolution and a logit of spectral norm 1, for classes with a projection."""
    image = keras.Input(SHAPE)
    x = keras.layers.ReLU()(SpectralConv2D(4, resample="down")(image))
    x = keras.layers.Flatten(dtype="float32")(x)
    logit = SpectralDense(1, dtype="float32")(x)
    if not num_classes:
        return keras.Model(image, logit)
    labels = keras.Input((), dtype="int32")
    row = SpectralEmbedding(num_classes, x.shape[-1], dtype="float32")(labels)
    projection = keras.layers.Dot(axes=1, dtype="float32")([row, x])
    logit = keras.layers.Add(dtype="float32")([logit, projection])
    return keras.Model([image, labels], logit)


def averaged():
    return gan_zoo.SNGAN(
        SHAPE,
        5,
        generator=normed_generator(SHAPE, 5),
        discriminator=small_critic(),
        critic_steps=1,
        ema=0.9,
    )


SYSTEMS = {
    "SNGAN": System(
        tiny=averaged,
        settings={
            "image_shape": (32, 32, 3),
            "latent_dim": 128,
            "critic_steps": 5,
            "prior": "normal",
            "ema": None,
        },
        optimizers=both(adam(2e-4, 0.0, 0.9)),
    ),
}


def tiny():
    return gan_zoo.SNGAN(
        SHAPE,
        4,
        generator=sngan_generator(SHAPE, 4, 4),
        discriminator=sngan_discriminator(SHAPE, 4),
        critic_steps=1,
    )


def test_the_losses_are_the_hinge():
    gan = tiny()
    real, fake = tf.constant([[2.0], [0.5]]), tf.constant([[-3.0], [0.5]])
    assert float(gan.discriminator_loss(real, fake)) == 0.25 + 0.75
    assert float(gan.generator_loss(fake)) == 1.25


def test_a_generator_step_moves_no_weight_of_the_critic():
    """Keras's wrapper writes the normalised kernel back; here W stays as trained."""
    gan = tiny()
    gan.compile()
    before = [v.numpy() for v in gan.variables_of("d")]
    with gan.draws("generator"):
        gan.update_generator(tf.zeros((4, *SHAPE)))
    for a, b in zip(before, gan.variables_of("d"), strict=True):
        np.testing.assert_array_equal(a, b.numpy())


def test_scores_cannot_grow_faster_than_the_layers_allow():
    """After warm-up every layer has slope at most 1, whatever the weights' size."""
    critic = sngan_discriminator(SHAPE, 4)
    x = tf.random.stateless_normal((4, *SHAPE), (0, 1))
    for _ in range(50):
        critic(x, training=True)
    small = critic(x, training=False).numpy()
    for v in critic.trainable_variables:
        if "bias" not in v.path:
            v.assign(100.0 * v.value)
    np.testing.assert_allclose(critic(x, training=False).numpy(), small, rtol=1e-3)


class OwnDense(keras.layers.Dense):
    """A layer of the user's own, of which nobody knows what it does."""


@pytest.mark.parametrize(
    ("make", "normalised"),
    [
        (lambda: keras.layers.Dense(1), False),
        (lambda: gan_zoo.layers.SpectralDense(1), True),
        (lambda: keras.layers.SpectralNormalization(keras.layers.Dense(1)), True),
        (lambda: keras.Sequential([gan_zoo.layers.SpectralDense(1)]), True),
        (lambda: OwnDense(1), True),
    ],
)
def test_a_discriminator_of_plain_layers_is_refused(make, normalised):
    plain = [keras.Input((2,)), keras.layers.Dense(4, "relu")]
    networks = {
        "generator": mlp(3, 2),
        "discriminator": keras.Sequential([*plain, make()]),
    }
    if normalised:
        gan_zoo.SNGAN((2,), 3, **networks)
        return
    with pytest.raises(
        ValueError, match=r"Expected spectrally .*layers.SpectralConv2D"
    ):
        gan_zoo.SNGAN((2,), 3, **networks)
