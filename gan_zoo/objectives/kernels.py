"""Kernels, and the maximum mean discrepancy (MMD) of two samples.

A kernel is a function of x (m, d) and y (n, d) that returns the matrix (m, n) of
k(x_i, y_j). The discrepancy of two distributions P and Q,

    MMD² = E k(x, x') − 2 E k(x, y) + E k(y, y'),  x, x' ~ P, y, y' ~ Q,

is the squared distance of their mean embeddings. With a kernel such as the Gaussian it
is 0 only if P = Q. The estimates take the results of `kernel_matrices`, so each
estimate works with each kernel.

Memory: m² + mn + n² numbers, and as many for each bandwidth of a mixture while a
gradient is computed: 12 MB each for two batches of 1,000 in float32, 1.2 GB for 10,000.
Numbers are float32 with any dtype policy, or float64 if the samples are.

Reference: Gretton et al. 2012, A Kernel Two-Sample Test, JMLR 13, 723-773.
"""

import functools
import operator

import keras
import numpy as np
from keras import ops

from gan_zoo import backend


def squared_distances(x, y):
    """‖x_i − y_j‖² for all pairs.

    Args:
        x: (m, d).
        y: (n, d).

    Returns:
        (m, n), at least 0.
    """
    x, y = _as_float(x), _as_float(y)
    # Distances do not depend on the origin. Around the mean, rounding errors are small.
    centre = ops.stop_gradient(ops.mean(x, axis=0, keepdims=True))
    x, y = x - centre, y - centre
    # ‖x − y‖² = ‖x‖² − 2 x·y + ‖y‖²
    squares = ops.sum(ops.square(x), axis=1)[:, None] + ops.sum(ops.square(y), axis=1)
    return ops.relu(squares - 2.0 * ops.matmul(x, ops.transpose(y)))


def rbf_kernel(x, y, bandwidths=(1.0,)):
    """Σ_σ exp(−‖x − y‖² / 2σ²): a sum of Gaussians.

    Args:
        x: (m, d).
        y: (n, d).
        bandwidths: values of σ, in the unit of the samples.

    Returns:
        (m, n).
    """
    distances = squared_distances(x, y)
    return sum(ops.exp(distances / (-2.0 * sigma**2)) for sigma in bandwidths)


def polynomial_kernel(x, y, degree=3):
    """(x·y / d + 1)^degree, the kernel of KID at degree 3.

    Args:
        x: (m, d).
        y: (n, d).
        degree: integer degree of the polynomial.

    Returns:
        (m, n).

    Reference: Bińkowski et al. 2018, Demystifying MMD GANs, 1801.01401, section 4.
    """
    base = _products(x, y) / x.shape[1] + 1.0
    # This takes a tenth of the time of a general power.
    return functools.reduce(operator.mul, [base] * degree)


def median_bandwidth(x, y):
    """The median distance of two points of both samples, the usual σ.

    If most points are equal, as the samples of a collapsed generator, it is the median
    distance of the points that are not equal. Points nearer than 1e-5 of the largest
    distance count as equal, since float32 features of one image differ by about 1e-6. A
    σ of that size would make all images different.

    Args:
        x: array (m, d).
        y: array (n, d).

    Returns:
        float.

    Raises:
        ValueError: if all points are equal, or one is not finite.

    Reference: Gretton et al. 2012, section 8.
    """
    both = np.concatenate([x, y]).astype("float64")
    squares = ops.convert_to_numpy(squared_distances(both, both))
    distances = np.sqrt(squares[np.triu_indices(len(both), 1)])
    equal = distances <= 1e-5 * np.max(distances, initial=0.0)
    if 2 * np.count_nonzero(equal) >= len(distances):
        distances = distances[~equal]
    sigma = float(np.median(distances)) if len(distances) else 0.0
    if not sigma > 0:
        raise ValueError(
            f"The median distance of two points is {sigma}, which cannot be a "
            "bandwidth. Choose one yourself, or remove repeated points."
        )
    return sigma


def kernel_matrices(kernel, x, y):
    """(k(x, x), k(x, y), k(y, y)), the input of the estimates."""
    return kernel(x, x), kernel(x, y), kernel(y, y)


def mmd2_biased(k_xx, k_xy, k_yy):
    """The MMD² of the two samples, at least 0, and 0 if they are equal.

    Args:
        k_xx: (m, m).
        k_xy: (m, n).
        k_yy: (n, n).

    Returns:
        Scalar.

    Reference: Gretton et al. 2012, equation 5.
    """
    return ops.mean(k_xx) - 2.0 * ops.mean(k_xy) + ops.mean(k_yy)


def mmd2_unbiased(k_xx, k_xy, k_yy):
    """The unbiased estimate of MMD², which may be negative.

    Args:
        k_xx: (m, m), m of at least 2.
        k_xy: (m, n).
        k_yy: (n, n), n of at least 2.

    Returns:
        Scalar.

    Raises:
        ValueError: for fewer points.

    Reference: Gretton et al. 2012, equation 3.
    """
    for k in (k_xx, k_yy):
        count = k.shape[0]  # None if the graph does not know it
        if count is not None and count < 2:
            raise ValueError(
                f"Expected at least 2 points in each sample, got {count}. One point "
                "has no other to be compared with."
            )
    return _mean_of_others(k_xx) - 2.0 * ops.mean(k_xy) + _mean_of_others(k_yy)


