"""RMSprop with the steps of PyTorch."""

import keras


def rmsprop(learning_rate, rho=0.99):
    """An RMSprop optimizer with the steps of PyTorch, lr · g / (√v + 1e-8).

    Keras has ε inside the root, where 1e-8 corresponds to 1e-4 outside. This slows down
    weights with gradients smaller than 1e-4, such as those of a generator with a
    clipped critic. With ε = 1e-16 both agree where √v is far from 1e-8, and differ by
    at most a factor of √2 everywhere.

    Args:
        learning_rate: lr.
        rho: decay of the mean v of squared gradients; 0.99 in PyTorch.

    Returns:
        `keras.optimizers.RMSprop`.
    """
    return keras.optimizers.RMSprop(learning_rate, rho, epsilon=1e-16)
