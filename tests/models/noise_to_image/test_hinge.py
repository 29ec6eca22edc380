import tensorflow as tf
from models.system import SHAPE, System, both, pytorch_rmsprop, small_networks

import gan_zoo
from gan_zoo.networks.gan import mlp


def of_images():
    return gan_zoo.HingeGAN(SHAPE, 5, **small_networks())


SYSTEMS = {
    "HingeGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "normal",
            "ema": None,
        },
        optimizers=both(pytorch_rmsprop(2e-4)),
    ),
}


def tiny():
    return gan_zoo.HingeGAN((2,), 3, generator=mlp(3, 2), discriminator=mlp(2, 1))


def test_losses_by_hand():
    gan = tiny()
    real, fake = tf.constant([[2.0], [0.5]]), tf.constant([[-3.0], [0.5]])
    # min(0, -1 + D(x)): 0, -0.5; min(0, -1 - D(G(z))): 0, -1.5
    assert float(gan.discriminator_loss(real, fake)) == 0.25 + 0.75
    assert float(gan.generator_loss(fake)) == 1.25


def test_scores_beyond_the_margin_do_not_move_the_discriminator():
    real = tf.constant([[1.5], [0.5]])
    with tf.GradientTape() as tape:
        tape.watch(real)
        loss = tiny().discriminator_loss(real, tf.constant([[-2.0]]))
    assert tape.gradient(loss, real)[:, 0].numpy().tolist() == [0.0, -0.5]
