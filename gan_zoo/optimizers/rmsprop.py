"""RMSprop as PyTorch has it."""

import keras


def rmsprop(learning_rate, rho=0.99):
    """A new RMSprop optimizer that takes PyTorch's steps, lr · g / (√v + 1e-8).

    Keras has its ε within the root: an ε of 1e-8 there is 1e-4 outside, and holds back
    weights whose gradients are smaller than that, as a clipped critic's generator's
    are. With 1e-16 the two agree where √v is far from 1e-8, and within √2 all over.

    Args:
        learning_rate: lr.
        rho: decay of the mean v of squared gradients; PyTorch's 0.99.
    """
    return keras.optimizers.RMSprop(learning_rate, rho, epsilon=1e-16)
