import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import VAE, Autoencoder, backend
from gan_zoo.models.autoencoders.base import reparameterized


def test_the_gradient_passes_through_the_draw():
    """E z² = μ² + σ²: its derivatives are 2μ and, by log σ², σ²."""
    means = tf.fill((200_000, 1), 0.7)
    log_variances = tf.fill((200_000, 1), -0.5)
    with backend.draws((0, 0)), tf.GradientTape() as tape:
        tape.watch([means, log_variances])
        total = tf.reduce_sum(reparameterized(means, log_variances) ** 2) / 200_000
    gradients = [
        float(tf.reduce_sum(g)) for g in tape.gradient(total, [means, log_variances])
    ]
    assert gradients[0] == pytest.approx(1.4, abs=0.01)
    assert gradients[1] == pytest.approx(np.exp(-0.5), abs=0.01)


def test_nothing_is_drawn_outside_a_draw_scope():
    with pytest.raises(RuntimeError, match="draws"):
        reparameterized(tf.zeros((2, 3)), tf.zeros((2, 3)))


def halves():
    """Codes are the first two of three numbers; logits of codes their double."""
    x, code = keras.Input((3,)), keras.Input((2,))
    encoder = keras.layers.Dense(2, use_bias=False)
    decoder = keras.layers.Dense(3, use_bias=False)
    model = Autoencoder(
        (3,),
        2,
        encoder=keras.Model(x, encoder(x)),
        decoder=keras.Model(code, decoder(code)),
    )
    encoder.set_weights([np.eye(3, 2)])
    decoder.set_weights([2 * np.eye(2, 3)])
    return model


def test_codes_and_back_whatever_the_batches():
    x = np.random.default_rng(0).uniform(-1, 1, (7, 3)).astype("float32")
    model = halves()
    assert model.code_length == 2
    for batch_size in (1, 3, 100):
        codes = model.encode(x, batch_size)
        np.testing.assert_array_equal(codes, x[:, :2])
        # 2 σ(2 c) − 1 = tanh c
        wanted = np.tanh(np.pad(codes, ((0, 0), (0, 1))))
        np.testing.assert_allclose(model.decode(codes, batch_size), wanted, atol=1e-6)
        np.testing.assert_allclose(model.reconstruct(x, batch_size), wanted, atol=1e-6)


def test_of_two_outputs_the_first_is_the_code():
    x, z = keras.Input((3,)), keras.Input((2,))
    heads = [keras.layers.Dense(2)(x), keras.layers.Dense(2)(x)]
    decoder = keras.Model(z, keras.layers.Dense(3)(z))
    vae = VAE((3,), 2, encoder=keras.Model(x, heads), decoder=decoder)
    images = np.ones((4, 3), "float32")
    means, _ = vae.encoder(images)
    np.testing.assert_allclose(vae.encode(images), means, atol=1e-6)


def test_other_shapes_and_integers_are_refused():
    model = halves()
    with pytest.raises(ValueError, match=r"shape \(3,\); a batch has shape \(n, 4\)"):
        model.encode(np.zeros((2, 4), "float32"))
    with pytest.raises(ValueError, match="float images"):
        model.encode(np.zeros((2, 3), "uint8"))
    with pytest.raises(ValueError, match=r"codes of shape \(n, 2\), got \(2, 3\)"):
        model.decode(np.zeros((2, 3)))