def two_sample_test(x, y, kernel=None, permutations=1000, seed=0):
    """Tests by permutation whether two samples may be from the same distribution.

    Under this null hypothesis, all divisions of the points into samples of these sizes
    are equally likely. The p-value is the share of divisions whose MMD² is at least the
    observed one. The observed division is counted too. If the hypothesis is true, the
    p-value is below 0.05 in at most 5 % of cases, for any sizes and any kernel. For
    samples (model, data), a small p-value means that the test distinguishes the model
    from the data. `witness` shows where they differ.

    Args:
        x: array (m, d), m of at least 2.
        y: array (n, d), n of at least 2.
        kernel: kernel function. The default is a Gaussian with the median distance as
            bandwidth. A kernel chosen on other points may be better.
        permutations: number of random divisions.
        seed: integer seed of the divisions.

    Returns:
        `(mmd2, p_value)`, floats: the unbiased estimate, and p in (0, 1].

    Raises:
        ValueError: for samples of another shape or of fewer points, and if the samples
            or the kernel have values that are not finite.

    Reference: Sutherland et al. 2017, 1611.04488, section 2; Gretton et al. 2012.
    """
    x, y = np.asarray(x, "float64"), np.asarray(y, "float64")
    _check_samples(x, y)
    if kernel is None:
        kernel = functools.partial(rbf_kernel, bandwidths=[median_bandwidth(x, y)])
    both, m, n = np.concatenate([x, y]), len(x), len(y)
    k = kernel(both, both)  # (m + n, m + n)
    k *= 1.0 - ops.eye(m + n, dtype=k.dtype)  # no point is compared with itself
    if not ops.all(ops.isfinite(k)):
        raise ValueError(
            "Expected a kernel with finite values, got NaN or infinity. Scale the "
            "points, or choose another kernel."
        )
    with backend.draws((seed, 0)):
        orders = ops.argsort(backend.uniform((permutations, m + n)), axis=1)
    # A column per division, 1 where a point is in x. The first is the observed one.
    orders = ops.concatenate([ops.arange(m + n, dtype=orders.dtype)[None], orders])
    in_x = ops.cast(ops.transpose(orders) < m, k.dtype)
    # Sums of k within x, between x and y, and within y.
    with_x = ops.matmul(k, in_x)
    xx = ops.sum(in_x * with_x, axis=0)
    xy = ops.sum(with_x, axis=0) - xx
    yy = ops.sum(k) - xx - 2.0 * xy
    mmd2 = xx / (m * (m - 1)) - 2.0 * xy / (m * n) + yy / (n * (n - 1))
    # Rounding must not make equal divisions different.
    least = mmd2[0] - 1e-12 * ops.max(ops.abs(k))
    return float(mmd2[0]), float(ops.mean(ops.cast(mmd2 >= least, "float64")))


def witness(kernel, points, x, y):
    """E k(point, x) − E k(point, y), positive where x is denser than y.

    For samples (model, data), the points with the largest |value| are those where both
    differ most.

    Args:
        kernel: the kernel.
        points: (p, d).
        x: (m, d).
        y: (n, d).

    Returns:
        (p,).

    Reference: Gretton et al. 2012, section 2.3.
    """
    return ops.mean(kernel(points, x), axis=1) - ops.mean(kernel(points, y), axis=1)


def _check_samples(x, y):
    if not x.ndim == y.ndim == 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"Expected samples of shapes (m, d) and (n, d), got {x.shape} and "
            f"{y.shape}. Make rows of images with x.reshape(len(x), -1)."
        )
    if min(len(x), len(y)) < 2:
        raise ValueError(
            f"Expected at least 2 points in each sample, got {len(x)} and {len(y)}."
        )
    for name, sample in (("x", x), ("y", y)):
        bad = int((~np.isfinite(sample)).any(axis=1).sum())
        if bad:
            raise ValueError(
                f"Expected finite numbers, but {bad} of the {len(sample)} points of "
                f"{name} hold NaN or infinity."
            )


def _as_float(x):
    x = ops.convert_to_tensor(x)
    wide = keras.backend.standardize_dtype(x.dtype) == "float64"
    return x if wide else ops.cast(x, "float32")


def _products(x, y):
    """x_i · y_j for all pairs."""
    if all(isinstance(a, np.ndarray) and a.dtype == "float64" for a in (x, y)):
        # NumPy's BLAS takes a third of the time of TensorFlow, and a sixth for x @ x.T.
        with np.errstate(all="ignore"):  # overflow gives infinity, as in TensorFlow
            return ops.convert_to_tensor(x @ y.T)
    return ops.matmul(_as_float(x), ops.transpose(_as_float(y)))


def _mean_of_others(k):
    """Mean over all (i, j) with i ≠ j."""
    count = ops.cast(ops.shape(k)[0], k.dtype)
    diagonal = ops.sum(ops.diagonal(k))  # takes a tenth of the time of ops.trace
    return (ops.sum(k) - diagonal) / (count * (count - 1.0))
