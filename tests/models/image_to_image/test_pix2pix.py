"""Pix2Pix against hand-written losses and updates, and its noise."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, both, data_for, rows_of, translated_images
from small_networks import patch_critic

import gan_zoo
from gan_zoo.networks.pix2pix import unet_generator

SHAPE = (8, 8, 2)


def of_images():
    shape = (8, 8, 1)
    return gan_zoo.Pix2Pix(
        shape,
        generator=unet_generator(shape, width=2, levels=2),
        discriminator=patch_critic((8, 8, 2)),
        ema=0.9,
    )


SYSTEMS = {
    "Pix2Pix": System(
        tiny=of_images,
        settings={
            "image_shape": (256, 256, 3),
            "ema": None,
            "image_shape_b": (256, 256, 3),
            "l1_weight": 100,
            "adversarial_weight": 1,
        },
        optimizers=both(adam(2e-4, 0.5, epsilon=1e-8)),
        rate={"d": 0.01, "g": 0.001},
        made=translated_images,
        of_latents=False,
    ),
}


def linear(inputs, outputs, seed):
    """A 1 × 1 convolution, so small that its losses can be written by hand."""
    image = keras.Input((*SHAPE[:2], inputs))
    start = keras.initializers.RandomNormal(stddev=0.5, seed=seed)
    made = keras.layers.Conv2D(outputs, 1, kernel_initializer=start)(image)
    return keras.Model(image, made)


def linear_model(**kwargs):
    networks = {"generator": linear(2, 2, 0), "discriminator": linear(4, 1, 1)}
    model = gan_zoo.Pix2Pix(SHAPE, **networks, **kwargs)
    model.compile(
        d_optimizer=keras.optimizers.SGD(0.5), g_optimizer=keras.optimizers.SGD(0.01)
    )
    return model


def pairs(n=3):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.uniform(-1, 1, (n, *SHAPE)), tf.float32) for _ in "ab"]


def weights(model):
    return [[w.numpy() for w in model.variables_of(player)] for player in "dg"]


def by_hand(model, source, target):
    """Both players' new weights, and the logs, written out."""
    d, g = [[tf.Variable(w) for w in player] for player in weights(model)]

    def convolved(x, kernel_and_bias):
        kernel, bias = kernel_and_bias
        return tf.einsum("nhwi,io->nhwo", x, kernel[0, 0]) + bias

    def score(target):
        return convolved(tf.concat([source, target], -1), d)

    with tf.GradientTape() as tape:
        made = tf.stop_gradient(convolved(source, g))
        right = tf.math.log(tf.sigmoid(score(target)))
        wrong = tf.math.log(1 - tf.sigmoid(score(made)))
        d_loss = -0.5 * tf.reduce_mean(right) - 0.5 * tf.reduce_mean(wrong)
    if model.adversarial_weight:
        for w, gradient in zip(d, tape.gradient(d_loss, d), strict=True):
            w.assign_sub(0.5 * gradient)
    with tf.GradientTape() as tape:  # against the discriminator of after its update
        made = convolved(source, g)
        g_loss = -tf.reduce_mean(tf.math.log(tf.sigmoid(score(made))))
        l1_loss = tf.reduce_mean(tf.abs(target - made))
        loss = model.adversarial_weight * g_loss + model.l1_weight * l1_loss
    for w, gradient in zip(g, tape.gradient(loss, g), strict=True):
        w.assign_sub(0.01 * gradient)
    return [[w.numpy() for w in player] for player in (d, g)], (d_loss, g_loss, l1_loss)


