"""DiscoGAN against hand-written losses; the rest is CycleGAN's."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.image_to_image.test_cyclegan import SHAPE as TWO_CHANNELS
from models.image_to_image.test_cyclegan import linear_networks, translated
from models.system import SHAPE, System, adam, both, translated_images
from small_networks import convolution, translator

import gan_zoo
from gan_zoo.networks.blocks import to_logit


def small_critic():
    image = keras.Input(SHAPE)
    return keras.Model(image, to_logit(convolution(image)))


def of_images():
    return gan_zoo.DiscoGAN(
        SHAPE,
        generator_a_to_b=translator(SHAPE),
        generator_b_to_a=translator(SHAPE),
        discriminator_a=small_critic(),
        discriminator_b=small_critic(),
        ema=0.9,
    )


def linear_model(**kwargs):
    return gan_zoo.DiscoGAN(TWO_CHANNELS, **linear_networks(), **kwargs)


SYSTEMS = {
    "DiscoGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (64, 64, 3),
            "ema": None,
            "image_shape_b": (64, 64, 3),
            "cycle_weight": 10,  # the paper's equations: 1
        },
        optimizers=both(adam(2e-4, 0.5, epsilon=1e-8)),
        rate={"d": 0.01, "g": 0.1},
        spreads=linear_model,
        made=translated_images,
        of_latents=False,
    ),
}


def test_every_loss_by_hand():
    model = linear_model(cycle_weight=3.0)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.0), g_optimizer=keras.optimizers.SGD(0.01)
    )
    rng = np.random.default_rng(0)
    a, b = (
        tf.constant(rng.uniform(-1, 1, (2, *TWO_CHANNELS)), tf.float32) for _ in "ab"
    )
    fake_a, fake_b = translated(model, a, b)
    variables = model.variables_of("g")
    with tf.GradientTape() as tape:
        g_loss, cycle = 0.0, 0.0
        for there, back, critic, images in (
            (model.generator_a_to_b, model.generator_b_to_a, model.discriminator_b, a),
            (model.generator_b_to_a, model.generator_a_to_b, model.discriminator_a, b),
        ):
            made = there(images)
            g_loss -= tf.reduce_mean(tf.math.log(tf.sigmoid(critic(made))))
            difference = (back(made) + 1) / 2 - (images + 1) / 2
            cycle += tf.reduce_mean(difference**2)
        loss = g_loss + 3.0 * cycle
    gradients = tape.gradient(loss, [v.value for v in variables])
    d_loss = 0.0
    for critic, real, fake in (
        (model.discriminator_a, a, fake_a),
        (model.discriminator_b, b, fake_b),
    ):
        d_loss -= tf.reduce_mean(tf.math.log(tf.sigmoid(critic(real))))
        d_loss -= tf.reduce_mean(tf.math.log(1 - tf.sigmoid(critic(fake))))
    wanted = {"d_loss": d_loss, "g_loss": g_loss, "cycle_loss": cycle}
    before = [v.numpy() for v in variables]
    logs = model.train_step((a, b))
    assert set(logs) == set(wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(float(logs[name]), float(value), rtol=1e-5)
    for old, gradient, new in zip(before, gradients, variables, strict=True):
        np.testing.assert_allclose(new, old - 0.01 * gradient, rtol=1e-5, atol=1e-6)


def test_a_config_round_trip():
    changed = {"cycle_weight": 2.0, "ema": 0.5, "seed": 4, "name": "pairs"}
    model = linear_model(**changed)
    copy = gan_zoo.DiscoGAN.from_config(model.get_config())
    assert type(copy) is gan_zoo.DiscoGAN
    assert (copy.get_config() | changed) == copy.get_config()


@pytest.mark.parametrize("name", ["identity_weight", "pool_size", "constant_steps"])
def test_what_the_objective_has_no_place_for_is_refused(name):
    with pytest.raises(TypeError, match=f"DiscoGAN's objective has no {name}"):
        linear_model(**{name: 1})
