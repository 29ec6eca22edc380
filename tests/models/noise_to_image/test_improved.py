import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, adam, both

from gan_zoo import layers
from gan_zoo.layers import MinibatchDiscrimination
from gan_zoo.models.noise_to_image.improved import (
    ImprovedGAN,
    features_of,
    smoothed_discriminator_loss,
)
from gan_zoo.networks.blocks import to_logit
from gan_zoo.networks.dcgan import dcgan_generator
from gan_zoo.networks.gan import mlp
from gan_zoo.networks.improved import improved_discriminator


def of_images(**kwargs):
    image = keras.Input(SHAPE)
    x = layers.WeightNormConv2D(4, 3, 2, "same", activation="leaky_relu")(image)
    x = keras.layers.Flatten()(layers.GaussianNoise(0.2)(x))
    x = layers.MinibatchDiscrimination(6, 3)(x)
    return ImprovedGAN(
        SHAPE,
        5,
        generator=dcgan_generator(SHAPE, 5, 4),
        discriminator=keras.Model(image, to_logit(x)),
        historical_weight=0.1,
        **kwargs,
    )


SYSTEMS = {
    "ImprovedGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 100,
            "critic_steps": 1,
            "prior": "uniform",
            "ema": None,
            "real_target": 0.9,
            "historical_weight": 1e-3,  # the paper gives none
            "feature_matching": False,
        },
        optimizers=both(adam(3e-4, 0.5, epsilon=1e-4)),
        rate=0.05,
    ),
    "ImprovedGAN, features matched": System(
        tiny=lambda: of_images(feature_matching=True),
        rate=0.05,
    ),
}


def tiny(**kwargs):
    networks = {"generator": mlp(3, 2, 8), "discriminator": mlp(2, 1, 8)}
    return ImprovedGAN((2,), 3, **networks | kwargs)


def points(n=16, seed=0):
    return tf.random.stateless_normal((n, 2), (seed, 1))


def test_smoothed_loss_is_the_cross_entropy_of_the_targets():
    real, fake = np.array([[2.0], [-1.0], [0.3]]), np.array([[0.5], [-3.0]])
    d_real, d_fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
    wanted = -np.mean(0.9 * np.log(d_real) + 0.1 * np.log(1 - d_real))
    wanted -= np.mean(np.log(1 - d_fake))
    got = smoothed_discriminator_loss(tf.constant(real), tf.constant(fake), 0.9)
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


@pytest.mark.parametrize(("p_data", "p_model"), [(0.5, 0.5), (0.9, 0.1), (0.2, 0.8)])
def test_the_best_discriminator_rewards_no_empty_place(p_data, p_model):
    """D = α p_data / (p_data + p_model) is where the smoothed loss is stationary.

    With the fake label smoothed too, p_model would stand in the numerator.
    """
    best = 0.9 * p_data / (p_data + p_model)
    score = tf.Variable(np.log(best / (1 - best)))
    nowhere = tf.constant(0.0, tf.float64)
    with tf.GradientTape() as tape:
        # E over the data weighs this place p_data, over the model p_model.
        of_data = smoothed_discriminator_loss(score, nowhere, 0.9)
        of_model = smoothed_discriminator_loss(nowhere, score, 0.9)
        loss = p_data * of_data + p_model * of_model
    np.testing.assert_allclose(tape.gradient(loss, score), 0, atol=1e-9)


def test_what_else_an_objective_returns_is_handed_back():
    gan = tiny()
    gan.compile()
    loss = tf.constant(1.0)
    assert gan.update("d", lambda: (loss, {"d_loss": loss}, "made")) == "made"
    assert gan.update("d", lambda: (loss, {"d_loss": loss})) is None


def test_historical_averaging_is_the_formula_over_several_steps():
    """w moves by -rate * (gradient of the loss + 2 h (w - mean of its past))."""
    h, rate = 0.3, 0.5
    gan, plain = tiny(historical_weight=h), tiny(historical_weight=0.0)
    for each in (gan, plain):
        each.compile(
            d_optimizer=keras.optimizers.SGD(rate),
            g_optimizer=keras.optimizers.SGD(rate),
        )
    past, distances = {"d": [], "g": []}, {"d": [], "g": []}
    for step in range(5):
        plain.steps.assign(step)
        for player in "dg":
            past[player].append(weights(gan, player))
            assign(plain, player, weights(gan, player))
        logs = gan.train_step(points(seed=step))
        for player in "dg":
            before = past[player][-1]
            pull = before - np.mean(past[player], axis=0)
            wanted = updated(plain, player, step) - rate * 2 * h * pull
            np.testing.assert_allclose(weights(gan, player), wanted, atol=1e-6)
            # The generator's update meets the discriminator's new weights.
            assign(plain, player, wanted)
            distances[player].append(np.sum(pull**2))
    for player, held in (("d", gan.past_d), ("g", gan.past_g)):
        assert distances[player][-1] > 1e-3
        np.testing.assert_allclose(
            logs[f"{player}_history"], np.mean(distances[player]), rtol=1e-4
        )
        everything = [*past[player], weights(gan, player)]
        np.testing.assert_allclose(
            np.concatenate([v.numpy().ravel() for v in held]),
            np.mean(everything, axis=0),
            atol=1e-6,
        )


