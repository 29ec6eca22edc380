"""CycleGAN against hand-written losses and updates; its runs: test_cyclegan_runs.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, both, translated_images
from small_networks import patch_critic, translator

from gan_zoo import backend
from gan_zoo.models.image_to_image.cyclegan import CycleGAN
from gan_zoo.networks.cyclegan import resnet_generator
from gan_zoo.networks.pix2pix import patch_discriminator
from gan_zoo.optimizers import ConstantThenLinear

SHAPE = (8, 8, 2)
NETWORKS = (
    "generator_a_to_b",
    "generator_b_to_a",
    "discriminator_a",
    "discriminator_b",
)


def of_images():
    shape = (8, 8, 1)
    return CycleGAN(
        shape,
        generator_a_to_b=translator(shape),
        generator_b_to_a=translator(shape),
        discriminator_a=patch_critic(shape),
        discriminator_b=patch_critic(shape),
        pool_size=6,
        ema=0.9,
    )


def of_one_convolution_each():
    """Without a norm, which amplifies rounding."""
    networks = {
        name: linear(2 if "generator" in name else 1, None) for name in NETWORKS
    }
    return CycleGAN(SHAPE, pool_size=6, ema=0.9, **networks)


# 100 epochs of horse2zebra's 1,334 zebras, and as many down to 0.
RATE = ConstantThenLinear(2e-4, 133_400, 133_400)
SYSTEMS = {
    "CycleGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (256, 256, 3),
            "ema": None,
            "image_shape_b": (256, 256, 3),
            "cycle_weight": 10,
            "identity_weight": 0.5,
            "pool_size": 50,
            "constant_steps": 133_400,
            "linear_steps": 133_400,
        },
        optimizers=both(adam(RATE, 0.5, epsilon=1e-8)),
        rate=0.01,
        spreads=of_one_convolution_each,
        made=translated_images,
        of_latents=False,
    ),
}


def linear(outputs, seed):
    """A 1 x 1 convolution, so small that its losses can be written by hand."""
    image = keras.Input(SHAPE)
    start = keras.initializers.RandomNormal(stddev=0.5, seed=seed)
    made = keras.layers.Conv2D(outputs, 1, kernel_initializer=start)(image)
    return keras.Model(image, made)


def linear_networks():
    """Two translators and two discriminators, each a convolution of its own."""
    channels = (2, 2, 1, 1)
    return {
        name: linear(count, seed)
        for seed, (name, count) in enumerate(zip(NETWORKS, channels, strict=True))
    }


def linear_model(**kwargs):
    model = CycleGAN(SHAPE, **linear_networks() | kwargs)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.01)
    )
    return model


def small_networks(shape=SHAPE):
    generator = {"width": 2, "blocks": 1}
    discriminator = {"width": 2, "n_layers": 1}
    return {
        "generator_a_to_b": resnet_generator(shape, **generator),
        "generator_b_to_a": resnet_generator(shape, **generator),
        "discriminator_a": patch_discriminator(shape, **discriminator),
        "discriminator_b": patch_discriminator(shape, **discriminator),
    }


def pair(seed=0, n=2, shape=SHAPE):
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(-1, 1, (n, *shape)).astype("float32") for _ in "ab")


def step(model, data):
    return {name: float(value) for name, value in model.train_step(data).items()}


# The paper's networks and optimizers.


@pytest.mark.parametrize(
    ("side", "blocks", "scores"), [(256, 9, 30), (128, 6, 14), (64, 6, 14), (32, 6, 14)]
)
def test_default_networks(side, blocks, scores):
    shape = (side, side, 3)
    model = CycleGAN.paper_generator(None, shape, shape)
    assert sum(isinstance(x, keras.layers.Add) for x in model.layers) == blocks
    scored = CycleGAN.paper_discriminator(None, shape)
    assert scored.output.shape[1:] == (scores, scores, 1)


def test_default_optimizers():
    model = CycleGAN(SHAPE, **small_networks(), constant_steps=5, linear_steps=7)
    model.compile()
    for player in ("d", "g"):
        optimizer = model.optimizer_of(player)
        assert optimizer.get_config()["beta_1"] == 0.5
        rate = optimizer._learning_rate
        assert isinstance(rate, ConstantThenLinear)
        assert rate.learning_rate == 2e-4
        assert (rate.constant_steps, rate.linear_steps) == (5, 7)
    assert len(model.variables_of("g")) == 2 * len(model.generator_a_to_b.variables)


# The objective and the order of the updates.


def translated(model, a, b):
    return model.translated(b, "b_to_a"), model.translated(a, "a_to_b")


def hand_losses(model, a, b):
    """Every term of the generators' objective, in the paper's words."""
    g, f = model.generator_a_to_b, model.generator_b_to_a
    fake_b, fake_a = g(a), f(b)
    distance = lambda x, y: tf.reduce_mean(tf.abs(x - y))  # noqa: E731
    return {
        "adversarial_b": tf.reduce_mean((model.discriminator_b(fake_b) - 1) ** 2),
        "adversarial_a": tf.reduce_mean((model.discriminator_a(fake_a) - 1) ** 2),
        "cycle_a": distance(f(fake_b), a),
        "cycle_b": distance(g(fake_a), b),
        "identity_b": distance(g(b), b),
        "identity_a": distance(f(a), a),
    }


def hand_discriminator_loss(model, a, b, fake_a, fake_b):
    total = 0.0
    for net, real, fake in (
        (model.discriminator_a, a, fake_a),
        (model.discriminator_b, b, fake_b),
    ):
        loss_real = tf.reduce_mean((net(real) - 1) ** 2)
        total += (loss_real + tf.reduce_mean(net(fake) ** 2)) * 0.5
    return total


def test_every_loss_by_hand():
    model = linear_model()
    a, b = pair()
    terms = {name: float(v) for name, v in hand_losses(model, a, b).items()}
    fake_a, fake_b = translated(model, a, b)
    d_loss = float(hand_discriminator_loss(model, a, b, fake_a, fake_b))
    wanted = {
        "d_loss": d_loss,
        "g_loss": terms["adversarial_a"] + terms["adversarial_b"],
        "cycle_loss": terms["cycle_a"] + terms["cycle_b"],
        "identity_loss": terms["identity_a"] + terms["identity_b"],
    }
    assert step(model, (a, b)) == pytest.approx(wanted, rel=1e-6)
    assert min(terms.values()) > 0.05


@pytest.mark.parametrize("weights", [(10.0, 0.5), (3.0, 0.0), (0.0, 0.5)])
def test_one_step_by_hand_generators_first(weights):
    cycle_weight, identity_weight = weights
    model = linear_model(cycle_weight=cycle_weight, identity_weight=identity_weight)
    a, b = pair()
    fake_a, fake_b = translated(model, a, b)
    g, d = model.variables_of("g"), model.variables_of("d")
    with tf.GradientTape() as tape:
        t = hand_losses(model, a, b)
        loss = t["adversarial_a"] + t["adversarial_b"]
        loss += cycle_weight * (t["cycle_a"] + t["cycle_b"])
        identity = t["identity_a"] + t["identity_b"]
        loss += cycle_weight * identity_weight * identity
    g_wanted = [v - 0.01 * x for v, x in zip(g, tape.gradient(loss, g), strict=True)]
    with tf.GradientTape() as tape:
        loss = hand_discriminator_loss(model, a, b, fake_a, fake_b)
    d_wanted = [v - 0.1 * x for v, x in zip(d, tape.gradient(loss, d), strict=True)]

    before = [v.numpy() for v in d]
    step(model, (a, b))
    for variable, wanted in zip([*g, *d], [*g_wanted, *d_wanted], strict=True):
        np.testing.assert_allclose(variable, wanted, atol=1e-6)
    # Fakes of the updated generators would have moved D elsewhere: the test can tell.
    for variable, value in zip(d, before, strict=True):
        variable.assign(value)
    with tf.GradientTape() as tape:
        late = hand_discriminator_loss(model, a, b, *translated(model, a, b))
    late = [v - 0.1 * x for v, x in zip(d, tape.gradient(late, d), strict=True)]
    gap = max(np.abs(x - y).max() for x, y in zip(late, d_wanted, strict=True))
    assert gap > 1e-4


def test_each_cycle_reaches_both_generators():
    model = linear_model()
    for name in ("cycle_a", "cycle_b"):
        with tf.GradientTape() as tape:
            loss = hand_losses(model, *pair())[name]
        gradients = tape.gradient(loss, model.variables_of("g"))
        assert all(np.abs(x).max() > 1e-3 for x in gradients)


def test_the_discriminators_see_the_pool():
    model = linear_model(pool_size=1, seed=5)
    first, second = pair(1, 1), pair(2, 1)
    step(model, first)
    kept = np.asarray(model.pool_a.images[0]), np.asarray(model.pool_b.images[0])
    new = [np.asarray(x) for x in translated(model, *second)]
    with model.draws("pools"):
        coins = [float(backend.uniform((1, 2))[0, 0]) for _ in "ab"]
    shown = [
        old[None] if coin > 0.5 else image
        for coin, old, image in zip(coins, kept, new, strict=True)
    ]
    wanted = float(hand_discriminator_loss(model, *second, *shown))
    for tracker in model.metrics:
        tracker.reset_state()
    assert any(coin > 0.5 for coin in coins)
    assert step(model, second)["d_loss"] == pytest.approx(wanted, rel=1e-6)


def test_batch_norm_gets_its_batches_apart():
    def normed(outputs):
        image = keras.Input(SHAPE)
        x = keras.layers.Conv2D(2, 1)(image)
        x = keras.layers.BatchNormalization()(x)
        return keras.Model(image, keras.layers.Conv2D(outputs, 1)(x))

    model = linear_model(discriminator_a=normed(1), generator_a_to_b=normed(2))
    a, b = pair()
    b += 3  # a mixture of both would have other moments than either
    g = model.generator_a_to_b
    wanted = float(tf.reduce_mean(tf.abs(g(b, training=True) - b)))
    wanted += float(tf.reduce_mean(tf.abs(model.generator_b_to_a(a) - a)))
    assert step(model, (a, b))["identity_loss"] == pytest.approx(wanted, rel=1e-5)


def test_regularizers_count():
    def decayed(outputs, factor):
        image = keras.Input(SHAPE)
        ones = {"kernel_initializer": "ones", "kernel_regularizer": "l2"}
        conv = keras.layers.Conv2D(outputs, 1, **ones if factor else {})
        net = keras.Model(image, conv(image))
        net.set_weights([np.ones_like(w) for w in net.get_weights()])
        return net

    losses, judges, weights = {}, {}, {}
    for factor in (0, 1):
        model = linear_model(
            discriminator_b=decayed(1, factor), generator_b_to_a=decayed(2, factor)
        )
        losses[factor] = step(model, pair())
        judges[factor] = model.discriminator_b.layers[-1].kernel
        weights[factor] = model.generator_b_to_a.layers[-1].kernel
    # d(.01 w^2)/dw at w = 1, times the learning rates .1 and .01
    np.testing.assert_allclose(judges[0] - judges[1], 2e-3, rtol=1e-3)
    np.testing.assert_allclose(weights[0] - weights[1], 2e-4, rtol=1e-2)
    assert losses[0] == losses[1]  # the logs show the objective
