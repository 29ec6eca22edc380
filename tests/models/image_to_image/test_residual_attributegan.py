"""The residual form of AttributeGAN against a hand-written update."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both, rows_of, translated_images

import gan_zoo


def differences(shape=SHAPE):
    """A convolution that halves an image, and one that doubles it again, linear."""
    image = keras.Input((None, None, shape[-1]))
    x = keras.layers.Conv2D(4, 4, 2, "same", activation="leaky_relu")(image)
    x = keras.layers.Conv2DTranspose(shape[-1], 4, 2, "same", dtype="float32")(x)
    return keras.Model(image, x)


def of_classes(shape=SHAPE):
    """A convolution, whose map is given beside the logits of three classes."""
    image = keras.Input(shape)
    x = keras.layers.Conv2D(4, 4, 2, "same", activation="leaky_relu")(image)
    logits = keras.layers.Dense(3, dtype="float32")(keras.layers.Flatten()(x))
    return keras.Model(image, [logits, x])


def of_images(**kwargs):
    return gan_zoo.ResidualAttributeGAN(
        SHAPE,
        generator_a_to_b=differences(),
        generator_b_to_a=differences(),
        discriminator=of_classes(),
        **kwargs,
    )


SYSTEMS = {
    "ResidualAttributeGAN": System(
        tiny=lambda: of_images(ema=0.9),
        settings={
            "image_shape": (128, 128, 3),
            "ema": None,
            "residual_weight": 5e-4,
            "perceptual_weight": 5e-5,
        },
        optimizers=both(adam(2e-4, 0.5, epsilon=1e-8)),
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def minus_log(place, logits):
    return -tf.reduce_mean(tf.nn.log_softmax(logits)[:, place])


def total(x):
    return tf.reduce_mean(tf.reduce_sum(tf.abs(x), (1, 2, 3)))


def test_one_step_by_hand():
    model = of_images(residual_weight=0.03, perceptual_weight=0.01)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    a, b = pairs()
    g, f, d = model.generator_a_to_b, model.generator_b_to_a, model.discriminator
    made_b, made_a = a + g(a), b + f(b)
    variables = [v.value for v in d.trainable_variables]
    with tf.GradientTape() as tape:
        d_loss = minus_log(0, d(a)[0]) + minus_log(1, d(b)[0])
        d_loss += minus_log(2, d(made_b)[0]) + minus_log(2, d(made_a)[0])
    critic = of_classes()
    gradients = tape.gradient(d_loss, variables)
    critic.set_weights([v - 0.1 * x for v, x in zip(variables, gradients, strict=True)])
    variables = [v.value for net in (g, f) for v in net.trainable_variables]
    with tf.GradientTape() as tape:
        added, removed = g(a), f(b)
        made_b, made_a = a + added, b + removed
        (logits_b, map_b), (logits_a, map_a) = critic(made_b), critic(made_a)
        g_loss = minus_log(1, logits_b) + minus_log(0, logits_a)
        dual = minus_log(0, critic(made_b + f(made_b))[0])
        dual += minus_log(1, critic(made_a + g(made_a))[0])
        sparse = total(added) + total(removed)
        perceptual = total(map_b - critic(a)[1]) + total(map_a - critic(b)[1])
        loss = g_loss + dual + 0.03 * sparse + 0.01 * perceptual
    gradients = tape.gradient(loss, variables)
    wanted = [v - 0.1 * x for v, x in zip(variables, gradients, strict=True)]
    logs = model.train_step((a, b))
    ours = [v for net in (g, f) for v in net.trainable_variables]
    for own, theirs in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-6)
    for own, theirs in zip(d.get_weights(), critic.get_weights(), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-6)
    named = {
        "d_loss": d_loss,
        "g_loss": g_loss,
        "dual_loss": dual,
        "residual_loss": sparse,
        "perceptual_loss": perceptual,
    }
    for name, value in named.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5)


def test_translations_are_images_and_their_differences():
    model = of_images()
    x = 0.4 * rows_of(model.image_of("a"), 3)
    for direction in ("a_to_b", "b_to_a"):
        added = model.residuals(x, direction, batch_size=2)
        network = getattr(model, f"generator_{direction}")
        np.testing.assert_allclose(added, network(x), atol=1e-6)
        made = model.translate(x, direction)
        np.testing.assert_allclose(made, np.clip(x + added, -1, 1), atol=1e-6)
    bright = np.ones((2, *SHAPE), "float32")
    assert model.translate(bright).max() <= 1.0
    with pytest.raises(ValueError, match="a_to_b"):
        model.residuals(x, "back")
    # Of another size than those of the training.
    odd = x[:, :5, :7]
    made = model.translate(odd)
    assert made.shape == odd.shape
    added = model.residuals(odd)
    np.testing.assert_allclose(made, np.clip(odd + added, -1, 1), atol=1e-6)


def with_a_pixel(n, seed, value):
    """Random images whose middle shows the attribute."""
    images = np.random.default_rng(seed).uniform(-0.3, 0.3, (n, 4, 4, 1))
    images[:, 1:3, 1:3] = value
    return images.astype("float32")


def test_an_attribute_is_added_and_removed_by_sparse_differences():
    shape = (4, 4, 1)
    image = keras.Input(shape)
    x = keras.layers.Conv2D(8, 3, padding="same", activation="leaky_relu")(image)
    logits = keras.layers.Dense(3)(keras.layers.Flatten()(x))

    def network():
        made = keras.layers.Dense(16)(keras.layers.Flatten()(image))
        return keras.Model(image, keras.layers.Reshape(shape)(made))

    model = gan_zoo.ResidualAttributeGAN(
        shape,
        residual_weight=0.02,
        generator_a_to_b=network(),
        generator_b_to_a=network(),
        discriminator=keras.Model(image, [logits, x]),
    )
    fast = {"learning_rate": 0.005, "beta_1": 0.5}
    model.compile(
        d_optimizer=keras.optimizers.Adam(**fast),
        g_optimizer=keras.optimizers.Adam(**fast),
    )
    a, b = with_a_pixel(256, 0, -0.5), with_a_pixel(256, 1, 0.5)
    model.fit((a, b), batch_size=16, epochs=15, verbose=0)
    test = with_a_pixel(50, 2, -0.5)
    added = model.residuals(test)
    inside = added[:, 1:3, 1:3]
    assert inside.mean() > 0.4
    assert np.abs(added).mean() < 0.5 * np.abs(inside).mean()
    back = model.translate(model.translate(test), "b_to_a")
    assert back[:, 1:3, 1:3].mean() < 0.0


def test_a_config_round_trip():
    changed = {"residual_weight": 2.0, "perceptual_weight": 3.0, "ema": 0.5}
    config = of_images(**changed).get_config()
    again = gan_zoo.ResidualAttributeGAN.from_config(config).get_config()
    assert (again | changed) == again


def test_numbers_out_of_range_are_refused():
    for name in ("residual_weight", "perceptual_weight"):
        with pytest.raises(ValueError, match=name):
            gan_zoo.ResidualAttributeGAN(SHAPE, **{name: -1.0})