def weights(gan, player):
    return np.concatenate([v.numpy().ravel() for v in gan.variables_of(player)])


def assign(gan, player, flat):
    start = 0
    for variable in gan.variables_of(player):
        size = int(np.prod(variable.shape))
        variable.assign(flat[start : start + size].reshape(variable.shape))
        start += size


def updated(gan, player, step):
    """A player's weights after its part of a training step."""
    if player == "d":
        with gan.draws("discriminator", 0):
            gan.update_discriminator(points(seed=step))
    else:
        with gan.draws("generator"):
            gan.update_generator(points(seed=step))
    return weights(gan, player)


def linear_networks(second_output):
    """G(z) = z W; f(x) = x A and its score, of one output or of two."""
    z, x = keras.Input((3,)), keras.Input((2,))
    generator = keras.Model(z, keras.layers.Dense(2, use_bias=False)(z))
    features = keras.layers.Dense(5, use_bias=False)(x)
    score = keras.layers.Dense(1)(features)
    if second_output:  # behind a layer without weights, whose input is no feature
        score = [keras.layers.Activation("linear")(score), features]
    return {"generator": generator, "discriminator": keras.Model(x, score)}


@pytest.mark.parametrize("second_output", [False, True])
def test_the_generator_descends_the_distance_of_mean_features(second_output):
    """Of linear players by hand: ∂/∂W = −2 z̄ᵀ (x̄ − z̄ W) A Aᵀ."""
    rate, x = 0.1, points()
    gan = ImprovedGAN(
        (2,),
        3,
        feature_matching=True,
        historical_weight=0.0,
        **linear_networks(second_output),
    )
    gan.compile(g_optimizer=keras.optimizers.SGD(rate))
    with gan.draws("generator"):
        z = gan.latents(16).numpy().mean(axis=0)
    (w,), (a, *_) = gan.generator.get_weights(), gan.discriminator.get_weights()
    gap = x.numpy().mean(axis=0) - z @ w
    with gan.draws("generator"):
        gan.update_generator(x)
    wanted = w + rate * 2.0 * np.outer(z, gap @ a @ a.T)
    assert np.abs(wanted - w).max() > 1e-3
    np.testing.assert_allclose(gan.generator.get_weights()[0], wanted, atol=1e-6)
    np.testing.assert_allclose(gan.logs()["g_loss"], np.sum((gap @ a) ** 2), rtol=1e-5)


def test_the_features_are_what_the_last_layer_takes():
    discriminator = improved_discriminator((12, 12, 1), width=4, kernels=7)
    assert features_of(discriminator).output_shape == (None, 2 * 4 + 7)
    x = keras.Input((2,))
    score = keras.layers.Reshape((1,))(keras.layers.Dense(1)(x))
    with pytest.raises(ValueError, match=r"second output.*\[logits, features\]"):
        tiny(feature_matching=True, discriminator=keras.Model(x, score))


def test_the_score_beside_the_features_is_one_per_image():
    x = keras.Input((2,))
    two = keras.Model(x, [keras.layers.Dense(2)(x), keras.layers.Dense(4)(x)])
    with pytest.raises(ValueError, match=r"one score per image, .* \('n', 2\)"):
        tiny(feature_matching=True, discriminator=two)


def test_two_outputs_need_feature_matching():
    with pytest.raises(ValueError, match="one output, logits, got 2"):
        ImprovedGAN((2,), 3, **linear_networks(second_output=True))


def test_the_default_discriminator_has_the_authors_kernels():
    gan = ImprovedGAN((12, 12, 1), 5, historical_weight=0.25)
    (layer,) = (
        layer
        for layer in gan.discriminator.layers
        if isinstance(layer, MinibatchDiscrimination)
    )
    assert (layer.kernels, layer.kernel_dim) == (100, 5)
    copy = ImprovedGAN.from_config(gan.get_config())
    assert copy.historical_weight == 0.25


def test_the_default_discriminator_sees_that_all_images_are_alike():
    """Repeating one image changes its score; without the layer it cannot."""
    discriminator = improved_discriminator((12, 12, 1), width=4)
    images = tf.random.stateless_uniform((8, 12, 12, 1), (0, 1), -1, 1)
    collapsed = tf.repeat(images[:1], 8, 0)
    among_others, among_itself = discriminator(images), discriminator(collapsed)
    assert abs(float(among_others[0, 0] - among_itself[0, 0])) > 0.1


def test_bad_arguments_are_errors():
    with pytest.raises(ValueError, match="real_target"):
        tiny(real_target=1.1)
    with pytest.raises(ValueError, match="historical_weight"):
        tiny(historical_weight=-1.0)
    with pytest.raises(ValueError, match=r"real_target in .* got \(0\.7, 1\.2\)"):
        tiny(real_target=(0.7, 1.2))
    with pytest.raises(ValueError, match=r"historical_weight .* got nan"):
        tiny(historical_weight=float("nan"))
