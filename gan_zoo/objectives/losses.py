"""Objectives shared by two or more papers.

Scores are logits, tensors of shape (n, 1) or any other shape. Every loss is a scalar
mean over all elements. σ is the sigmoid. Each numerically stable form has its formula
in a comment.
"""

from keras import ops

from gan_zoo import backend


def minimax_discriminator_loss(real_scores, fake_scores):
    """−E log σ(D(x)) − E log(1 − σ(D(G(z)))).

    Args:
        real_scores: logits of real images.
        fake_scores: logits of generated images.

    Returns:
        Scalar, at least 0; 2 log 2 if the discriminator returns ½ everywhere.

    Reference: Goodfellow et al. 2014, Generative Adversarial Nets, 1406.2661,
    equation 1 (as a loss to minimise).
    """
    real_loss = ops.mean(ops.softplus(-real_scores))  # -log sigmoid(x)
    fake_loss = ops.mean(ops.softplus(fake_scores))  # -log(1 - sigmoid(x))
    return real_loss + fake_loss


def minimax_generator_loss(fake_scores):
    """E log(1 − σ(D(G(z)))): the saturating objective of equation 1.

    Its gradient vanishes where the discriminator is certain; see
    `non_saturating_generator_loss`. Reference: Goodfellow et al. 2014, 1406.2661.

    Args:
        fake_scores: logits of generated images.

    Returns:
        Scalar, at most 0.
    """
    return -ops.mean(ops.softplus(fake_scores))  # log(1 - sigmoid(x))


def non_saturating_generator_loss(fake_scores):
    """−E log σ(D(G(z))): the objective that Goodfellow et al. use (section 3).

    Args:
        fake_scores: logits of generated images.

    Returns:
        Scalar, at least 0.
    """
    return ops.mean(ops.softplus(-fake_scores))  # -log sigmoid(x)


def wasserstein_critic_loss(real_scores, fake_scores):
    """E f(G(z)) − E f(x): minus the critic's estimate of the Wasserstein distance.

    Args:
        real_scores: critic values of real images.
        fake_scores: critic values of generated images.

    Returns:
        Scalar.

    Reference: Arjovsky et al. 2017, Wasserstein GAN, 1701.07875, equation 2.
    """
    return ops.mean(fake_scores) - ops.mean(real_scores)


def wasserstein_generator_loss(fake_scores):
    """−E f(G(z)). Reference: Arjovsky et al. 2017, 1701.07875, Algorithm 1.

    Args:
        fake_scores: critic values of generated images.

    Returns:
        Scalar.
    """
    return -ops.mean(fake_scores)


def least_squares_loss(scores, target):
    """½ E (D(·) − target)².

    Args:
        scores: discriminator outputs.
        target: target value of the outputs.

    Returns:
        Scalar, at least 0.

    Reference: Mao et al. 2016, Least Squares GANs, 1611.04076, equation 2.
    """
    return 0.5 * ops.mean(ops.square(scores - target))


def hinge_discriminator_loss(real_scores, fake_scores):
    """E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))).

    Args:
        real_scores: scores of real images.
        fake_scores: scores of generated images.

    Returns:
        Scalar, at least 0; 2 where all scores are 0.

    Reference: Lim & Ye 2017, Geometric GAN, 1705.02894, equation 13. The generator's
    part is `wasserstein_generator_loss`.
    """
    return ops.mean(ops.relu(1.0 - real_scores)) + ops.mean(ops.relu(1.0 + fake_scores))


def class_loss(labels, class_logits):
    """−E log P(y | x): the cross entropy of a classifier's logits.

    Args:
        labels: int32 (n,).
        class_logits: (n, num_classes).

    Returns:
        Scalar, at least 0.
    """
    return ops.mean(
        ops.sparse_categorical_crossentropy(
            labels, ops.cast(class_logits, "float32"), from_logits=True
        )
    )


def attributes_loss(attributes, logits):
    """−E Σ_k log P(a_k | x): the cross entropies of K attributes, each there or not.

    Args:
        attributes: 0 or 1, (n, K).
        logits: (n, K).

    Returns:
        Scalar, at least 0: the mean over images of the sum over attributes.
    """
    # -log sigmoid(x) where the attribute is there, -log(1 - sigmoid(x)) elsewhere
    return ops.mean(ops.sum(ops.softplus(logits) - attributes * logits, axis=-1))


def contrastive_loss(queries, keys, temperature):
    """−E log exp(v·w_s / τ) / Σ_t exp(v·w_t / τ): each query finds its own key.

    Args:
        queries: vectors v of length 1, (n, p, d): p for each of n images.
        keys: vectors w, the same shape in the same order.
        temperature: τ.

    Returns:
        (scalar mean over n and p, share of queries whose own key is the nearest one).

    Reference: Park et al. 2020, Contrastive Learning for Unpaired Image-to-Image
    Translation, 2007.15651, equation 3.
    """
    logits = ops.einsum("npd,nqd->npq", queries, keys) / temperature
    own = ops.diagonal(logits, axis1=1, axis2=2)
    right = ops.cast(own >= ops.max(logits, -1), "float32")
    # -log softmax(x) at the query's own key
    return ops.mean(ops.logsumexp(logits, -1) - own), ops.mean(right)


# Losses of a margin t. The margin is the difference of two scores, and should be large.


def logistic_margin_loss(margins):
    """E log(1 + exp(−t)) = −E log σ(t).

    Args:
        margins: t, of any shape.

    Returns:
        Scalar, at least 0.
    """
    return ops.mean(ops.softplus(-margins))


def least_squares_margin_loss(margins):
    """E (t − 1)².

    Args:
        margins: t, of any shape.

    Returns:
        Scalar, at least 0.
    """
    return ops.mean(ops.square(margins - 1.0))


def hinge_margin_loss(margins):
    """E max(0, 1 − t).

    Args:
        margins: t, of any shape.

    Returns:
        Scalar, at least 0.
    """
    return ops.mean(ops.relu(1.0 - margins))


def relativistic_loss(higher, lower, margin_loss=logistic_margin_loss):
    """E f(a − b): each score a should be above the score b in the same row.

    Args:
        higher: scores that should be higher, (n, 1).
        lower: scores that should be lower, (n, 1).
        margin_loss: function of margins that returns the mean of f over them.

    Returns:
        Scalar.

    Reference: Jolicoeur-Martineau 2018, The relativistic discriminator, 1807.00734,
    section 4.1.
    """
    return margin_loss(higher - lower)


def relativistic_average_loss(higher, lower, margin_loss=logistic_margin_loss):
    """E f(a − E b) + E f(E a − b): each score against the mean of the other side.

    The means are those of the global batch.

    Args:
        higher: scores a that should be higher, (n, 1).
        lower: scores b that should be lower, (n, 1).
        margin_loss: function of margins that returns the mean of f over them.

    Returns:
        Scalar.

    Reference: Jolicoeur-Martineau 2018, The relativistic discriminator, 1807.00734,
    section 4.2.
    """
    mean_higher, mean_lower = (ops.mean(backend.gather(x)) for x in (higher, lower))
    return margin_loss(higher - mean_lower) + margin_loss(mean_higher - lower)
