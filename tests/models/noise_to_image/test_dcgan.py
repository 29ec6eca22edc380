import keras
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.networks.dcgan import dcgan_generator


def test_defaults_are_the_paper_s():
    gan = gan_zoo.DCGAN((8, 8, 1))
    gan.compile()
    assert gan.prior == "uniform"
    for optimizer in (gan.d_optimizer, gan.g_optimizer):
        assert isinstance(optimizer, keras.optimizers.Adam)
        config = optimizer.get_config()
        assert config["learning_rate"] == pytest.approx(2e-4)
        assert (config["beta_1"], config["beta_2"]) == (0.5, 0.999)
    assert gan.generator.output.shape == (None, 8, 8, 1)


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
