import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System

from gan_zoo import VAE, GaussianVAE
from gan_zoo.networks import vae as networks

# x = W z + b + σ noise in three dimensions, z ~ N(0, I) in two: everything is known.
W = np.array([[1.0, 0.5], [-0.5, 1.5], [0.3, -1.0]])
B = np.array([0.2, -0.1, 0.4])
VARIANCE = 0.3


def of_images():
    return VAE(
        SHAPE,
        5,
        encoder=networks.vae_encoder(SHAPE, 5, 16),
        decoder=networks.bernoulli_decoder(SHAPE, 5, 16),
        ema=0.9,
    )


def of_densities():
    return GaussianVAE(
        SHAPE,
        5,
        encoder=networks.vae_encoder(SHAPE, 5, 16),
        decoder=networks.normal_decoder(SHAPE, 5, 16),
    )


ADAGRAD = (
    keras.optimizers.Adagrad,
    {"learning_rate": 0.02, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
)
SYSTEMS = {
    "VAE": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "ema": None,
            "latent_dim": 20,
            "prior": "normal",
        },
        optimizers={"vae": ADAGRAD},
    ),
    "GaussianVAE": System(
        tiny=of_densities,
        settings={
            "image_shape": (28, 28, 1),
            "ema": None,
            "latent_dim": 20,
            "prior": "normal",
        },
        optimizers={"vae": ADAGRAD},
        rate=0.002,
    ),
}


def linear_vae(posterior_scale=1.0):
    """The linear model; its encoder gives the true posterior where the scale is 1."""
    covariance = np.linalg.inv(np.eye(2) + W.T @ W / VARIANCE)
    gain = covariance @ W.T / VARIANCE  # E(z|x) = gain (x − b)
    x = keras.Input((3,))
    means = keras.layers.Dense(2)
    log_variances = keras.layers.Dense(2, kernel_initializer="zeros")
    encoder = keras.Model(x, [means(x), log_variances(x)])
    means.set_weights([gain.T * posterior_scale, -gain @ B * posterior_scale])
    log_variances.set_weights([np.zeros((3, 2)), np.log(np.diag(covariance))])
    z = keras.Input((2,))
    made = keras.layers.Dense(3)
    spread = keras.layers.Dense(3)
    decoder = keras.Model(z, [made(z), spread(z)])
    made.set_weights([W.T, B])
    spread.set_weights([np.zeros((2, 3)), np.full(3, np.log(VARIANCE))])
    return GaussianVAE((3,), 2, encoder=encoder, decoder=decoder)


def data(n):
    rng = np.random.default_rng(0)
    noise = VARIANCE**0.5 * rng.normal(size=(n, 3))
    return (rng.normal(size=(n, 2)) @ W.T + B + noise).astype("float32")


def log_density(x):
    """log N(x; b, W Wᵀ + σ² I), what the bound bounds."""
    covariance = W @ W.T + VARIANCE * np.eye(3)
    away = x - B
    squared = (away @ np.linalg.inv(covariance) * away).sum(1)
    _, log_determinant = np.linalg.slogdet(2 * np.pi * covariance)
    return -0.5 * (log_determinant + squared)


def closed_form_bound(x, means, variances):
    """E log p(x|z) − KL of a linear model, z ~ N(means, diag variances)."""
    error = ((x - means @ W.T - B) ** 2).sum(1) + (W**2 @ variances).sum()
    log_likelihood = -0.5 * (3 * np.log(2 * np.pi * VARIANCE) + error / VARIANCE)
    divergence = 0.5 * (means**2 + variances - 1 - np.log(variances)).sum(1)
    return log_likelihood - divergence


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_bound_is_the_closed_form_s_and_below_the_likelihood(scale):
    """Within Monte Carlo error; the gap is KL(q ‖ p(z|x)), larger for a worse q."""
    vae, x = linear_vae(scale), data(400)
    bound = vae.elbo(x, samples=60, batch_size=400)
    covariance = np.linalg.inv(np.eye(2) + W.T @ W / VARIANCE)
    means = vae.encode(x)
    wanted = closed_form_bound(x, means, np.diag(covariance))
    np.testing.assert_allclose(bound.mean(), wanted.mean(), atol=0.06)
    assert np.corrcoef(bound, wanted)[0, 1] > 0.98
    true = log_density(x)
    assert (wanted < true).all()
    # KL(N(m, D) ‖ N(m*, S)) of Gaussians, which the gap must be.
    away = means * (1 - 1 / scale)
    inverse = np.linalg.inv(covariance)
    trace = np.trace(inverse @ np.diag(np.diag(covariance))) - 2
    ratio = np.linalg.det(covariance) / np.prod(np.diag(covariance))
    gap = 0.5 * (trace + (away @ inverse * away).sum(1) + np.log(ratio))
    np.testing.assert_allclose(true - wanted, gap, rtol=1e-3, atol=1e-4)


