"""Kernels, and the maximum mean discrepancy (MMD) of two samples.

A kernel is a function of x (m, d) and y (n, d) that returns the matrix (m, n) of
k(x_i, y_j). The discrepancy of two distributions P and Q,

    MMD² = E k(x, x') − 2 E k(x, y) + E k(y, y'),  x, x' ~ P, y, y' ~ Q,

is the distance of their mean embeddings; with a kernel such as the Gaussian it is 0
only where P = Q. Its estimates here take the matrices that `kernel_matrices` makes, so
that each estimate goes with each kernel.

Memory: m² + mn + n² numbers, and as many per bandwidth of a mixture while a gradient is
taken: 12 MB each for two batches of 1,000 in float32, 1.2 GB for 10,000, where subsets
are the way. Numbers are float32 whatever the policy, or float64 where the samples are.

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
    x, y = _wide(x), _wide(y)
    # Distances do not change with the origin; in the midst, rounding costs least.
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
        bandwidths: the σ, in the unit of the samples.

    Returns:
        (m, n).
    """
    distances = squared_distances(x, y)
    return sum(ops.exp(distances / (-2.0 * width**2)) for width in bandwidths)


def rational_quadratic_kernel(x, y, alphas=(0.2, 0.5, 1.0, 2.0, 5.0)):
    """Σ_α (1 + ‖x − y‖² / 2α)^−α: its tails keep a gradient where a Gaussian has none.

    Reference: Bińkowski et al. 2018, Demystifying MMD GANs, 1801.01401, section 2.1.

    Args:
        x: (m, d).
        y: (n, d).
        alphas: the α, above 0; small ones have heavy tails.

    Returns:
        (m, n).
    """
    distances = squared_distances(x, y)
    return sum((1.0 + distances / (2.0 * alpha)) ** -alpha for alpha in alphas)


def polynomial_kernel(x, y, degree=3):
    """(x·y / d + 1)^degree, the kernel of KID at degree 3.

    Reference: Bińkowski et al. 2018, Demystifying MMD GANs, 1801.01401, section 4.

    Args:
        x: (m, d).
        y: (n, d).
        degree: of the polynomial, a whole number.

    Returns:
        (m, n).
    """
    base = _products(x, y) / x.shape[1] + 1.0
    # A tenth of the time of a general power.
    return functools.reduce(operator.mul, [base] * degree)


def median_bandwidth(x, y):
    """The median distance of two points out of both samples, a Gaussian's usual σ.

    Where most points coincide, as the samples of a collapsed generator do, it is the
    median of the distances of those that do not. Points nearer than 1e-5 of the largest
    distance are taken to coincide, since float32 features of one image repeat to about
    1e-6: with a σ out of rounding errors no two images would be alike.

    Reference: Gretton et al. 2012, section 8.

    Args:
        x: array (m, d).
        y: array (n, d).

    Returns:
        float.

    Raises:
        ValueError: when all points coincide, or one is not finite.
    """
    both = np.concatenate([x, y]).astype("float64")
    squares = ops.convert_to_numpy(squared_distances(both, both))
    distances = np.sqrt(squares[np.triu_indices(len(both), 1)])
    coincide = distances <= 1e-5 * np.max(distances, initial=0.0)
    if 2 * np.count_nonzero(coincide) >= len(distances):
        distances = distances[~coincide]
    width = float(np.median(distances)) if len(distances) else 0.0
    if not width > 0:
        raise ValueError(
            f"The median distance of two points is {width}, of which no bandwidth can "
            "be made. Choose one yourself, or remove repeated points."
        )
    return width


def kernel_matrices(kernel, x, y):
    """(k(x, x), k(x, y), k(y, y)), what the estimates take."""
    return kernel(x, x), kernel(x, y), kernel(y, y)


def mmd2_biased(k_xx, k_xy, k_yy):
    """The MMD² of the two samples themselves: 0 where they are equal, never below.

    Reference: Gretton et al. 2012, equation 5.

    Args:
        k_xx: (m, m).
        k_xy: (m, n).
        k_yy: (n, n).

    Returns:
        Scalar.
    """
    return ops.mean(k_xx) - 2.0 * ops.mean(k_xy) + ops.mean(k_yy)


