import keras
import pytest
import tensorflow as tf

from gan_zoo.optimizers import rmsprop


@pytest.mark.parametrize("gradient", [1.0, 1e-3, 1e-6, 1e-7])
def test_takes_pytorch_s_steps(gradient):
    """lr · g / (√v + 1e-8) with v ← 0.99 v + 0.01 g²: for small gradients, too."""
    weight = keras.Variable([0.0])
    optimizer = rmsprop(0.1)
    optimizer.build([weight])
    v = wanted = 0.0
    for _ in range(3):
        optimizer.apply([tf.constant([gradient])], [weight])
        v = 0.99 * v + 0.01 * gradient**2
        wanted -= 0.1 * gradient / (v**0.5 + 1e-8)
    # √(v + 1e-16) instead: no more than a factor of √2, and 1 for larger gradients.
    ratio = float(weight[0]) / wanted
    assert 1 <= ratio < 2**0.5 + 1e-3
    if gradient > 1e-4:
        assert ratio == pytest.approx(1, abs=2e-3)
