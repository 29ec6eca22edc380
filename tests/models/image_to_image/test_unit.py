"""UNIT against hand-written losses and updates, and its shared layers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import (
    SHAPE,
    System,
    adam,
    both,
    data_for,
    rows_of,
    translated_images,
)
from small_networks import patch_critic

import gan_zoo
from gan_zoo import backend
from gan_zoo.networks.unit import unit_networks

CODED = ("encoder_a", "encoder_b", "decoder_a", "decoder_b")


def of_images():
    return gan_zoo.UNIT(
        SHAPE,
        **unit_networks(SHAPE, SHAPE, width=2, blocks=0),
        discriminator_a=patch_critic(SHAPE),
        discriminator_b=patch_critic(SHAPE),
        ema=0.9,
    )


def linear(inputs, outputs, seed, layer=None):
    image = keras.Input((4, 4, inputs))
    start = keras.initializers.RandomNormal(stddev=0.5, seed=seed)
    layer = layer or keras.layers.Conv2D(outputs, 1, kernel_initializer=start)
    return keras.Model(image, layer(image))


def linear_networks():
    """1 x 1 convolutions; the decoders are one and the same layer."""
    shared = keras.layers.Conv2D(
        1, 1, kernel_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=9)
    )
    return {
        "encoder_a": linear(1, 3, 0),
        "encoder_b": linear(1, 3, 1),
        "decoder_a": linear(3, 1, 2, shared),
        "decoder_b": linear(3, 1, 2, shared),
        "discriminator_a": linear(1, 1, 3),
        "discriminator_b": linear(1, 1, 4),
    }


def linear_model(**kwargs):
    model = gan_zoo.UNIT((4, 4, 1), **linear_networks(), **kwargs)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.05), g_optimizer=keras.optimizers.SGD(1e-3)
    )
    return model


SYSTEMS = {
    "UNIT": System(
        tiny=of_images,
        settings={
            "image_shape": (256, 256, 3),
            "ema": None,
            "image_shape_b": (256, 256, 3),
            "adversarial_weight": 10,
            "divergence_weight": 0.1,
            "reconstruction_weight": 100,
            "cycle_divergence_weight": 0.1,
            "cycle_weight": 100,
        },
        optimizers=both(adam(1e-4, 0.5, epsilon=1e-8)),
        rate={"d": 0.01, "g": 1e-3},
        spreads=lambda: gan_zoo.UNIT((4, 4, 1), **linear_networks(), ema=0.9),
        made=translated_images,
        of_latents=False,
    ),
}


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, 4, 4, 1)), tf.float32) for _ in "ab"]


def test_one_step_by_hand():
    model = linear_model(adversarial_weight=2.0, divergence_weight=0.3)
    a, b = pairs()
    with model.draws("discriminators"):
        noise_d = [backend.normal((3, 4, 4, 3)) for _ in "ab"]
    with model.draws("generators"):
        noise_g = [backend.normal((3, 4, 4, 3)) for _ in range(4)]
    names = [*CODED[:3], "discriminator_a", "discriminator_b"]
    w = {
        name: [tf.Variable(x) for x in getattr(model, name).get_weights()]
        for name in names
    }
    w["decoder_b"] = w["decoder_a"]

    def run(name, x):
        kernel, bias = w[name]
        return tf.einsum("nhwi,io->nhwo", x, kernel[0, 0]) + bias

    def distance(x, y):
        return tf.reduce_mean(tf.abs(x - y))

    def log_loss(scores, real):
        p = tf.sigmoid(scores)
        return -tf.reduce_mean(tf.math.log(p if real else 1 - p))

    def move(players, gradients, rate):
        for x, gradient in zip(players, gradients, strict=True):
            x.assign_sub(rate * gradient)

    code_a = run("encoder_a", a) + noise_d[0]
    code_b = run("encoder_b", b) + noise_d[1]
    fake_a, fake_b = run("decoder_a", code_b), run("decoder_b", code_a)
    critics = w["discriminator_a"] + w["discriminator_b"]
    with tf.GradientTape() as tape:
        d_loss = log_loss(run("discriminator_a", a), True)
        d_loss += log_loss(run("discriminator_a", fake_a), False)
        d_loss += log_loss(run("discriminator_b", b), True)
        d_loss += log_loss(run("discriminator_b", fake_b), False)
        loss = 2 * d_loss
    move(critics, tape.gradient(loss, critics), 0.05)
    coders = w["encoder_a"] + w["encoder_b"] + w["decoder_a"]
    with tf.GradientTape() as tape:
        mean_a, mean_b = run("encoder_a", a), run("encoder_b", b)
        code_a, code_b = mean_a + noise_g[0], mean_b + noise_g[1]
        fake_b, fake_a = run("decoder_b", code_a), run("decoder_a", code_b)
        mean_ab, mean_ba = run("encoder_b", fake_b), run("encoder_a", fake_a)
        back_a = run("decoder_a", mean_ab + noise_g[2])
        back_b = run("decoder_b", mean_ba + noise_g[3])
        g_loss = log_loss(run("discriminator_a", fake_a), True)
        g_loss += log_loss(run("discriminator_b", fake_b), True)
        same = distance(run("decoder_a", code_a), a)
        same += distance(run("decoder_b", code_b), b)
        cycle = distance(back_a, a) + distance(back_b, b)
        direct = tf.reduce_mean(mean_a**2) + tf.reduce_mean(mean_b**2)
        around = tf.reduce_mean(mean_ab**2) + tf.reduce_mean(mean_ba**2)
        loss = 2 * g_loss + 0.3 * direct + 100 * same
        loss += 0.1 * (direct + around) + 100 * cycle
    # The layer of both decoders is moved once, by the sum of its gradients.
    move(coders, tape.gradient(loss, coders), 1e-3)

    logs = model.train_step((a, b))
    for name in names:
        for ours, theirs in zip(
            getattr(model, name).get_weights(), w[name], strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5, err_msg=name)
    wanted = {
        "d_loss": d_loss,
        "g_loss": g_loss,
        "reconstruction_loss": same,
        "cycle_loss": cycle,
        "divergence": direct + around,
    }
    for name, value in wanted.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)


def shared_count(model):
    nets = [getattr(model, name) for name in CODED]
    weights = [{id(v) for v in net.trainable_variables} for net in nets]
    return len(weights[0] & weights[1]), len(weights[2] & weights[3])


def test_shared_layers_stay_one_set_of_weights(tmp_path):
    model = of_images()
    assert shared_count(model) == (4, 4)
    averages = [model.averages[name] for name in CODED]
    shared = [{id(v) for v in net.weights} for net in averages]
    assert len(shared[0] & shared[1]) == 4
    model.compile(run_eagerly=True)
    data = data_for(model, steps=2)
    model.fit(data, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert shared_count(loaded) == (4, 4)
    x = rows_of(model.image_of("a"), 2)
    np.testing.assert_array_equal(model.translate(x), loaded.translate(x))
    # Each variable has one place in its optimizer.
    moments = model.optimizer_of("g").variables
    count = len(model.variables_of("g"))
    assert len(moments) == 2 + 2 * count


def test_translations_go_through_the_means():
    model = linear_model()
    x = rows_of(model.image_of("a"), 3)
    wanted = model.decoder_b(model.encoder_a(x))
    np.testing.assert_allclose(model.translate(x), wanted, atol=1e-6)
    wanted = model.decoder_a(model.encoder_b(x))
    np.testing.assert_allclose(model.translate(x, "b_to_a"), wanted, atol=1e-6)
    np.testing.assert_array_equal(
        model.translate(x, seed=0), model.translate(x, seed=1)
    )


def test_images_of_b_may_have_other_channels():
    model = gan_zoo.UNIT(
        (16, 16, 1),
        (16, 16, 3),
        **unit_networks((16, 16, 1), (16, 16, 3), width=2, blocks=0),
    )
    x = np.zeros((2, 16, 16, 1), "float32")
    assert model.translate(x).shape == (2, 16, 16, 3)
    copy = gan_zoo.UNIT.from_config(model.get_config())
    assert copy.domains == model.domains
    assert shared_count(copy) == (4, 4)


def test_images_of_b_are_told_of_the_argument_of_b():
    """Also where it was left out: the one of A would change A."""
    a, b = np.zeros((2, 4, 4, 1), "float32"), np.zeros((2, 4, 4, 3), "float32")
    with pytest.raises(ValueError, match=r"with image_shape_b=\(4, 4, 3\)"):
        linear_model().fit(a, b)


def test_what_does_not_fit_is_refused():
    nets = linear_networks()
    with pytest.raises(ValueError, match=r"codes of one shape, got .*3\) and .*2\)"):
        gan_zoo.UNIT((4, 4, 1), **nets | {"encoder_b": linear(1, 2, 0)})
    with pytest.raises(ValueError, match="decoder_b takes codes"):
        gan_zoo.UNIT((4, 4, 1), **nets | {"decoder_b": linear(2, 1, 0)})
    with pytest.raises(ValueError, match="may differ in channels only"):
        gan_zoo.UNIT((16, 16, 1), (32, 32, 1))
    with pytest.raises(ValueError, match="cycle_weight"):
        gan_zoo.UNIT((4, 4, 1), **nets, cycle_weight=-1)
