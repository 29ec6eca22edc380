import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.networks.gan import (
    maxout_discriminator,
    mlp,
    relu_generator,
)

SHAPE = (28, 28, 1)


def kernels(network):
    return [w.numpy() for w in network.weights if w.path.endswith("kernel")]


def test_sizes_are_the_paper_s():
    generator = relu_generator(SHAPE, 100)
    assert generator.count_params() == 101 * 1200 + 1201 * 1200 + 1201 * 784
    discriminator = maxout_discriminator(SHAPE)
    assert discriminator.count_params() == 785 * 1200 + 241 * 1200 + 241


@pytest.mark.parametrize(
    ("build", "half_width"),
    [
        (lambda: relu_generator(SHAPE, 100, 90), 0.05),
        (lambda: maxout_discriminator(SHAPE, 240), 0.005),
    ],
    ids=["generator", "discriminator"],
)
def test_first_weights_are_the_authors(build, half_width):
    starts = kernels(build())
    assert len(starts) == 3
    for start in starts:
        assert np.abs(start).max() <= half_width
        np.testing.assert_allclose(start.std(), half_width / 3**0.5, rtol=0.1)
    first, second = (start.ravel()[:60] for start in starts[:2])
    assert not np.isclose(first, second).all()  # no two layers start alike


def test_dropout_takes_a_fifth_of_the_pixels_and_half_of_the_units():
    rates = [x.rate for x in maxout_discriminator(SHAPE).layers if hasattr(x, "rate")]
    assert rates == [0.2, 0.5, 0.5]


def test_mlp_by_hand():
    network = mlp(2, 1, width=1, depth=1)
    weights = [[1.0], [-2.0]], [0.5], [[3.0]], [-1.0]
    network.set_weights([np.array(w) for w in weights])
    # 3 max(0, x - 2 y + 1/2) - 1
    made = network(tf.constant([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(made, [[3.5], [-1.0]])
    assert mlp(3, 2, 8).count_params() == 4 * 8 + 9 * 8 + 9 * 2


def test_the_weights_of_an_mlp_start_from_its_seed():
    first, again, other = (mlp(2, 1, 4, 3, seed=seed) for seed in (0, 0, 1))
    for a, b, c in zip(kernels(first), kernels(again), kernels(other), strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.isclose(a, c).any()
    assert not np.isclose(kernels(first)[1], kernels(first)[2]).any()


def test_float32_comes_out_of_mixed_networks():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    for network in (
        relu_generator((4, 4, 1), 3, 8),
        maxout_discriminator((4, 4, 1), 8),
        mlp(3, 2),
    ):
        assert network.output.dtype == "float32"


def test_the_paper_s_networks_work_in_its_range_of_pixels():
    """D sees (x + 1) / 2, and G gives 2σ(a) − 1."""
    generator = relu_generator((2, 2, 1), 3, 4)
    last = generator.layers[-3]
    last.set_weights([np.zeros((4, 4)), np.full(4, np.log(3.0))])  # σ = 3/4
    images = generator(tf.zeros((1, 3)))
    np.testing.assert_allclose(images, np.full((1, 2, 2, 1), 0.5), atol=1e-6)
    discriminator = maxout_discriminator((2, 2, 1), 3)
    first = next(x for x in discriminator.layers if x.name.startswith("maxout"))
    pixels = np.array([-1.0, 0.0, 0.5, 1.0], "float32").reshape(1, 2, 2, 1)
    seen = keras.Model(discriminator.input, first.input)(pixels)
    np.testing.assert_allclose(seen, [[0.0, 0.5, 0.75, 1.0]])
