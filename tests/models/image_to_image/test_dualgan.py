"""DualGAN against hand-written losses and updates, and the clipping of its critics."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.image_to_image.test_cyclegan import NETWORKS, SHAPE, linear_networks
from models.system import SHAPE as GREY
from models.system import System, both, data_for, rmsprop, translated_images
from small_networks import patch_critic, translator

import gan_zoo


def of_images():
    return gan_zoo.DualGAN(
        GREY,
        generator_a_to_b=translator(GREY),
        generator_b_to_a=translator(GREY),
        discriminator_a=patch_critic(GREY),
        discriminator_b=patch_critic(GREY),
        critic_steps=2,
        ema=0.9,
    )


def linear_model(**kwargs):
    return gan_zoo.DualGAN(SHAPE, **linear_networks(), **{"critic_steps": 2} | kwargs)


SYSTEMS = {
    "DualGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (256, 256, 3),
            "ema": None,
            "image_shape_b": (256, 256, 3),
            "recovery_weight_a": 100,
            "recovery_weight_b": 100,
            "clip": 0.1,
            "critic_steps": 3,
        },
        optimizers=both(rmsprop(5e-5, rho=0.9, epsilon=1e-16)),
        rate={"d": 0.01, "g": 1e-4},
        spreads=linear_model,
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=4):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def weights(model):
    return [[w.numpy() for w in model.variables_of(player)] for player in "dg"]


def by_hand(model, images_a, images_b):
    """Algorithm 1 with SGD: two updates of the critics, then one of the generators."""
    d, g = [[tf.Variable(w) for w in player] for player in weights(model)]

    def convolved(x, kernel, bias):
        return tf.einsum("nhwi,io->nhwo", x, kernel[0, 0]) + bias

    def network(variables, place):
        return lambda x: convolved(x, *variables[2 * place : 2 * place + 2])

    there, back = network(g, 0), network(g, 1)
    critic_a, critic_b = network(d, 0), network(d, 1)
    mean = tf.reduce_mean
    d_losses = []
    for k in range(2):
        a, b = images_a[k::2], images_b[k::2]
        with tf.GradientTape() as tape:
            loss = mean(critic_b(there(a))) - mean(critic_b(b))
            loss += mean(critic_a(back(b))) - mean(critic_a(a))
        for w, gradient in zip(d, tape.gradient(loss, d), strict=True):
            w.assign(tf.clip_by_value(w - 0.5 * gradient, -model.clip, model.clip))
        d_losses.append(float(loss))
    with tf.GradientTape() as tape:
        g_loss = -mean(critic_b(there(a))) - mean(critic_a(back(b)))
        lost_a = mean(tf.abs(back(there(a)) - a))
        lost_b = mean(tf.abs(there(back(b)) - b))
        loss = g_loss + model.recovery_weight_a * lost_a
        loss += model.recovery_weight_b * lost_b
    for w, gradient in zip(g, tape.gradient(loss, g), strict=True):
        w.assign_sub(0.01 * gradient)
    logs = np.mean(d_losses), float(g_loss), float(lost_a + lost_b)
    return [[w.numpy() for w in player] for player in (d, g)], logs


def test_one_step_by_hand():
    model = linear_model(recovery_weight_a=2.0, recovery_weight_b=3.0, clip=0.3)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.5), g_optimizer=keras.optimizers.SGD(0.01)
    )
    images = pairs()
    wanted, (d_loss, g_loss, recovery) = by_hand(model, *images)
    logs = {name: float(v) for name, v in model.train_step(images).items()}
    for ours, theirs in zip(weights(model), wanted, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert logs["d_loss"] == pytest.approx(d_loss, rel=1e-5)
    assert logs["g_loss"] == pytest.approx(g_loss, rel=1e-5)
    assert logs["recovery_loss"] == pytest.approx(recovery, rel=1e-5)


def test_all_weights_of_the_critics_lie_within_the_bound():
    model = of_images()
    model.compile()
    assert max(np.abs(w).max() for w in weights(model)[0]) > model.clip
    model.fit(data_for(model, steps=1), verbose=0)
    assert max(np.abs(w).max() for w in weights(model)[0]) <= model.clip
    assert max(np.abs(w).max() for w in weights(model)[1]) > model.clip


def test_each_update_of_the_critics_sees_a_fresh_batch():
    seen = []

    class Watched(gan_zoo.DualGAN):
        def update_critics(self, real_a, real_b):
            seen.append(real_a.numpy())

    names = dict.fromkeys(NETWORKS)
    model = linear_model()
    watched = Watched(
        SHAPE, critic_steps=2, **{name: getattr(model, name) for name in names}
    )
    watched.compile(run_eagerly=True)
    images = pairs(8)
    data = tf.data.Dataset.from_tensor_slices(tuple(images)).batch(4)
    watched.fit(data, verbose=0)
    np.testing.assert_array_equal(np.concatenate(seen), images[0])


def test_a_config_round_trip():
    changed = {"recovery_weight_a": 2.0, "recovery_weight_b": 5.0, "clip": 0.05}
    changed |= {"critic_steps": 4, "ema": 0.5, "seed": 4, "name": "duals"}
    model = linear_model(**changed)
    copy = gan_zoo.DualGAN.from_config(model.get_config())
    assert (copy.get_config() | changed) == copy.get_config()


@pytest.mark.parametrize(
    ("name", "value"),
    [("clip", 0), ("critic_steps", 0), ("recovery_weight_a", -1.0)],
)
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"Expected {name}"):
        linear_model(**{name: value})


def test_the_default_networks_translate_between_channels():
    model = gan_zoo.DualGAN((32, 32, 1), (32, 32, 3))
    made = model.translate(np.zeros((1, 32, 32, 1), "float32"))
    assert made.shape == (1, 32, 32, 3)
