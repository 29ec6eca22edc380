"""Penalties that differentiate a discriminator with respect to its input.

Norms are taken over all axes but the first and in float32 whatever the policy.
"""

import keras
from keras import ops

from gan_zoo import backend


def _squared_norm(gradient):
    # (n, ...) -> (n,)
    gradient = ops.cast(gradient, "float32")
    return ops.sum(ops.square(gradient), axis=tuple(range(1, len(gradient.shape))))


def gradient_penalty(critic, real, fake, target=1.0):
    """E (‖∇ D(x̂)‖₂ − target)² at x̂ = εx + (1 − ε)G(z), ε ~ U[0, 1] per image.

    Reference: Gulrajani et al. 2017, Improved Training of Wasserstein GANs,
    1704.00028, equation 3 and Algorithm 1 (line 5: ε is uniform). Without λ.

    Args:
        critic: maps images to scores (n, 1), row by row: batch norm does not.
        real: real images (n, ...).
        fake: generated images (n, ...).
        target: the slope wanted.

    Returns:
        Scalar, at least 0.

    Raises:
        RuntimeError: outside a `backend.draws` block.
    """
    real, fake = ops.cast(real, "float32"), ops.cast(fake, "float32")
    epsilon = backend.uniform((ops.shape(real)[0],) + (1,) * (len(real.shape) - 1))
    between = epsilon * real + (1.0 - epsilon) * fake
    squared = _squared_norm(backend.input_gradient(critic, between))
    # The square root of 0 has no gradient.
    return ops.mean(ops.square(ops.sqrt(squared + 1e-12) - target))


def zero_centred_penalty(discriminator, images):
    """E ‖∇ D(x)‖²: R1 on real images, R2 on generated ones, without γ/2.

    Reference: Mescheder et al. 2018, Which Training Methods for GANs do actually
    Converge?, 1801.04406, equation 9.

    Args:
        discriminator: maps images to scores (n, 1), row by row.
        images: (n, ...).

    Returns:
        Scalar, at least 0.
    """
    _, penalty = value_and_zero_centred_penalty(discriminator, images)
    return penalty


def value_and_zero_centred_penalty(discriminator, images):
    """What a discriminator says of images, and `zero_centred_penalty`, in one pass.

    Args:
        discriminator: maps images, row by row, to scores (n, 1), or to a list of
            outputs that begins with them.
        images: (n, ...).

    Returns:
        What the discriminator returned, and a scalar of at least 0.
    """
    images = ops.cast(images, "float32")
    value, gradient = backend.value_and_input_gradient(discriminator, images)
    return value, ops.mean(_squared_norm(gradient))


def around_data_penalty(discriminator, real, slope=1.0):
    """E (‖∇ D(x + δ)‖₂ − slope)², δ = ½ std(x) U, U uniform on [0, 1) per pixel.

    The spread std(x) is one number for the batch, as in the authors' code.

    Reference: Kodali et al. 2017, On Convergence and Stability of GANs, 1705.07215,
    Algorithm 1. Without λ.

    Args:
        discriminator: maps images to scores (n, 1), row by row.
        real: real images (n, ...), the same global batch on every replica's share.
        slope: k, the slope wanted.

    Returns:
        Scalar, at least 0.

    Raises:
        RuntimeError: outside a `backend.draws` block.
    """
    real = ops.cast(real, "float32")
    spread = ops.std(backend.gather(real))
    near = real + 0.5 * spread * backend.uniform(tuple(ops.shape(real)))
    squared = _squared_norm(backend.input_gradient(discriminator, near))
    return ops.mean(ops.square(ops.sqrt(squared + 1e-12) - slope))


def check_row_by_row(discriminator):
    """Raises ValueError for a network with batch norm.

    A gradient penalty is about each image's own gradient; batch norm couples the images
    of a batch.
    """
    # Public attributes lack what other layers than models hold, such as what
    # TimeDistributed wraps.
    for layer in discriminator._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            raise ValueError(
                f"The discriminator contains batch norm ({layer.name}), which couples "
                "the images of a batch while the penalty is about each image's own "
                "gradient. Use LayerNormalization or none."
            )