@pytest.mark.parametrize(
    "factors", [(100.0, 1.0), (0.0, 1.0), (100.0, 0.0), (3.0, 0.5)]
)
def test_one_step_by_hand(factors):
    l1_weight, adversarial_weight = factors
    model = linear_model(l1_weight=l1_weight, adversarial_weight=adversarial_weight)
    source, target = pairs()
    wanted, losses = by_hand(model, source, target)
    before = weights(model)
    logs = model.train_step((source, target))
    for ours, theirs in zip(weights(model), wanted, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    d_loss, g_loss, l1_loss = losses if adversarial_weight else (0, 0, losses[2])
    np.testing.assert_allclose(float(logs["d_loss"]), d_loss, rtol=1e-5)
    np.testing.assert_allclose(float(logs["g_loss"]), g_loss, rtol=1e-5)
    np.testing.assert_allclose(float(logs["l1_loss"]), l1_loss, rtol=1e-5)
    still = not adversarial_weight
    assert all((a == b).all() for a, b in zip(before[0], wanted[0], strict=True)) is (
        still
    )


def test_the_discriminator_sees_the_input_beside_its_output():
    """As one image of the channels of both, the input first."""
    model = linear_model()
    kernel = np.zeros((1, 1, 4, 1))
    kernel[0, 0, 0], kernel[0, 0, 3] = 1.0, 10.0
    model.discriminator.set_weights([kernel, np.zeros(1)])
    source, target = pairs()
    wanted = source[..., :1] + 10 * target[..., 1:]
    np.testing.assert_allclose(model.score(source, target), wanted, rtol=1e-5)


def test_the_distance_alone_learns_a_translation():
    """A negative, which a 1 × 1 convolution can draw."""
    model = linear_model(adversarial_weight=0.0, l1_weight=1.0)
    model.compile(g_optimizer=keras.optimizers.Adam(0.05))
    source, _ = pairs(40)
    model.fit(source.numpy(), -source.numpy(), batch_size=4, epochs=15, verbose=0)
    assert np.abs(model.translate(source) + source).mean() < 0.05


def test_dropout_is_the_noise_of_a_translation():
    model = gan_zoo.Pix2Pix(
        (16, 16, 1),
        generator=unet_generator((16, 16, 1), width=4),
        discriminator=patch_critic((16, 16, 2)),
    )
    x = rows_of(model.image_of("a"), 5)
    made = model.translate(x, seed=3)
    np.testing.assert_array_equal(made, model.translate(x, seed=3))
    assert np.abs(made - model.translate(x, seed=4)).max() > 1e-5
    for batch_size in (1, 2):
        again = model.translate(x, seed=3, batch_size=batch_size)
        np.testing.assert_allclose(again, made, atol=1e-6)
    np.testing.assert_allclose(model.translate(x[3:4], seed=3), made[3:4], atol=1e-6)


def test_the_generator_s_update_sees_the_images_that_the_discriminator_saw():
    """One pass of the generator serves both, so its noise is drawn once."""
    seen = []

    class Watched(gan_zoo.Pix2Pix):
        def score(self, source, target):
            seen.append(target.numpy())
            return super().score(source, target)

    shape = (8, 8, 1)
    model = Watched(
        shape,
        generator=unet_generator(shape, width=2, levels=2),
        discriminator=patch_critic((8, 8, 2)),
    )
    model.compile(run_eagerly=True)
    model.fit(data_for(model, steps=1), verbose=0)
    real, to_d, to_g = seen
    np.testing.assert_array_equal(to_d, to_g)
    assert (real != to_d).any()


def test_a_config_round_trip():
    changed = {"l1_weight": 5.0, "adversarial_weight": 2.0, "ema": 0.5, "seed": 4}
    model = linear_model(**changed, name="pairs")
    copy = gan_zoo.Pix2Pix.from_config(model.get_config())
    assert (copy.get_config() | changed) == copy.get_config()
    assert copy.name == "pairs"
    assert copy.generator.count_params() == model.generator.count_params()


def test_images_of_b_may_have_other_channels():
    model = gan_zoo.Pix2Pix((32, 32, 1), (32, 32, 3), ema=0.9)
    model.compile(run_eagerly=True)
    data = data_for(model, rows=1, steps=1)
    logs = model.fit(data, verbose=0).history
    assert np.isfinite([*logs.values()]).all()
    made = model.translate(np.zeros((2, 32, 32, 1), "float32"))
    assert made.shape == (2, 32, 32, 3)


def test_images_of_b_are_told_of_the_argument_of_b():
    """Also where it was left out: the one of A would change A."""
    with pytest.raises(ValueError, match=r"with image_shape_b=\(8, 8, 3\)"):
        linear_model().fit(pairs()[0].numpy(), np.zeros((3, 8, 8, 3), "float32"))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="may differ in channels only"):
        gan_zoo.Pix2Pix((8, 8, 1), (16, 16, 1))
    with pytest.raises(ValueError, match="got 0 for both"):
        gan_zoo.Pix2Pix(SHAPE, l1_weight=0, adversarial_weight=0)
    with pytest.raises(ValueError, match=r"discriminator takes pairs.*\(8, 8, 4\)"):
        gan_zoo.Pix2Pix(SHAPE, generator=linear(2, 2, 0), discriminator=linear(2, 1, 0))
    with pytest.raises(ValueError, match=r"generator makes images.*\(8, 8, 2\)"):
        gan_zoo.Pix2Pix(SHAPE, generator=linear(2, 1, 0))
    with pytest.raises(ValueError, match="halved evenly down to 4 pixels"):
        gan_zoo.Pix2Pix((30, 31, 1))