def test_training_closes_the_gap_to_the_likelihood():
    """Of a linear model, to what is lost by a posterior without correlations."""
    x = data(4000)
    vae = linear_vae()
    best = closed_form_bound(
        x, vae.encode(x), np.diag(np.linalg.inv(np.eye(2) + W.T @ W / VARIANCE))
    ).mean()
    for network in (vae.encoder, vae.decoder):
        network.set_weights([0.1 * w for w in network.get_weights()])
    before = vae.elbo(x).mean()
    vae.compile(vae_optimizer=keras.optimizers.Adam(0.02))
    vae.fit(x, batch_size=200, epochs=40, verbose=0)
    after = vae.elbo(x).mean()
    assert before < best - 1
    # A rotation of z spares the model those correlations: it may do better.
    assert best - 0.1 < after < log_density(x).mean() + 0.1


def test_logs_are_the_terms_of_the_bound():
    vae = VAE((4, 4, 1), 2, encoder=networks.vae_encoder((4, 4, 1), 2, 8))
    vae.compile(vae_optimizer=keras.optimizers.SGD(0.0))
    x = tf.random.stateless_uniform((16, 4, 4, 1), (0, 1), -1, 1)
    logs = {k: float(v) for k, v in vae.train_step(x).items()}
    assert logs["loss"] == pytest.approx(logs["reconstruction"] + logs["divergence"])
    # At the first weights, N(0, 0.01²), every logit is about 0: 16 log 2 nats.
    assert logs["reconstruction"] == pytest.approx(16 * np.log(2), rel=0.02)


def test_codes_are_the_means_and_reconstructions_their_images():
    vae, x = linear_vae(), data(7)
    means, _ = vae.encoder(x)
    np.testing.assert_allclose(vae.encode(x, batch_size=3), means, atol=1e-6)
    np.testing.assert_allclose(
        vae.reconstruct(x, batch_size=3), means @ W.T + B, atol=1e-5
    )
    z = np.random.default_rng(1).normal(size=(5, 2))
    np.testing.assert_allclose(vae.decode(z), vae.sample_in_batches(z), atol=1e-6)


def test_samples_follow_the_prior():
    """Of the linear model, means and covariance without the pixels' own noise."""
    images = linear_vae().generate(20_000)
    np.testing.assert_allclose(images.mean(0), B, atol=0.03)
    np.testing.assert_allclose(np.cov(images.T), W @ W.T, atol=0.06)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"latent_dim": 3, "encoder": networks.vae_encoder((28, 28, 1))},
            "makes means",
        ),
        ({"decoder": networks.bernoulli_decoder((8, 8, 1))}, "makes logits"),
        ({"decoder": networks.bernoulli_decoder((28, 28, 1), 4)}, "takes latents"),
        (
            {
                "encoder": keras.Sequential(
                    [
                        keras.Input((28, 28, 1)),
                        keras.layers.Flatten(),
                        keras.layers.Dense(20),
                    ]
                )
            },
            "log variances",
        ),
    ],
)
def test_wrong_networks_say_what_was_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        VAE(**arguments)


def test_the_decoder_s_outputs_are_those_of_the_likelihood():
    shape = (8, 8, 1)
    bernoulli = networks.bernoulli_decoder(shape, 4, 8)
    normal = networks.normal_decoder(shape, 4, 8)
    with pytest.raises(ValueError, match="outputs logits, got 2"):
        VAE(shape, 4, decoder=normal)
    with pytest.raises(ValueError, match="outputs means, log variances, got 1"):
        GaussianVAE(shape, 4, decoder=bernoulli)
    one_spread = keras.layers.Dense(1)(normal.inputs[0])
    decoder = keras.Model(normal.inputs, [normal.outputs[0], one_spread])
    with pytest.raises(ValueError, match="makes log variances of shape"):
        GaussianVAE(shape, 4, decoder=decoder)


def test_images_and_codes_of_other_shapes_are_refused():
    vae = linear_vae()
    with pytest.raises(ValueError, match="batches of images"):
        vae.encode(np.zeros(3, "float32"))
    with pytest.raises(ValueError, match="float images"):
        vae.elbo(np.zeros((2, 3), "uint8"))
    with pytest.raises(ValueError, match="codes of shape"):
        vae.decode(np.zeros((2, 5)))


def test_a_bernoulli_likelihood_has_no_pixels_beyond_1():
    vae = VAE((2, 2, 1), 2)
    vae.compile()
    digits = np.random.default_rng(0).uniform(-1, 1, (16, 2, 2, 1)).astype("float32")
    beyond = 2.5 * digits  # as of data with mean 0 and deviation 1
    fix = "values up to 2.4.*undo other normalisations"
    for look in (vae.elbo, vae.encode, vae.reconstruct, vae.fit):
        with pytest.raises(ValueError, match=fix):
            look(beyond)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Got: 2\.4"):
        vae.fit(tf.data.Dataset.from_tensor_slices(beyond).batch(8), verbose=0)
    with pytest.warns(UserWarning, match="no number below 0.*2 . x - 1"):
        vae.elbo((digits + 1) / 2)
    with pytest.raises(TypeError, match="array of images, got _BatchDataset"):
        vae.encode(tf.data.Dataset.from_tensor_slices(digits).batch(8))
    # A density is defined everywhere.
    gaussian = GaussianVAE((2, 2, 1), 2)
    assert np.isfinite(gaussian.elbo(beyond)).all()
