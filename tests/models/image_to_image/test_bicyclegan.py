"""BicycleGAN against hand-written updates, and its many translations."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, rows_of, translated_images
from small_networks import patch_critic

import gan_zoo
from gan_zoo import backend
from gan_zoo.layers import LatentChannels
from gan_zoo.models.autoencoders.base import reparameterized

CODE = 3


def small_generator(shape=SHAPE):
    image, code = keras.Input((None, None, shape[-1])), keras.Input((CODE,))
    x = LatentChannels()([image, code])
    x = keras.layers.Conv2D(4, 4, 2, "same", activation="leaky_relu")(x)
    x = keras.layers.Conv2DTranspose(
        shape[-1], 4, 2, "same", activation="tanh", dtype="float32"
    )(x)
    return keras.Model([image, code], x)


def small_encoder(shape=SHAPE):
    image = keras.Input(shape)
    x = keras.layers.Conv2D(4, 4, 2, "same", activation="leaky_relu")(image)
    x = keras.layers.Flatten()(x)
    heads = [keras.layers.Dense(CODE, dtype="float32")(x) for _ in "ab"]
    return keras.Model(image, heads)


def of_images(**kwargs):
    return gan_zoo.BicycleGAN(
        SHAPE,
        latent_dim=CODE,
        generator=small_generator(),
        encoder=small_encoder(),
        discriminator=patch_critic(SHAPE),
        discriminator_of_drawn=patch_critic(SHAPE),
        **kwargs,
    )


SYSTEMS = {
    "BicycleGAN": System(
        tiny=lambda: of_images(ema=0.9),
        settings={
            "image_shape": (256, 256, 3),
            "image_shape_b": (256, 256, 3),
            "ema": None,
            "latent_dim": 8,
            "l1_weight": 10,
            "latent_weight": 0.5,
            "divergence_weight": 0.01,
        },
        optimizers=dict.fromkeys("deg", adam(2e-4, 0.5, epsilon=1e-8)),
        rate=0.005,
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def stepped(networks, tape, loss, rate=0.1):
    """The weights of networks after one step of gradient descent."""
    variables = [v.value for net in networks for v in net.trainable_variables]
    gradients = tape.gradient(loss, variables)
    return [v - rate * g for v, g in zip(variables, gradients, strict=True)]


def copy(network, weights):
    """A network with these trainable weights, of a network without others."""
    again = keras.models.clone_model(network)
    again.set_weights(weights)
    return again


def test_one_step_by_hand():
    model = of_images(l1_weight=2.0, latent_weight=3.0, divergence_weight=0.5)
    model.compile(
        **{f"{player}_optimizer": keras.optimizers.SGD(0.1) for player in "deg"}
    )
    a, b = pairs()
    g, e = model.generator, model.encoder
    d, d_drawn = model.discriminator, model.discriminator_of_drawn
    with tf.GradientTape() as tape:
        means, log_variances = e(b)
        with model.draws("encoder"):
            z = reparameterized(means, log_variances)
        made = g([a, z])
        divergence = 0.5 * tf.reduce_mean(
            tf.reduce_sum(means**2 + tf.exp(log_variances) - 1 - log_variances, 1)
        )
        loss = tf.reduce_mean((d(made) - 1) ** 2) + 0.5 * divergence
        loss += 2 * tf.reduce_mean(tf.abs(b - made))
    encoder = stepped([e], tape, loss)
    moved = copy(e, encoder)
    with model.draws("generator"):
        drawn_z = backend.normal((3, CODE))
    with tf.GradientTape() as tape:
        made, drawn = g([a, z]), g([a, drawn_z])
        g_loss = tf.reduce_mean((d(made) - 1) ** 2)
        g_loss += tf.reduce_mean((d_drawn(drawn) - 1) ** 2)
        distance = tf.reduce_mean(tf.abs(b - made))
        latent = tf.reduce_mean(tf.abs(drawn_z - moved(drawn)[0]))
        loss = g_loss + 2 * distance + 3 * latent
    generator = stepped([g], tape, loss)
    with tf.GradientTape() as tape:
        d_loss = sum(
            tf.reduce_mean((net(b) - 1) ** 2) + tf.reduce_mean(net(fake) ** 2)
            for net, fake in ((d, made), (d_drawn, drawn))
        )
    critics = stepped([d, d_drawn], tape, d_loss)
    logs = model.train_step((a, b))
    for player, wanted in (("e", encoder), ("g", generator), ("d", critics)):
        for ours, theirs in zip(model.variables_of(player), wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    named = {
        "d_loss": d_loss,
        "g_loss": g_loss,
        "l1_loss": distance,
        "latent_loss": latent,
        "divergence": divergence,
    }
    for name, value in named.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)


def test_a_seed_is_a_translation_of_all_images_alike():
    model = of_images()
    x = rows_of(model.image_of("a"), 5)
    first = model.translate(x, seed=1)
    np.testing.assert_array_equal(model.translate(x, seed=1, batch_size=2), first)
    np.testing.assert_allclose(model.translate(x[3:], seed=1), first[3:], atol=1e-6)
    assert np.abs(model.translate(x, seed=2) - first).max() > 1e-4


def test_translations_like_examples_have_their_codes():
    model = of_images()
    a, b = rows_of(model.image_of("a"), 3), rows_of(model.image_of("b"), 3, 1)
    wanted = model.generator([tf.constant(a), model.encoder(b)[0]])
    np.testing.assert_allclose(model.translate_like(a, b), wanted, atol=1e-6)
    one = model.translate_like(a, b[:1], batch_size=2)
    np.testing.assert_allclose(one[0], wanted[0], atol=1e-6)
    with pytest.raises(ValueError, match="one example or 3, as many as images, got 2"):
        model.translate_like(a, b[:2])


def test_codes_choose_among_several_right_answers():
    """A square is to be bright or dark: both are drawn, and codes tell which."""
    keras.utils.set_random_seed(0)
    shape, rng = (4, 4, 1), np.random.default_rng(0)
    a = rng.uniform(-0.1, 0.1, (512, *shape)).astype("float32")
    sign = rng.choice([-0.7, 0.7], (512, 1, 1, 1)).astype("float32")
    b = a + sign
    image, code = keras.Input(shape), keras.Input((1,))
    x = LatentChannels()([image, code])
    x = keras.layers.Conv2D(8, 1, activation="tanh")(x)
    g = keras.Model([image, code], keras.layers.Conv2D(1, 1, activation="tanh")(x))
    flat = keras.layers.Flatten()(image)
    heads = [keras.layers.Dense(1)(flat) for _ in "ab"]

    def critic():
        y = keras.layers.Conv2D(8, 2, activation="leaky_relu")(image)
        return keras.Model(image, keras.layers.Conv2D(1, 1)(y))

    model = gan_zoo.BicycleGAN(
        shape,
        latent_dim=1,
        generator=g,
        encoder=keras.Model(image, heads),
        discriminator=critic(),
        discriminator_of_drawn=critic(),
    )
    model.compile(
        **{
            f"{player}_optimizer": keras.optimizers.Adam(0.01, beta_1=0.5)
            for player in "deg"
        }
    )
    model.fit((a, b), batch_size=16, epochs=12, verbose=0)
    like = model.translate_like(a[:20], b[:20])
    assert (np.sign(like.mean((1, 2, 3))) == np.sign(sign[:20, 0, 0, 0])).all()
    levels = [model.translate(a[:1], seed=k).mean() for k in range(12)]
    assert max(levels) > 0.3
    assert min(levels) < -0.3


def test_a_config_round_trip():
    changed = {"l1_weight": 2.0, "latent_weight": 3.0, "divergence_weight": 0.5}
    config = of_images(**changed, ema=0.5).get_config()
    again = gan_zoo.BicycleGAN.from_config(config).get_config()
    assert (again | changed) == again
    assert again["latent_dim"] == CODE


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"generator takes codes .*\(2,\)"):
        gan_zoo.BicycleGAN(SHAPE, latent_dim=2, generator=small_generator())
    with pytest.raises(ValueError, match="latent_dim"):
        gan_zoo.BicycleGAN(SHAPE, latent_dim=0)