def mmd2_unbiased(k_xx, k_xy, k_yy):
    """An estimate of MMD² without bias, which may be negative: no point meets itself.

    Reference: Gretton et al. 2012, equation 3.

    Args:
        k_xx: (m, m), m of at least 2.
        k_xy: (m, n).
        k_yy: (n, n), n of at least 2.

    Returns:
        Scalar.

    Raises:
        ValueError: for fewer points.
    """
    _check_points(2, k_xx, k_yy)
    return _mean_of_others(k_xx) - 2.0 * ops.mean(k_xy) + _mean_of_others(k_yy)


def mmd2_u_statistic(k_xx, k_xy, k_yy):
    """`mmd2_unbiased` without the pairs (x_i, y_i); 0 where the samples are equal.

    Reference: Gretton et al. 2012, equation 4.

    Args:
        k_xx: (m, m), m of at least 2.
        k_xy: (m, m).
        k_yy: (m, m).

    Returns:
        Scalar.

    Raises:
        ValueError: for fewer points, and for samples of different sizes.
    """
    _check_points(2, k_xx, k_yy)
    _check_one_size(k_xy)
    return sum(map(_mean_of_others, (k_xx, k_yy))) - 2.0 * _mean_of_others(k_xy)


def mmd2_variance(k_xx, k_xy, k_yy):
    """An estimate without bias of the variance of `mmd2_u_statistic`.

    With h_ij = k(x_i, x_j) + k(y_i, y_j) − k(x_i, y_j) − k(x_j, y_i) and i, j, l, o all
    different, it is

        4 (m − 2) / m (m − 1) (E h_ij h_il − E h_ij h_lo)
        + 2 / m (m − 1) (E h_ij² − E h_ij h_lo),

    each mean taken over all such indices. Equation 5 of Sutherland et al. 2017,
    1611.04488, is not this variance; its author corrected it.

    Reference: Sutherland 2019, Unbiased Estimators for the Variance of MMD Estimators,
    1906.02104.

    Args:
        k_xx: (m, m), m of at least 4.
        k_xy: (m, m).
        k_yy: (m, m).

    Returns:
        Scalar; by chance it may be negative.

    Raises:
        ValueError: for fewer points, and for samples of different sizes.
    """
    _check_points(4, k_xx, k_yy)
    _check_one_size(k_xy)
    h = _without_diagonal(k_xx + k_yy - k_xy - ops.transpose(k_xy))
    m = ops.cast(ops.shape(h)[0], h.dtype)
    rows = ops.sum(ops.square(ops.sum(h, axis=1)))  # Σ h_ij h_il, j = l included
    squares = ops.sum(ops.square(h))
    one_shared = (rows - squares) / (m * (m - 1) * (m - 2))
    none_shared = ops.square(ops.sum(h)) - 4.0 * rows + 2.0 * squares
    none_shared /= m * (m - 1) * (m - 2) * (m - 3)
    both_shared = squares / (m * (m - 1))
    first = 4.0 * (m - 2) * (one_shared - none_shared)
    return (first + 2.0 * (both_shared - none_shared)) / (m * (m - 1))


def mmd_t_statistic(k_xx, k_xy, k_yy, smallest_variance=1e-8):
    """MMD² in units of its deviation: the larger, the more surely a test rejects.

    Reference: Sutherland et al. 2017, 1611.04488, equation 4.

    Args:
        k_xx: (m, m), m of at least 4.
        k_xy: (m, m).
        k_yy: (m, m).
        smallest_variance: stands in for an estimated variance below it.

    Returns:
        Scalar.

    Raises:
        ValueError: for fewer points, and for samples of different sizes.
    """
    variance = ops.maximum(mmd2_variance(k_xx, k_xy, k_yy), smallest_variance)
    return mmd2_u_statistic(k_xx, k_xy, k_yy) / ops.sqrt(variance)


