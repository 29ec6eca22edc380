import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import MMDGAN, WGAN
from gan_zoo.networks.gan import mlp


def mmd_gan(**kwargs):
    encoder, decoder = mlp(2, 4, 8), mlp(4, 2, 8)
    return MMDGAN(
        (2,), 3, generator=mlp(3, 2, 8), encoder=encoder, decoder=decoder, **kwargs
    )


def wgan(**kwargs):
    return WGAN((2,), 3, generator=mlp(3, 2, 8), discriminator=mlp(2, 1, 8), **kwargs)


@pytest.mark.parametrize("build", [mmd_gan, wgan])
def test_the_generator_waits_for_the_critic(build):
    """Two waits of three steps, then it moves at each: at steps 3, 6, 7, 8."""
    model = build(critic_steps=2, warmup_generator_steps=2, warmup_critic_steps=6)
    model.compile(g_optimizer=keras.optimizers.SGD(0.5))
    updates, weights = [0], [model.generator.get_weights()[0]]
    draw = np.random.default_rng(0)
    for _ in range(8):
        points = draw.normal(size=(12, 2)).astype("float32")
        model.train_step(tf.constant(points))
        updates.append(int(model.g_optimizer.iterations.value))
        weights.append(model.generator.get_weights()[0])
    assert updates == [0, 0, 0, 1, 1, 1, 2, 3, 4]
    np.testing.assert_array_equal(weights[2], weights[0])
    assert (weights[3] != weights[2]).any()


@pytest.mark.parametrize("build", [mmd_gan, wgan])
def test_the_default_warm_up_is_the_authors(build):
    """100 critic updates, 5 a step, before each of 25 of the generator; then 5."""
    model = build()
    model.compile(g_optimizer=keras.optimizers.SGD(0.5))
    updates, moves = model.g_optimizer.iterations, []
    for step in range(504):
        model.steps.assign(step)
        before = int(updates.value)
        with model.clipping.generator_waits(model):
            updates.assign_add(1)
        if int(updates.value) > before:
            moves.append(step)
    assert np.diff(moves[:25], prepend=-1).tolist() == [20] * 25
    assert moves[24:] == [499, 500, 501, 502, 503]


def test_clipping_touches_what_it_is_given_and_nothing_else():
    model = wgan(clip=0.125)
    model.compile()
    inside, outside = (keras.Variable([-3.0, 0.05, 2.0]) for _ in range(2))
    model.clipping.clip_weights([inside])
    np.testing.assert_array_equal(inside, [-0.125, np.float32(0.05), 0.125])
    np.testing.assert_array_equal(outside, [-3, np.float32(0.05), 2])


def test_the_config_keeps_the_clipping():
    model = mmd_gan(clip=0.3, warmup_generator_steps=3, warmup_critic_steps=10)
    copy = MMDGAN.from_config(model.get_config())
    clipping = copy.clipping
    assert clipping.clip == 0.3
    assert clipping.warmup_generator_steps == 3
    assert clipping.warmup_critic_steps == 10


@pytest.mark.parametrize("build", [mmd_gan, wgan])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clip": 0.0}, "clip above 0"),
        ({"clip": None}, "clip above 0, a number .* got None"),
        ({"warmup_critic_steps": 7}, "multiple of critic_steps=5"),
        ({"warmup_critic_steps": 0}, "warmup_critic_steps .* at least 1, got 0"),
        ({"warmup_critic_steps": -5}, "warmup_critic_steps .* at least 1, got -5"),
        ({"warmup_generator_steps": -3}, "warmup_generator_steps .* 0, got -3"),
    ],
)
def test_bad_numbers_are_errors(build, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(critic_steps=5, **arguments)
