"""Log-likelihoods and divergences, one number per image, in nats.

Sums are over all axes except the first. They are float32 with any dtype policy.
"""

import math

from keras import ops


def bernoulli_log_likelihood(images, logits):
    """Σ t log σ(a) + (1 − t) log(1 − σ(a)), t = (x + 1) / 2, a the logits.

    For grey values, with t strictly between 0 and 1, this is a negative cross entropy
    and not a log density, as in the MNIST experiments of the papers that use it.

    Args:
        images: (n, ...) in [-1, 1].
        logits: (n, ...).

    Returns:
        (n,), at most 0.

    Reference: Kingma & Welling 2013, 1312.6114, appendix C.1.
    """
    logits = ops.cast(logits, "float32")
    targets = (ops.cast(images, "float32") + 1.0) / 2.0
    # log σ(a) = a − softplus(a), log(1 − σ(a)) = −softplus(a)
    return _sum(targets * logits - ops.softplus(logits))


def bernoulli_means(logits):
    """The expected images, 2 σ(a) − 1, in [-1, 1], float32."""
    return ops.tanh(ops.cast(logits, "float32") / 2.0)  # 2 sigmoid(a) - 1


def normal_log_likelihood(images, means, log_variances):
    """The log of N(x; μ, diag σ²): −½ Σ log 2π + log σ² + (x − μ)² / σ².

    Args:
        images: (n, ...).
        means: (n, ...).
        log_variances: log σ², (n, ...).

    Returns:
        (n,).

    Reference: Kingma & Welling 2013, 1312.6114, appendix C.2.
    """
    images, means, log_variances = (
        ops.cast(x, "float32") for x in (images, means, log_variances)
    )
    squares = ops.square(images - means) * ops.exp(-log_variances)
    return -0.5 * _sum(math.log(2.0 * math.pi) + log_variances + squares)


def normal_divergence(means, log_variances):
    """KL(N(μ, diag σ²) ‖ N(0, I)) = ½ Σ μ² + σ² − 1 − log σ².

    Args:
        means: (n, k).
        log_variances: log σ², (n, k).

    Returns:
        (n,), at least 0.

    Reference: Kingma & Welling 2013, 1312.6114, appendix B.
    """
    means, log_variances = (ops.cast(x, "float32") for x in (means, log_variances))
    squares = ops.square(means) + ops.exp(log_variances)
    return 0.5 * _sum(squares - 1.0 - log_variances)


def _sum(x):
    # (n, ...) -> (n,)
    return ops.sum(x, axis=tuple(range(1, len(x.shape))))
