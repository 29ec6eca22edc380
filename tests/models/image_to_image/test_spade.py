"""SPADE against a hand-written update, and what a layout keeps through the norm."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, translated_images
from small_networks import translator

import gan_zoo
from gan_zoo.models.image_to_image.spade import CRITICS
from gan_zoo.networks.spade import spade_discriminator, spade_generator

PAIR = (*SHAPE[:2], 2)


def small_discriminator(halved=False):
    """A convolution, whose map is given beside the scores."""
    pair = keras.Input(PAIR)
    x = keras.layers.AveragePooling2D(2)(pair) if halved else pair
    x = keras.layers.Conv2D(4, 4, 2, "same")(x)
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    scores = keras.layers.Conv2D(1, 1, dtype="float32")(x)
    return keras.Model(pair, [scores, x])


def small_features():
    image = keras.Input(SHAPE)
    return keras.Model(image, keras.layers.Conv2D(3, 3, activation="tanh")(image))


def of_pairs(**kwargs):
    networks = {
        "generator": translator(SHAPE),
        "discriminator": small_discriminator(),
        "discriminator_of_halves": small_discriminator(halved=True),
    }
    return gan_zoo.SPADE(SHAPE, **networks | kwargs)


def of_the_paper_s_layers():
    """Batch and spectral norm, whose state is saved, spread and exported."""
    return of_pairs(
        generator=spade_generator(SHAPE, 1, width=2, levels=1, hidden=2),
        discriminator=spade_discriminator(PAIR, width=2, layers=2),
        ema=0.9,
    )


SYSTEMS = {
    "SPADE": System(
        tiny=of_the_paper_s_layers,
        settings={
            "image_shape": (256, 256, 3),
            "image_shape_b": (256, 256, 3),
            "ema": None,
            "feature_weight": 10,
            "perceptual_weight": 10,
        },
        optimizers={
            "d": adam(4e-4, 0.0, 0.9, epsilon=1e-8),
            "g": adam(1e-4, 0.0, 0.9, epsilon=1e-8),
        },
        made=translated_images,
        of_latents=False,
    ),
    "SPADE, features": System(
        tiny=lambda: of_pairs(features=small_features()),
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def moved(networks, tape, loss, rate=0.1):
    """Copies of networks after one step of gradient descent."""
    copies = []
    for network in networks:
        variables = [v.value for v in network.trainable_variables]
        steps = zip(variables, tape.gradient(loss, variables), strict=True)
        copy = keras.models.clone_model(network)
        copy.set_weights([v - rate * g for v, g in steps])
        copies.append(copy)
    return copies


def test_one_step_by_hand():
    features = small_features()
    model = of_pairs(features=features, feature_weight=3.0, perceptual_weight=5.0)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    a, b = pairs()
    g, critics = model.generator, [model.networks[name] for name in CRITICS]
    made, d_loss = g(a), 0.0
    with tf.GradientTape(persistent=True) as tape:
        for d in critics:
            right, wrong = (d(tf.concat([a, x], 3))[0] for x in (b, made))
            d_loss += 0.5 * tf.reduce_mean(tf.maximum(1 - right, 0))
            d_loss += 0.5 * tf.reduce_mean(tf.maximum(1 + wrong, 0))
    critics = moved(critics, tape, d_loss)
    g_loss = feature_loss = 0.0
    with tf.GradientTape(persistent=True) as tape:
        made = g(a)
        for d in critics:
            scores, changed = d(tf.concat([a, made], 3))
            g_loss -= 0.5 * tf.reduce_mean(scores)
            kept = d(tf.concat([a, b], 3))[1]
            feature_loss += 0.5 * tf.reduce_mean(tf.abs(changed - kept))
        perceptual = tf.reduce_mean(tf.abs(features(b) - features(made)))
        loss = g_loss + 3 * feature_loss + 5 * perceptual
    (wanted,) = moved([g], tape, loss)
    logs = model.train_step((a, b))
    ours = g, *(model.networks[name] for name in CRITICS)
    for network, own in zip(ours, (wanted, *critics), strict=True):
        for x, y in zip(network.get_weights(), own.get_weights(), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-6)
    named = {
        "d_loss": d_loss,
        "g_loss": g_loss,
        "feature_loss": feature_loss,
        "perceptual_loss": perceptual,
    }
    for name, value in named.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


def test_without_features_the_last_term_is_zero():
    model = of_pairs()
    model.compile()
    logs = model.train_step(pairs())
    assert float(logs["perceptual_loss"]) == 0.0


def test_colours_are_learned_from_layouts():
    rng = np.random.default_rng(0)
    bright = rng.integers(0, 2, (128, 1, 1, 1)).astype("float32")
    layouts = np.tile(bright * 2 - 1, (1, *SHAPE))
    images = np.tile(0.5 - bright, (1, *SHAPE))  # dark where the layout is bright
    model = of_the_paper_s_layers()
    fast = {"learning_rate": 0.01, "beta_1": 0.0, "beta_2": 0.9}
    model.compile(
        d_optimizer=gan_zoo.optimizers.Adam(**fast),
        g_optimizer=gan_zoo.optimizers.Adam(**fast),
    )
    model.fit((layouts, images), batch_size=16, epochs=10, verbose=0)
    made = model.translate(layouts[:32])
    assert np.abs(made - images[:32]).mean() < 0.25


def test_a_config_round_trip():
    changed = {"feature_weight": 2.0, "perceptual_weight": 3.0, "ema": 0.5}
    model = of_pairs(features=small_features(), **changed)
    copy = gan_zoo.SPADE.from_config(model.get_config())
    assert (copy.get_config() | changed) == copy.get_config()
    assert "features" in copy.networks


def test_what_does_not_fit_is_refused():
    scores = translator(PAIR)
    with pytest.raises(ValueError, match="discriminator_of_halves to have the outputs"):
        of_pairs(discriminator_of_halves=scores)
    with pytest.raises(ValueError, match="feature_weight"):
        of_pairs(feature_weight=-1)
    with pytest.raises(ValueError, match="may differ in channels only"):
        of_pairs(image_shape_b=(4, 4, 1))
