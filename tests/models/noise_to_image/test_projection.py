import keras
import numpy as np
import tensorflow as tf
from models.noise_to_image.test_sngan import small_critic
from models.system import System, adam, both

import gan_zoo
from gan_zoo.layers import ConditionalBatchNorm, ResampledConv2D
from gan_zoo.networks.sngan import sngan_discriminator, sngan_generator

SHAPE = (8, 8, 1)


def small_generator():
    """A dense layer, batch norm of the class, an upsampling convolution, tanh."""
    z, labels = keras.Input((5,)), keras.Input((), dtype="int32")
    x = keras.layers.Reshape((4, 4, 2))(keras.layers.Dense(32)(z))
    x = keras.layers.ReLU()(ConditionalBatchNorm(3)([x, labels]))
    x = ResampledConv2D(1, resample="up")(x)
    image = keras.layers.Activation("tanh", dtype="float32")(x)
    return keras.Model([z, labels], image)


def of_two_critic_steps():
    return gan_zoo.ProjectionGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=small_generator(),
        discriminator=small_critic(3),
        critic_steps=2,
    )


SYSTEMS = {
    "ProjectionGAN": System(
        tiny=of_two_critic_steps,
        settings={
            "image_shape": (32, 32, 3),
            "latent_dim": 128,
            "critic_steps": 5,
            "prior": "normal",
            "ema": None,
            "num_classes": 10,
        },
        optimizers=both(adam(2e-4, 0.0, 0.9)),
    ),
}


def tiny():
    return gan_zoo.ProjectionGAN(
        SHAPE,
        4,
        num_classes=3,
        generator=sngan_generator(SHAPE, 4, 4, num_classes=3),
        discriminator=sngan_discriminator(SHAPE, 4, num_classes=3),
        critic_steps=1,
    )


def test_the_score_is_linear_in_the_class_embedding():
    """D(x, y) = psi(phi(x)) + V_y phi(x): a mean of embeddings gives mean scores."""
    gan = tiny()
    x = tf.random.stateless_normal((4, *SHAPE), (0, 1))

    def scores(label):
        return gan.discriminator([x, tf.fill((4,), label)], training=False).numpy()

    table = gan.discriminator.get_layer("class_embedding").embeddings
    rows = table.numpy()
    rows[2] = 0.5 * (rows[0] + rows[1])
    table.assign(rows)
    halfway = 0.5 * (scores(0) + scores(1))
    assert np.abs(scores(0) - halfway).max() > 1e-3
    np.testing.assert_allclose(scores(2), halfway, rtol=1e-4, atol=1e-6)


def test_labels_reach_both_players_in_a_step():
    gan = tiny()
    gan.compile()
    x = tf.random.stateless_normal((6, *SHAPE), (0, 1))
    table = gan.discriminator.get_layer("class_embedding").embeddings
    before = table.numpy()
    gan.train_step((x, tf.constant([0, 0, 0, 1, 1, 1])))
    moved = np.abs(table.numpy() - before).max(axis=1)
    assert moved[0] > 0
    assert moved[1] > 0
    made = gan.generate(3, seed=0, labels=[0, 1, 2])
    assert made.shape == (3, *SHAPE)


def test_the_losses_are_the_hinge():
    gan = tiny()
    assert float(gan.generator_loss(tf.constant([[2.0]]))) == -2.0
    assert float(gan.discriminator_loss(tf.zeros((1, 1)), tf.zeros((1, 1)))) == 2.0
