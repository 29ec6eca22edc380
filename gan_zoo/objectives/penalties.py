"""Penalties on the gradient of a discriminator with respect to its input.

Norms are over all axes except the first. They are float32 with any dtype policy.
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

    Args:
        critic: function of images to scores (n, 1), for each row independently (without
            batch norm). Of scores of patches the sum is differentiated.
        real: real images (n, ...).
        fake: generated images (n, ...).
        target: target gradient norm.

    Returns:
        Scalar, at least 0.

    Raises:
        RuntimeError: outside a `backend.draws` block.

    Reference: Gulrajani et al. 2017, Improved Training of Wasserstein GANs,
    1704.00028, equation 3 and Algorithm 1 (line 5: ε is uniform), without λ.
    """
    real, fake = ops.cast(real, "float32"), ops.cast(fake, "float32")
    epsilon = backend.uniform((ops.shape(real)[0],) + (1,) * (len(real.shape) - 1))
    mixed = epsilon * real + (1.0 - epsilon) * fake
    squared = _squared_norm(backend.input_gradient(critic, mixed))
    # The square root of 0 has no gradient.
    return ops.mean(ops.square(ops.sqrt(squared + 1e-12) - target))


def zero_centred_penalty(discriminator, images):
    """E ‖∇ D(x)‖²: R1 on real images, R2 on generated ones, without γ/2.

    Args:
        discriminator: function of images to scores (n, 1), for each row independently.
        images: (n, ...).

    Returns:
        Scalar, at least 0.

    Reference: Mescheder et al. 2018, Which Training Methods for GANs do actually
    Converge?, 1801.04406, equation 9.
    """
    _, penalty = value_and_zero_centred_penalty(discriminator, images)
    return penalty


def value_and_zero_centred_penalty(discriminator, images):
    """The outputs of a discriminator and `zero_centred_penalty` in one pass.

    Args:
        discriminator: function of images to scores (n, 1), or to a list of outputs that
            begins with scores, for each row independently.
        images: (n, ...).

    Returns:
        (outputs of the discriminator, scalar of at least 0).
    """
    images = ops.cast(images, "float32")
    value, gradient = backend.value_and_input_gradient(discriminator, images)
    return value, ops.mean(_squared_norm(gradient))


def around_data_penalty(discriminator, real, target=1.0):
    """E (‖∇ D(x + δ)‖₂ − target)², δ = ½ std(x) U, U uniform on [0, 1) per pixel.

    The standard deviation std(x) is one number for the batch, as in the authors' code.

    Args:
        discriminator: function of images to scores (n, 1), for each row independently.
        real: real images (n, ...), this replica's part of the global batch.
        target: k, the target gradient norm.

    Returns:
        Scalar, at least 0.

    Raises:
        RuntimeError: outside a `backend.draws` block.

    Reference: Kodali et al. 2017, On Convergence and Stability of GANs, 1705.07215,
    Algorithm 1. Without λ.
    """
    real = ops.cast(real, "float32")
    std = ops.std(backend.gather(real))
    near = real + 0.5 * std * backend.uniform(tuple(ops.shape(real)))
    squared = _squared_norm(backend.input_gradient(discriminator, near))
    return ops.mean(ops.square(ops.sqrt(squared + 1e-12) - target))


def path_lengths(synthesise, styles, noise):
    """How far images move with their styles: ‖Jᵀ y‖ for J = ∂ images / ∂ styles.

    The squared length is the sum over a style's numbers, and the mean over layers.

    Args:
        synthesise: function of styles to images (n, h, w, c), for each row
            independently.
        styles: (n, layers, d).
        noise: y (n, h, w, c), independent N(0, 1 / (h w)).

    Returns:
        float32 (n,).

    Reference: Karras et al. 2019, Analyzing and Improving the Image Quality of
    StyleGAN, 1912.04958, section 3.2; the mean over layers from the authors' code.
    """
    axes = tuple(range(1, len(noise.shape)))

    def projected(styles):
        images = ops.cast(synthesise(styles), "float32")
        return ops.sum(images * noise, axis=axes)

    gradient = ops.cast(backend.input_gradient(projected, styles), "float32")
    return ops.sqrt(ops.mean(ops.sum(ops.square(gradient), axis=2), axis=1))


def path_length_loss(lengths, average, mean, decay):
    """A loss whose gradient is that of E (lengths − average)².

    The average contains these lengths: `average` = (1 − decay) · old + decay · `mean`.
    The gradient goes through it as well, as the authors' does. For n lengths the
    gradient for length i is 2/n (l_i − c), with the constant c = (1 − decay) · average
    + decay · mean. So the lengths of other replicas need no gradient.

    Args:
        lengths: (n,), this replica's.
        average: scalar, the moving average after its update.
        mean: scalar, the mean of the lengths of all replicas.
        decay: share of the mean in the average.

    Returns:
        Scalar.

    Reference: as `path_lengths`.
    """
    centre = ops.stop_gradient((1.0 - decay) * average + decay * mean)
    return ops.mean(ops.square(lengths - centre))


def check_row_by_row(discriminator):
    """Raises ValueError for a network with batch norm or minibatch discrimination.

    A gradient penalty uses the gradient of each image alone. With these layers, the
    score of an image depends on the other images of the batch. `MinibatchStddev` is
    allowed, since the authors of ProGAN and StyleGAN have it beside a penalty.
    """
    # The public attributes do not contain layers inside other layers, such as the layer
    # in TimeDistributed.
    for layer in discriminator._flatten_layers():
        normalises = isinstance(layer, keras.layers.BatchNormalization)
        if normalises and layer.trainable:  # else its moments are constants
            raise ValueError(
                f"The discriminator contains batch norm ({layer.name}), but the "
                "penalty needs scores that do not depend on other images of the batch. "
                "Use LayerNormalization or no normalization."
            )
        if getattr(layer, "compares_rows", False):
            raise ValueError(
                f"The discriminator contains {type(layer).__name__} ({layer.name}), "
                "but the penalty needs scores that do not depend on other images of "
                "the batch. Leave this layer out."
            )
