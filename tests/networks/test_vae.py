import numpy as np

from gan_zoo.networks import vae

SHAPE = (28, 28, 1)


def test_networks_have_the_paper_s_widths():
    assert vae.vae_encoder(SHAPE).count_params() == 785 * 500 + 2 * 501 * 20
    assert vae.bernoulli_decoder(SHAPE).count_params() == 21 * 500 + 501 * 784
    assert vae.normal_decoder(SHAPE).count_params() == 21 * 200 + 2 * 201 * 784


def test_weights_start_near_zero_as_the_authors():
    kernels = [w for w in vae.vae_encoder(SHAPE).get_weights() if w.ndim == 2]
    for kernel in kernels:
        assert abs(kernel.std() - 0.01) < 5e-4


def test_means_of_the_normal_decoder_lie_in_the_range_of_images():
    network = vae.normal_decoder((4, 4, 1), 3)
    network.set_weights([10 * w for w in network.get_weights()])
    means, log_variances = network(100 * np.random.default_rng(0).normal(size=(9, 3)))
    assert means.shape == log_variances.shape == (9, 4, 4, 1)
    assert np.abs(means).max() <= 1
