import numpy as np
import pytest
import replicas
import tensorflow as tf

from gan_zoo import backend


@pytest.mark.parametrize("shape", [(40, 3), (6, 5, 4, 3)])
def test_equals_the_formula(shape):
    x = np.random.default_rng(0).normal(5.0, 2.0, shape).astype("float32")
    scale, offset = np.float32([1.0, 2.0, -1.0]), np.float32([0.0, 1.0, 3.0])
    y, mean, variance = backend.batch_norm(tf.constant(x), scale, offset, 1e-3)
    rows = x.reshape(-1, 3).astype("float64")
    np.testing.assert_allclose(mean, rows.mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, rows.var(0), rtol=1e-5)
    wanted = (rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-3) * scale + offset
    np.testing.assert_allclose(np.reshape(y, (-1, 3)), wanted, atol=2e-6)


def test_two_replicas_give_the_numbers_of_one_device():
    """At sizes that people train, and relative to what moved."""
    errors = replicas.batch_norm()
    # Of the order of 1, from a mean of 30: Keras's layer is off by 1e-3.
    assert errors["output"] < 1e-4
    assert errors["gradient"] < 1e-4
    assert errors["variance"] < 1e-5
    # Rounding puts some units of leaky ReLU on the other side of 0, so that this is no
    # rounding error: 5e-5 to 9e-3 for several seeds.
    assert errors["weights"] < 0.02
