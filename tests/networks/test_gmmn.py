import numpy as np

from gan_zoo import backend, layers
from gan_zoo.networks import gmmn


def test_generators_have_the_paper_s_widths():
    widths = [(10, 64), (64, 256), (256, 256), (256, 1024), (1024, 784)]
    generator = gmmn.gmmn_generator((28, 28, 1))
    assert generator.count_params() == sum((a + 1) * b for a, b in widths)
    widths[-1] = (1024, 32)
    generator = gmmn.gmmn_code_generator()
    assert generator.count_params() == sum((a + 1) * b for a, b in widths)


def test_codes_lie_between_0_and_1_and_images_between_minus_1_and_1():
    z = 50 * np.random.default_rng(0).normal(size=(20, 10))
    codes = gmmn.gmmn_code_generator()(z).numpy()
    images = gmmn.gmmn_generator((8, 8, 1))(z).numpy()
    assert 0 <= codes.min() < 0.1 < 0.9 < codes.max() <= 1
    assert -1 <= images.min() < -0.9 < 0.9 < images.max() <= 1


def test_dropout_takes_pixels_and_hidden_units_in_training_only():
    encoder = gmmn.autoencoder_encoder((28, 28, 1))
    rates = [x.rate for x in encoder.layers if isinstance(x, layers.Dropout)]
    assert rates == [0.2, 0.5]
    x = np.ones((2, 28, 28, 1), "float32")
    np.testing.assert_array_equal(encoder(x), encoder(x))
    with backend.draws((0, 0)):
        assert (
            (encoder(x, training=True)[0] != encoder(x, training=True)[1]).numpy().any()
        )


def test_autoencoder_has_the_paper_s_widths():
    shape = (28, 28, 1)
    assert gmmn.autoencoder_encoder(shape).count_params() == 785 * 1024 + 1025 * 32
    assert gmmn.autoencoder_decoder(shape).count_params() == 33 * 1024 + 1025 * 784