def two_sample_test(x, y, kernel=None, permutations=1000, seed=0):
    """Whether two samples may come from one distribution, by permutation.

    Under that hypothesis each division of the points into samples of these sizes is as
    good as the one given. The p-value is the share of divisions whose MMD² is at least
    the one given, which counts itself: below 0.05 in at most 5 % of cases where the
    hypothesis is true, whatever the sizes and the kernel. Of samples (model, data), a
    large p-value says that the model may stop training, a small one that it is still
    told from the data; `witness` says where.

    Args:
        x: array (m, d), m of at least 2.
        y: array (n, d), n of at least 2.
        kernel: a Gaussian with the median heuristic's bandwidth by default. One chosen
            on other points than these may be better.
        permutations: divisions to compare with.
        seed: integer from which they are drawn.

    Returns:
        `(mmd2, p_value)`, floats: the estimate without bias, and p in (0, 1].

    Raises:
        ValueError: for samples of another shape or of fewer points, and for numbers, of
            the samples or of the kernel, that are not finite.

    Reference: Sutherland et al. 2017, 1611.04488, section 2; Gretton et al. 2012.
    """
    x, y = np.asarray(x, "float64"), np.asarray(y, "float64")
    _check_samples(x, y)
    if kernel is None:
        kernel = functools.partial(rbf_kernel, bandwidths=[median_bandwidth(x, y)])
    both, m, n = np.concatenate([x, y]), len(x), len(y)
    k = _without_diagonal(kernel(both, both))  # (m + n, m + n)
    if not ops.all(ops.isfinite(k)):
        raise ValueError(
            "Expected a kernel with finite values, got NaN or infinity. Scale the "
            "points, or choose another kernel."
        )
    with backend.draws((seed, 0)):
        orders = ops.argsort(backend.uniform((permutations, m + n)), axis=1)
    # A column per division, 1 where a point is in x: the one given, then the others.
    orders = ops.concatenate([ops.arange(m + n, dtype=orders.dtype)[None], orders])
    in_x = ops.cast(ops.transpose(orders) < m, k.dtype)
    # Sums of k within x, between x and y, and within y.
    with_x = ops.matmul(k, in_x)
    xx = ops.sum(in_x * with_x, axis=0)
    xy = ops.sum(with_x, axis=0) - xx
    yy = ops.sum(k) - xx - 2.0 * xy
    mmd2 = xx / (m * (m - 1)) - 2.0 * xy / (m * n) + yy / (n * (n - 1))
    # Rounding must not tell equal divisions apart.
    least = mmd2[0] - 1e-12 * ops.max(ops.abs(k))
    return float(mmd2[0]), float(ops.mean(ops.cast(mmd2 >= least, "float64")))


def witness(kernel, points, x, y):
    """E k(point, x) − E k(point, y): positive where x is denser than y.

    Of samples (model, data), the points of either with the largest |value| are those
    that tell the two apart.

    Reference: Gretton et al. 2012, section 2.3.

    Args:
        kernel: the kernel.
        points: (p, d).
        x: (m, d).
        y: (n, d).

    Returns:
        (p,).
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


def _check_points(least, *matrices):
    for k in matrices:
        count = k.shape[0]  # None in a graph that does not know it
        if count is not None and count < least:
            raise ValueError(
                f"The estimate needs at least {least} points in each sample, got "
                f"{count}."
            )


def _check_one_size(k_xy):
    m, n = k_xy.shape  # None in a graph that does not know them
    if None not in (m, n) and m != n:
        raise ValueError(
            f"Expected samples of one size, got {m} and {n}. Use mmd2_unbiased."
        )


def _wide(x):
    x = ops.convert_to_tensor(x)
    wide = keras.backend.standardize_dtype(x.dtype) == "float64"
    return x if wide else ops.cast(x, "float32")


def _products(x, y):
    """x_i · y_j for all pairs."""
    if all(isinstance(a, np.ndarray) and a.dtype == "float64" for a in (x, y)):
        # NumPy's BLAS takes a third of the time of TensorFlow, of x @ x.T a sixth.
        with np.errstate(all="ignore"):  # overflow gives infinity, as in TensorFlow
            return ops.convert_to_tensor(x @ y.T)
    return ops.matmul(_wide(x), ops.transpose(_wide(y)))


def _without_diagonal(k):
    return k * (1.0 - ops.eye(ops.shape(k)[0], dtype=k.dtype))


def _mean_of_others(k):
    """Mean over all (i, j) with i ≠ j."""
    count = ops.cast(ops.shape(k)[0], k.dtype)
    diagonal = ops.sum(ops.diagonal(k))  # a tenth of the time of ops.trace
    return (ops.sum(k) - diagonal) / (count * (count - 1.0))
