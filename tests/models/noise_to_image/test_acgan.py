import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, both
from small_networks import convolution, normed_generator

import gan_zoo
from gan_zoo.networks.acgan import acgan_discriminator, acgan_generator
from gan_zoo.networks.blocks import to_logit

SHAPE = (8, 8, 1)


def of_images():
    image = keras.Input(SHAPE)
    x = gan_zoo.layers.Dropout(0.5)(convolution(image, batch_norm=True))
    heads = [to_logit(x), keras.layers.Dense(3, dtype="float32")(x)]
    return gan_zoo.ACGAN(
        SHAPE,
        5,
        num_classes=3,
        generator=normed_generator(SHAPE, 5, 3),
        discriminator=keras.Model(image, heads),
    )


SYSTEMS = {
    "ACGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "normal",
            "ema": None,
            "num_classes": 10,
        },
        optimizers=both(adam(2e-4, 0.5)),
        rate=0.01,
        rows=8,
    ),
}


def tiny(**kwargs):
    return gan_zoo.ACGAN(
        SHAPE,
        4,
        num_classes=3,
        generator=acgan_generator(SHAPE, 4, 3, 8),
        discriminator=acgan_discriminator(SHAPE, 3, 2, dropout=0.0),
        **kwargs,
    )


def test_the_loss_is_the_sum_of_the_paper_s_terms():
    gan = tiny()
    gan.compile(d_optimizer=keras.optimizers.SGD(0.0), g_optimizer="sgd")
    x = tf.random.stateless_uniform((5, *SHAPE), (0, 1), -1, 1)
    y = tf.constant([0, 1, 2, 1, 1])
    with gan.draws("discriminator", 0):
        fake = gan.generated(gan.latents(5), {"labels": y})
    wanted = 0.0
    for images, sign in ((x, 1.0), (fake, -1.0)):
        scores, classes = gan.discriminator(images, training=True)
        probability = 1 / (1 + np.exp(-sign * scores.numpy()))
        named = tf.nn.softmax(classes).numpy()[np.arange(5), y.numpy()]
        wanted -= np.log(probability).mean() + np.log(named).mean()
    logs = gan.train_step((x, y))
    np.testing.assert_allclose(float(logs["d_loss"]), wanted, rtol=1e-5)


def test_the_generator_s_loss_is_the_score_s_and_the_class_s():
    """−E log σ(D(G(z, y))) − E log P(y | G(z, y)), and its gradient as the step."""
    gan = tiny()
    gan.compile(
        d_optimizer=keras.optimizers.SGD(0.0), g_optimizer=keras.optimizers.SGD(1.0)
    )
    y = tf.constant([0, 1, 2, 1, 1])
    weights = gan.generator.trainable_variables
    before = [w.numpy() for w in weights]
    with tf.GradientTape() as tape:
        with gan.draws("generator"):
            fake = gan.generator([gan.latents(5), y], training=True)
        scores, classes = gan.discriminator(fake, training=True)
        named = tf.gather(tf.nn.softmax(classes), y, batch_dims=1)
        terms = tf.math.log(tf.sigmoid(scores[:, 0])) + tf.math.log(named)
        wanted = -tf.reduce_mean(terms)
    gradients = tape.gradient(wanted, [w.value for w in weights])
    logs = gan.train_step((tf.zeros((5, *SHAPE)), y))
    np.testing.assert_allclose(float(logs["g_loss"]), wanted, rtol=1e-5)
    for old, gradient, new in zip(before, gradients, weights, strict=True):
        np.testing.assert_allclose(new.numpy(), old - gradient, 1e-5, 1e-5)


def test_the_discriminator_learns_to_name_classes():
    keras.utils.set_random_seed(0)
    labels = np.arange(16 * 60) % 3
    images = np.random.default_rng(0).normal(0, 0.1, (len(labels), *SHAPE))
    images[labels == 1, :4] += 0.8  # top bright, left bright, or neither
    images[labels == 2, :, :4] += 0.8
    gan = tiny()
    gan.compile(d_optimizer=keras.optimizers.Adam(2e-3, 0.5))
    logs = gan.fit(
        images.astype("float32"), labels, batch_size=16, epochs=3, verbose=0
    ).history
    assert logs["real_accuracy"][-1] > 0.95


def test_a_discriminator_without_class_logits_is_refused():
    image = keras.Input(SHAPE)
    one = keras.Model(image, keras.layers.Dense(1)(keras.layers.Flatten()(image)))
    with pytest.raises(ValueError, match=r"class logits \(3,\)"):
        gan_zoo.ACGAN(
            SHAPE,
            4,
            num_classes=3,
            generator=acgan_generator(SHAPE, 4, 3, 8),
            discriminator=one,
        )
