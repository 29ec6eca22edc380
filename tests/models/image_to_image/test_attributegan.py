"""AttributeGAN against a hand-written update, and what its second term keeps."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, data_for, translated_images
from small_networks import translator

import gan_zoo
from gan_zoo.layers import Dropout


def small_discriminator(shape=SHAPE):
    """A convolution, whose map is given beside the logit."""
    image = keras.Input(shape)
    x = keras.layers.Conv2D(4, 4, 2, "same")(image)
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    logit = keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten()(x))
    return keras.Model(image, [logit, x])


def of_images(**kwargs):
    return gan_zoo.AttributeGAN(
        SHAPE,
        generator=translator(SHAPE),
        discriminator=small_discriminator(),
        **kwargs,
    )


SYSTEMS = {
    "AttributeGAN": System(
        tiny=lambda: of_images(ema=0.9),
        settings={
            "image_shape": (128, 128, 3),
            "ema": None,
            "perceptual_weight": 10,
        },
        optimizers=both(adam(2e-4, 0.5, epsilon=1e-8)),
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def moved(network, tape, loss, rate=0.1):
    """A copy of a network after one step of gradient descent."""
    variables = [v.value for v in network.trainable_variables]
    copy = keras.models.clone_model(network)
    copy.set_weights(
        [
            v - rate * g
            for v, g in zip(variables, tape.gradient(loss, variables), strict=True)
        ]
    )
    return copy


def test_one_step_by_hand():
    model = of_images(perceptual_weight=3.0)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    a, b = pairs()
    g, d = model.generator, model.discriminator
    made = g(a)
    with tf.GradientTape() as tape:
        right, wrong = tf.sigmoid(d(b)[0]), tf.sigmoid(d(made)[0])
        d_loss = -tf.reduce_mean(tf.math.log(right))
        d_loss -= tf.reduce_mean(tf.math.log(1 - wrong))
    critic = moved(d, tape, d_loss)
    with tf.GradientTape() as tape:
        logit, changed = critic(g(a))
        g_loss = -tf.reduce_mean(tf.math.log(tf.sigmoid(logit)))
        perceptual = tf.reduce_mean((changed - critic(a)[1]) ** 2)
        loss = g_loss + 3 * perceptual
    wanted = moved(g, tape, loss)
    logs = model.train_step((a, b))
    for network, own in ((g, wanted), (d, critic)):
        for ours, theirs in zip(network.get_weights(), own.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    named = {"d_loss": d_loss, "g_loss": g_loss, "perceptual_loss": perceptual}
    for name, value in named.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5)


def test_the_perceptual_loss_is_of_all_maps():
    model = of_images()
    maps = [np.ones((2, 4, 4, 3), "float32"), np.ones((2, 2, 2, 5), "float32")]
    made = [maps[0] + 0.5, maps[1] - 2]
    np.testing.assert_allclose(model.perceptual_loss(maps, made), 0.25 + 4)


def with_a_stripe(n, seed, stripe):
    """Images of two random columns; the third is the attribute."""
    rng = np.random.default_rng(seed)
    images = np.tile(rng.uniform(-0.5, 0.5, (n, 1, 4, 1)), (1, 4, 1, 1))
    images[:, :, 2:] = -0.6
    images[:, :, 2:3] += 1.2 * stripe
    return images.astype("float32")


@pytest.mark.parametrize("weight", [0.0, 5.0])
def test_an_attribute_is_added_and_the_rest_is_kept_by_the_second_term(weight):
    """A generator without skips, whose images need not be those it is given."""
    keras.utils.set_random_seed(1)
    shape = (4, 4, 1)
    image = keras.Input(shape)
    x = keras.layers.Dense(32, "relu")(keras.layers.Flatten()(image))
    x = keras.layers.Dense(16, "tanh", dtype="float32")(x)
    generator = keras.Model(image, keras.layers.Reshape(shape)(x))
    x = keras.layers.Conv2D(8, 2, activation="leaky_relu")(image)
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(x))
    model = gan_zoo.AttributeGAN(
        shape,
        perceptual_weight=weight,
        generator=generator,
        discriminator=keras.Model(image, [logit, x]),
    )
    fast = {"learning_rate": 0.005, "beta_1": 0.5}
    model.compile(
        d_optimizer=keras.optimizers.Adam(**fast),
        g_optimizer=keras.optimizers.Adam(**fast),
    )
    a, b = with_a_stripe(256, 0, 0), with_a_stripe(256, 1, 1)
    model.fit((a, b), batch_size=16, epochs=15, verbose=0)
    test = with_a_stripe(100, 2, 0)
    made = model.translate(test)
    assert made[:, :, 2].mean() > 0.2
    kept = np.abs(made - test)[:, :, :2].mean()
    assert (kept < 0.15) == (weight > 0)


def test_a_config_round_trip():
    model = of_images(perceptual_weight=2.0, ema=0.5)
    config = gan_zoo.AttributeGAN.from_config(model.get_config()).get_config()
    assert config["perceptual_weight"] == 2.0
    assert config["ema"] == 0.5


def test_what_does_not_fit_is_refused():
    image = keras.Input(SHAPE)
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(image))
    with pytest.raises(ValueError, match="discriminator to have the outputs logits, m"):
        gan_zoo.AttributeGAN(SHAPE, discriminator=keras.Model(image, logit))
    with pytest.raises(ValueError, match="perceptual_weight"):
        gan_zoo.AttributeGAN(SHAPE, perceptual_weight=-1)


def test_networks_with_dropout_draw_their_masks_in_the_step():
    image = keras.Input(SHAPE)
    x = Dropout(0.5)(keras.layers.Conv2D(2, 3, padding="same")(image))
    g = keras.Model(image, keras.layers.Conv2D(1, 1, activation="tanh")(x))
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(x))
    model = gan_zoo.AttributeGAN(
        SHAPE, generator=g, discriminator=keras.Model(image, [logit, x])
    )
    model.compile(run_eagerly=True)
    logs = model.fit(data_for(model, steps=1), verbose=0).history
    assert np.isfinite([*logs.values()]).all()
