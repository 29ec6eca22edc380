"""RRDBNet and ESRGAN against a hand-written update."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.image_to_image.test_srgan import (
    COMMON,
    LARGE,
    enlarging,
    features,
    moved,
    pairs,
    small_critic,
)
from models.system import System, adam, both, translated_images

import gan_zoo


def halved(rate, steps):
    rates = [rate / 2**k for k in range(len(steps) + 1)]
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(steps, rates)
    return adam(schedule, 0.9, epsilon=1e-8)


def of_pixels():
    return gan_zoo.RRDBNet(LARGE, 2, generator=enlarging(), ema=0.9)


def adversarial(**kwargs):
    return gan_zoo.ESRGAN(
        LARGE, 2, generator=enlarging(), discriminator=small_critic(), **kwargs
    )


OF_128 = COMMON | {"image_shape": (128, 128, 3)}
SYSTEMS = {
    "RRDBNet": System(
        tiny=of_pixels,
        settings=OF_128,
        optimizers={"g": halved(2e-4, [200_000, 400_000, 600_000, 800_000])},
        made=translated_images,
        of_latents=False,
    ),
    "ESRGAN": System(
        tiny=lambda: adversarial(ema=0.9, adversarial_weight=0.1),
        settings=OF_128 | {"adversarial_weight": 5e-3, "pixel_weight": 1e-2},
        optimizers=both(halved(1e-4, [50_000, 100_000, 200_000, 300_000])),
        made=translated_images,
        of_latents=False,
    ),
    "ESRGAN, features": System(
        tiny=lambda: adversarial(features=features(), adversarial_weight=0.1),
        made=translated_images,
        of_latents=False,
    ),
}


def compared(scores, others):
    """−E log σ(C(a) − E C(b)) − E log(1 − σ(C(b) − E C(a)))."""
    right = tf.sigmoid(scores - tf.reduce_mean(others))
    wrong = tf.sigmoid(others - tf.reduce_mean(scores))
    return -tf.reduce_mean(tf.math.log(right)) - tf.reduce_mean(tf.math.log(1 - wrong))


@pytest.mark.parametrize("by_features", [False, True])
def test_one_step_of_esrgan_by_hand(by_features):
    maps = features() if by_features else None
    model = adversarial(features=maps, adversarial_weight=0.2, pixel_weight=0.3)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1)
    )
    small, real = pairs()
    g, d = model.generator, model.discriminator
    made = g(small)
    with tf.GradientTape() as tape:
        d_loss = compared(d(real), d(made))
    gradients = tape.gradient(d_loss, [v.value for v in d.trainable_variables])
    critic = keras.models.clone_model(d)
    critic.set_weights(moved(d, gradients, 0.1))
    with tf.GradientTape() as tape:
        made = g(small)
        g_loss = compared(critic(made), critic(real))
        content = tf.reduce_mean(tf.abs(real - made))
        if maps:
            content *= 0.3
            for a, b in zip(maps(real), maps(made), strict=True):
                content += tf.reduce_mean(tf.abs(a - b))
        loss = content + 0.2 * g_loss
    gradients = tape.gradient(loss, [v.value for v in g.trainable_variables])
    wanted = moved(g, gradients, 0.1)
    logs = model.train_step((small, real))
    for ours, theirs in zip(g.trainable_variables, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for ours, theirs in zip(d.get_weights(), critic.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    named = {"d_loss": d_loss, "g_loss": g_loss, "content_loss": content}
    for name, value in named.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5)


def test_real_images_take_part_in_the_generator_s_objective():
    model = adversarial()
    (_, real), (_, made) = pairs(), pairs(5)
    other = real + tf.reshape([0.5, 0.0, 0.0, 0.0], (4, 1, 1, 1))
    losses = [float(model.adversarial_loss(x, made[:4])) for x in (real, other)]
    assert losses[0] != losses[1]


def test_pretraining_is_of_absolute_differences_and_the_same_generator():
    gan = adversarial()
    first = gan.pretraining
    assert type(first) is gan_zoo.RRDBNet
    assert first.generator is gan.generator
    small, real = pairs()
    first.compile(g_optimizer=keras.optimizers.SGD(0.1))
    wanted = np.abs(real - gan.generator(small)).mean()
    logs = first.train_step((small, real))
    np.testing.assert_allclose(logs["content_loss"], wanted, rtol=1e-5)


def test_a_config_round_trip():
    config = adversarial(pixel_weight=0.5, adversarial_weight=0.25).get_config()
    again = gan_zoo.ESRGAN.from_config(config)
    assert (again.pixel_weight, again.adversarial_weight) == (0.5, 0.25)
    with pytest.raises(ValueError, match="pixel_weight"):
        adversarial(pixel_weight=-1.0)
