import keras
import tensorflow as tf
from models.system import SHAPE, System, adam, both

import gan_zoo
from gan_zoo.networks.dcgan import dcgan_discriminator, dcgan_generator


def tiny():
    return gan_zoo.DCGAN(
        SHAPE,
        5,
        generator=dcgan_generator(SHAPE, 5, 4),
        discriminator=dcgan_discriminator(SHAPE, 4),
    )


SYSTEMS = {
    "DCGAN": System(
        tiny=tiny,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
        },
        optimizers=both(adam(2e-4, 0.5)),
    ),
}


def test_real_and_fake_have_batch_statistics_of_their_own():
    seen = []

    class Watching(keras.layers.Layer):
        def call(self, x):
            seen.append(x.shape[0])
            return x

    image = keras.Input((8, 8, 1))
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(Watching()(image)))
    gan = gan_zoo.DCGAN(
        (8, 8, 1),
        4,
        generator=dcgan_generator((8, 8, 1), 4, 4),
        discriminator=keras.Model(image, logit),
    )
    gan.compile()
    seen.clear()
    gan.train_step(tf.zeros((6, 8, 8, 1)))
    assert seen == [6, 6, 6]  # real, fake; then the generator's
