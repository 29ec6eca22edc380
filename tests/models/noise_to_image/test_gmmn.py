import keras
import numpy as np
import pytest
import tensorflow as tf
from models.autoencoders import test_autoencoder, test_vae, test_vaegan
from models.system import System, adam, data_for, rows_of

import gan_zoo
from gan_zoo import GMMN, Autoencoder
from gan_zoo.networks import gmmn as networks
from gan_zoo.networks.gan import mlp
from gan_zoo.objectives import kernels

SHAPE = (8, 8, 1)


def of_images():
    return GMMN(
        SHAPE, 5, generator=networks.gmmn_generator(SHAPE, 5, [16, 16]), ema=0.9
    )


def of_codes():
    return GMMN(
        SHAPE,
        5,
        generator=networks.gmmn_code_generator(6, 5, [16, 16]),
        autoencoder=test_autoencoder.averaged(),
    )


# Four times 2, 5, 10, 20, 40 and 80: images are twice as wide as the paper's.
BANDWIDTHS = (8, 20, 40, 80, 160, 320)
SYSTEMS = {
    "GMMN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "ema": None,
            "latent_dim": 10,
            "prior": "uniform",
            "autoencoder": None,
            "bandwidths": BANDWIDTHS,
        },
        optimizers={"g": adam(1e-3, 0.9)},
        rate=0.2,
    ),
    "GMMN of codes": System(
        tiny=of_codes,
        rate=0.2,
    ),
}


def identity_autoencoder():
    """Codes are 1 − x, images of codes tanh of half their logits, 1 − code."""
    x = keras.Input((2,))
    encoder = keras.layers.Dense(2)
    encoder_network = keras.Model(x, encoder(x))
    decoder = keras.layers.Dense(2)
    decoder_network = keras.Model(x, decoder(x))
    for layer in (encoder, decoder):
        layer.set_weights([-np.eye(2), np.ones(2)])
    return Autoencoder((2,), 2, encoder=encoder_network, decoder=decoder_network)


def test_the_loss_is_the_root_of_the_mmd_with_variances_for_bandwidths():
    """One image against one sample at distance 2: k = Σ exp(−4 / 2σ)."""
    model = GMMN((2,), 3, generator=mlp(3, 2), bandwidths=(0.5, 8.0))
    real, made = tf.constant([[0.0, 0.0]]), tf.constant([[2.0, 0.0]])
    k = np.exp(-4.0) + np.exp(-0.25)
    wanted = np.sqrt(2 * 2 - 2 * k)
    assert float(model.discrepancy(real, made)) == pytest.approx(wanted, rel=1e-6)
    assert float(model.discrepancy(real, real)) == pytest.approx(0, abs=2e-5)


def test_bandwidths_are_the_authors_for_images_in_minus_one_to_one():
    """Distances between images in [-1, 1] are twice those in [0, 1]."""
    x = np.random.default_rng(0).uniform(size=(5, 784)).astype("float32")
    wanted = kernels.rbf_kernel(x, x, np.sqrt([2, 5, 10, 20, 40, 80]))
    ours = GMMN().kernel(2 * x - 1, 2 * x - 1)
    np.testing.assert_allclose(ours, wanted, rtol=1e-4)
    assert GMMN((2,), 3, autoencoder=identity_autoencoder()).bandwidths == (1.0,)


def test_with_an_autoencoder_codes_are_compared_and_decoded():
    autoencoder = identity_autoencoder()
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    generator.set_weights([np.eye(2), np.zeros(2)])
    model = GMMN((2,), 2, generator=generator, autoencoder=autoencoder)
    x = np.array([[0.2, 0.6], [-1.0, 1.0]], "float32")
    np.testing.assert_allclose(model.compared(x), 1 - x)
    np.testing.assert_allclose(
        model.sample_in_batches(x), np.tanh((1 - x) / 2), rtol=1e-6
    )


