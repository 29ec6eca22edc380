import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, rmsprop
from small_networks import convolution, normed_generator

from gan_zoo import backend
from gan_zoo.layers import BatchNormalization
from gan_zoo.models.autoencoders.vaegan import VAEGAN, feature_distance
from gan_zoo.networks import vaegan as networks
from gan_zoo.networks.blocks import to_logit

SHAPE = (8, 8, 1)


def of_images():
    """Each of the three networks has one batch norm."""
    image = keras.Input(SHAPE)
    x = convolution(image, batch_norm=True)
    heads = [keras.layers.Dense(5, dtype="float32")(x) for _ in range(2)]
    features = keras.layers.Conv2D(4, 4, 2, "same", dtype="float32")(image)
    x = keras.layers.ReLU()(BatchNormalization()(features))
    logit = to_logit(keras.layers.Flatten()(x))
    return VAEGAN(
        SHAPE,
        5,
        encoder=keras.Model(image, heads),
        decoder=normed_generator(SHAPE, 5),
        discriminator=keras.Model(image, [logit, features]),
        similarity_weight=0.1,
        ema=0.9,
    )


SYSTEMS = {
    "VAEGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (64, 64, 3),
            "ema": None,
            "latent_dim": 128,
            "prior": "normal",
            "similarity_weight": 1e-5,
        },
        optimizers=dict.fromkeys("egd", rmsprop(3e-4, rho=0.9, epsilon=1e-8)),
        rate=0.001,
        rows=8,  # batch norm of a dense layer over four magnifies rounding
    ),
}


def perceptrons(**kwargs):
    """Linear networks of points in the plane, without batch norm."""
    x = keras.Input((2,))
    encoder = keras.Model(x, [keras.layers.Dense(3)(x), keras.layers.Dense(3)(x)])
    z = keras.Input((3,))
    decoder = keras.Model(z, keras.layers.Dense(2)(z))
    features = keras.layers.Dense(4, "tanh")(x)
    discriminator = keras.Model(x, [keras.layers.Dense(1)(features), features])
    return VAEGAN(
        (2,), 3, encoder=encoder, decoder=decoder, discriminator=discriminator, **kwargs
    )


def images(n=16):
    return tf.random.stateless_normal((n, 2), (0, 1))


def weights(model):
    return {p: [v.numpy() for v in model.variables_of(p)] for p in model.players}


def test_feature_distance_is_half_the_squared_distance_of_features():
    wanted = np.array([[[1.0, 2.0]], [[0.0, 0.0]]])
    features = np.array([[[0.0, 0.0]], [[3.0, 0.0]]])
    value = float(feature_distance(wanted, features))
    assert value == pytest.approx(0.5 * (5 + 9) / 2)


def reference_gradients(model, x, gamma):
    """Algorithm 1 written out: one forward pass, three losses, three gradients."""
    with model.draws("encoder"):
        noise = backend.normal((len(x), 3))
    with model.draws("decoder"):
        drawn = model.latents(len(x))
    with tf.GradientTape(persistent=True) as tape:
        means, log_variances = model.encoder(x)
        z = means + tf.exp(log_variances / 2) * noise
        made, sampled = model.decoder(z), model.decoder(drawn)
        real_score, wanted = model.discriminator(x)
        made_score, features = model.discriminator(made)
        sampled_score, _ = model.discriminator(sampled)
        prior = 0.5 * tf.reduce_sum(
            means**2 + tf.exp(log_variances) - 1 - log_variances, 1
        )
        like = 0.5 * tf.reduce_sum((wanted - features) ** 2, 1)
        prior, like = tf.reduce_mean(prior), tf.reduce_mean(like)
        softplus = tf.math.softplus
        d = sum(
            tf.reduce_mean(softplus(s))
            for s in (-real_score, made_score, sampled_score)
        )
        g = sum(tf.reduce_mean(softplus(-s)) for s in (made_score, sampled_score))
        e_loss, g_loss = prior + like, gamma * like + g
    losses = {"e": e_loss, "g": g_loss, "d": d}
    return {
        player: tape.gradient(loss, [v.value for v in model.variables_of(player)])
        for player, loss in losses.items()
    }


def test_a_step_is_algorithm_1_with_all_gradients_at_the_old_weights():
    rate, gamma = 0.1, 0.7
    model = perceptrons(similarity_weight=gamma)
    model.compile(**{f"{p}_optimizer": keras.optimizers.SGD(rate) for p in "egd"})
    x = images()
    before = weights(model)
    gradients = reference_gradients(model, x, gamma)
    model.train_step(x)
    for player, after in weights(model).items():
        for old, gradient, new in zip(
            before[player], gradients[player], after, strict=True
        ):
            np.testing.assert_allclose(new, old - rate * gradient, atol=1e-6)
            assert np.abs(gradient).max() > 1e-4


def test_codes_reconstructions_and_samples_use_their_networks():
    model = perceptrons(ema=0.9)
    x = images(5).numpy()
    means, _ = model.encoder(x)
    np.testing.assert_allclose(model.encode(x), means, atol=1e-6)
    np.testing.assert_allclose(model.reconstruct(x), model.decoder(means), atol=1e-6)
    # The average of the decoder is what samples come from.
    model.average_decoder.set_weights([0 * w for w in model.decoder.get_weights()])
    np.testing.assert_array_equal(model.generate(3), 0)
    np.testing.assert_array_equal(model.decode(means.numpy()), 0)


def test_networks_are_the_paper_s():
    """Table 1 for 64×64 images, the encoder's dense layer as in the authors' code."""
    shape = (64, 64, 3)
    model = VAEGAN(shape)

    def widths(network):
        return [
            layer.filters if hasattr(layer, "filters") else layer.units
            for layer in network.layers
            if hasattr(layer, "filters") or hasattr(layer, "units")
        ]

    assert widths(model.encoder) == [64, 128, 256, 1024, 128, 128]
    assert widths(model.decoder) == [8 * 8 * 256, 256, 128, 32, 3]
    assert widths(model.discriminator) == [32, 128, 256, 256, 512, 1]
    assert tuple(model.discriminator.outputs[1].shape[1:]) == (8, 8, 256)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"similarity_weight": None}, "similarity_weight to be a .* got None"),
        ({"encoder": networks.vaegan_encoder(SHAPE, 4, 4, 8)}, "makes means"),
        ({"decoder": networks.vaegan_decoder(SHAPE, 4, [4] * 4)}, "takes latents"),
        (
            {
                "discriminator": keras.Sequential(
                    [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(1)]
                )
            },
            "outputs logits, features, got 1",
        ),
    ],
)
def test_wrong_networks_say_what_was_expected(arguments, message):
    small = {
        "encoder": networks.vaegan_encoder(SHAPE, 3, 4, 8),
        "decoder": networks.vaegan_decoder(SHAPE, 3, [4] * 4),
        "discriminator": networks.vaegan_discriminator(SHAPE, [4] * 4, 8),
    }
    with pytest.raises(ValueError, match=message):
        VAEGAN(SHAPE, 3, **small | arguments)
