import numpy as np
from testing import golden, rebuilt

from gan_zoo.layers import ScaledLeakyReLU


def test_equals_the_authors():
    with np.load(golden("stylegan2_ops.npz")) as archive:
        x, b = archive["bias_act/in/x"], archive["bias_act/in/b"]
        wanted = archive["bias_act/out/lrelu"]
    made = ScaledLeakyReLU()(x + b[:, None, None])
    np.testing.assert_allclose(made, wanted, rtol=1e-6, atol=1e-7)


def test_keeps_the_mean_square_of_normal_numbers():
    x = np.random.default_rng(0).normal(size=100_000).astype("float32")
    # E f(x)² = 2 · (1 + 0.2²) / 2
    assert abs(np.mean(np.square(ScaledLeakyReLU()(x))) - 1.04) < 0.02


def test_rebuilt_from_its_configuration():
    layer = rebuilt(ScaledLeakyReLU(0.1, 1.0))
    np.testing.assert_allclose(layer(np.array([-1.0, 2.0])), [-0.1, 2.0], rtol=1e-6)