def test_training_leaves_the_autoencoder_as_it_is():
    autoencoder = Autoencoder(
        SHAPE,
        4,
        encoder=networks.autoencoder_encoder(SHAPE, 4, 8),
        decoder=networks.autoencoder_decoder(SHAPE, 4, 8),
    )
    model = GMMN(SHAPE, 3, autoencoder=autoencoder)
    model.compile()
    before = autoencoder.get_weights()
    generator = model.generator.get_weights()
    x = np.random.default_rng(0).uniform(-1, 1, (200, *SHAPE)).astype("float32")
    with pytest.warns(UserWarning, match=r"fitted autoencoder, got .* 0 .*compile\(\)"):
        model.fit(x, batch_size=100, verbose=0)
    for a, b in zip(before, autoencoder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (generator[0] != model.generator.get_weights()[0]).any()


def test_a_config_and_a_file_bring_the_autoencoder_back(tmp_path):
    autoencoder = identity_autoencoder()
    autoencoder.compile()
    model = GMMN((2,), 3, autoencoder=autoencoder, bandwidths=[0.3])
    model.save(tmp_path / "model.keras")
    copy = keras.models.load_model(tmp_path / "model.keras")
    assert copy.bandwidths == (0.3,)
    array = GMMN((2,), 3, generator=mlp(3, 2), bandwidths=np.array([1.0, 2.0]))
    assert array.bandwidths == (1.0, 2.0)
    np.testing.assert_array_equal(copy.generate(5), model.generate(5))
    x = np.ones((2, 2), "float32")
    np.testing.assert_array_equal(copy.compared(x), model.compared(x))


def test_the_warning_of_untrained_codes_ends_with_training(tmp_path):
    autoencoder = identity_autoencoder()
    autoencoder.compile()
    autoencoder.fit(np.zeros((4, 2), "float32"), verbose=0)
    model = GMMN((2,), 3, autoencoder=autoencoder)
    model.compile()
    x = np.zeros((100, 2), "float32")
    model.fit(x, batch_size=100, verbose=0)
    model.save(tmp_path / "model.keras")
    keras.models.load_model(tmp_path / "model.keras").fit(x, batch_size=100, verbose=0)


def test_small_batches_are_warned_of_where_their_rows_are_known():
    model = GMMN((2,), 3, generator=mlp(3, 2))
    model.compile()
    x = np.zeros((200, 2), "float32")
    data = tf.data.Dataset.from_tensor_slices(x)
    with pytest.warns(UserWarning, match=r"about 1,000 .* got 32: .* batch_size"):
        model.fit(x, verbose=0)
    with pytest.warns(UserWarning, match="got 99"):
        model.fit(x, batch_size=99, verbose=0)
    with pytest.raises(ValueError, match="got 'many'"):
        model.fit(x, batch_size="many", verbose=0)
    with pytest.warns(UserWarning, match="got 20"):
        model.fit(data.batch(20, drop_remainder=True), verbose=0)
    model.fit(x, batch_size=100, verbose=0)
    model.fit(data.batch(100, drop_remainder=True), verbose=0)
    model.fit(data.batch(100), verbose=0)  # rows unknown


def test_it_learns_what_the_two_sample_test_then_accepts():
    """The ring of 8 Gaussians: told from samples before, no longer afterwards."""
    train, test = gan_zoo.data.load("toy:ring", batch_size=500)
    keras.utils.set_random_seed(0)
    model = GMMN(
        (2,),
        4,
        generator=mlp(4, 2, 64, 3),
        bandwidths=(0.02, 0.1, 0.5, 2.0),
    )
    held_out = np.concatenate([batch.numpy() for batch in test.take(1)])[:300]

    def p_value():
        return kernels.two_sample_test(model.generate(300, seed=7), held_out)[1]

    assert p_value() < 0.01
    rate = keras.optimizers.schedules.CosineDecay(5e-3, 800)
    model.compile(g_optimizer=keras.optimizers.Adam(rate))
    model.fit(train.repeat(), steps_per_epoch=800, verbose=0)
    assert p_value() > 0.05


def test_the_codes_may_be_a_vaegan_s(tmp_path):
    model = GMMN(SHAPE, 5, generator=mlp(5, 5), autoencoder=test_vaegan.of_images())
    model.compile()
    model.autoencoder.steps.assign(1)
    model.fit(data_for(model, rows=100, steps=1), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model.generate(3), loaded.generate(3))
    images = rows_of(*model.batch.inputs, 2)
    np.testing.assert_array_equal(model.compared(images), loaded.compared(images))


@pytest.mark.parametrize(
    ("build", "bounds"),
    [
        (test_autoencoder.averaged, (0.0, 1.0)),  # the paper's sigmoid
        (test_vae.of_images, (-np.inf, np.inf)),  # around N(0, I)
        (test_vaegan.of_images, (-np.inf, np.inf)),
    ],
)
def test_generated_codes_reach_as_far_as_the_autoencoder_s(build, bounds):
    """Of large latents the default generator's codes are as large as bounds let."""
    autoencoder = build()
    generator = GMMN(SHAPE, 5, autoencoder=autoencoder).generator
    z = 1e3 * tf.random.stateless_normal((50, 5), (0, 1))
    codes = generator(z).numpy()
    low, high = np.maximum(bounds[0], -2.0), np.minimum(bounds[1], 2.0)
    assert bounds[0] <= codes.min() <= low
    assert high <= codes.max() <= bounds[1]


def test_a_plain_network_is_no_autoencoder():
    with pytest.raises(ValueError, match=r"Autoencoder, VAE or VAEGAN.*Autoencoder\("):
        GMMN((2,), autoencoder=mlp(2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bandwidths": (1.0, 0.0)}, "bandwidths"),
        ({"bandwidths": ()}, "bandwidths"),
        ({"bandwidths": 2.0}, "bandwidths above 0, several .* got 2.0"),
        ({"prior": "cauchy"}, "prior"),
        ({"generator": mlp(10, 2)}, "makes images"),
        ({"generator": networks.gmmn_generator((28, 28, 1), 5)}, "takes latents"),
        (
            {"image_shape": (2,), "autoencoder": True, "generator": mlp(10, 3)},
            "makes codes",
        ),
        ({"image_shape": (3,), "autoencoder": True}, "autoencoder is one of images"),
    ],
)
def test_wrong_arguments_say_what_was_expected(arguments, message):
    if "autoencoder" in arguments:
        arguments = arguments | {"autoencoder": identity_autoencoder()}
    with pytest.raises(ValueError, match=message):
        GMMN(**arguments)
