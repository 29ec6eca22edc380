import functools
import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scipy.spatial.distance import cdist, pdist
from testing import golden

from gan_zoo.objectives import kernels


def samples(seed, n, d, shift=0.0, dtype="float64"):
    return (np.random.default_rng(seed).normal(size=(n, d)) + shift).astype(dtype)


def matrices(x, y, kernel=kernels.rbf_kernel):
    return kernels.kernel_matrices(kernel, x, y)


def test_kernels_by_hand():
    """x and y at distance 5; inner products 0 and 24."""
    x, y = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 0.0]])
    for value, wanted in (
        (kernels.rbf_kernel(x, y, [1.0, 5.0]), np.exp(-12.5) + np.exp(-0.5)),
        (kernels.polynomial_kernel(x + [4.0, 3.0], y), (24 / 2 + 1) ** 3),
    ):
        assert tuple(value.shape) == (1, 2)
        assert float(value[0, 0]) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_numbers_are_float32_at_least(dtype):
    x = samples(0, 3, 2, dtype=dtype)
    for kernel in (kernels.rbf_kernel, kernels.polynomial_kernel):
        wanted = "float64" if dtype == "float64" else "float32"
        assert keras.backend.standardize_dtype(kernel(x, x).dtype) == wanted


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_arrays_and_tensors_have_one_polynomial_kernel(degree):
    x, y = samples(0, 3, 2), samples(1, 4, 2)
    of_arrays = kernels.polynomial_kernel(x, y, degree)
    of_tensors = kernels.polynomial_kernel(*map(ops.convert_to_tensor, (x, y)), degree)
    np.testing.assert_allclose(of_arrays, (x @ y.T / 2 + 1) ** degree, rtol=1e-12)
    np.testing.assert_allclose(of_arrays, of_tensors, rtol=1e-12)


def test_distances_far_from_the_origin_are_exact_in_float32():
    x = samples(0, 50, 3)
    wanted = ((x[:, None] - x[None]) ** 2).sum(-1)
    far = kernels.squared_distances(*[(x + 1000).astype("float32")] * 2)
    np.testing.assert_allclose(far, wanted, atol=3e-3)  # the samples' own rounding
    near = kernels.squared_distances(*[x.astype("float32")] * 2)
    np.testing.assert_allclose(near, wanted, atol=1e-5)


@pytest.mark.parametrize("case", ["d64", "d128_N_lt_dim", "d32_wide_spectrum"])
def test_estimates_equal_torch_fidelity_s(case):
    with np.load(golden("metrics_features_extract.npz")) as file:
        x, y = (file[f"{case}/{side}"].astype("float64") for side in "xy")
        results = json.loads(str(file["results"]))[case]
        subsets = [file[f"{case}/kid_subsets_{side}"] for side in "xy"]
        per_subset = file[f"{case}/kid_per_subset"]
    m = results["kid_unbiased_first_m"]["m"]
    first = matrices(x[:m], y[:m], kernels.polynomial_kernel)
    for name in ("unbiased", "biased"):
        estimate = getattr(kernels, f"mmd2_{name}")
        wanted = results["mmd2_first_m"][name]
        assert float(estimate(*first)) == pytest.approx(wanted, rel=1e-8)
    ours = [
        kernels.mmd2_unbiased(*matrices(x[i], y[j], kernels.polynomial_kernel))
        for i, j in zip(*subsets, strict=True)
    ]
    np.testing.assert_allclose(ours, per_subset, rtol=1e-8)


def test_equal_samples_have_no_discrepancy():
    x = samples(0, 40, 3)
    assert float(kernels.mmd2_biased(*matrices(x, x))) == pytest.approx(0, abs=1e-14)
    # Without bias is something else: of equal samples it must be negative.
    assert float(kernels.mmd2_unbiased(*matrices(x, x))) < 0


def test_the_unbiased_estimate_has_mean_zero_and_the_biased_one_has_not():
    """Over 3,000 pairs of samples of 8 points in the plane."""
    rng = np.random.default_rng(0)
    pairs = rng.normal(size=(3000, 8, 2)), rng.normal(size=(3000, 8, 2))

    @tf.function(autograph=False)
    def each(pair):
        every = matrices(*pair)
        return kernels.mmd2_unbiased(*every), kernels.mmd2_biased(*every)

    unbiased, biased = tf.map_fn(each, pairs, fn_output_signature=(tf.float64,) * 2)
    assert abs(np.mean(unbiased)) < 3 * np.std(unbiased) / len(unbiased) ** 0.5
    # E k(x, x) − E k(x, x') = 1 − 1/3 in two dimensions, over 8 points, twice.
    assert np.mean(biased) == pytest.approx(2 / 8 * (2 / 3), rel=0.03)


def test_the_gradient_of_the_biased_mmd_is_the_paper_s():
    """Li et al. 2015, equation 8, with k = exp(−‖x − y‖² / 2σ), their σ our σ²."""
    data, made, variance = samples(0, 5, 3), samples(1, 4, 3), 2.5
    kernel = functools.partial(kernels.rbf_kernel, bandwidths=[variance**0.5])
    variable = tf.Variable(made)
    with tf.GradientTape() as tape:
        value = kernels.mmd2_biased(*matrices(data, variable, kernel))
    gradient = tape.gradient(value, variable)
    m, n = len(made), len(data)
    towards_made = made[None] - made[:, None]  # [i, j] = made_j − made_i
    towards_data = data[None] - made[:, None]
    within, between = kernel(made, made).numpy(), kernel(made, data).numpy()
    wanted = 2 / (m**2 * variance) * (within[..., None] * towards_made).sum(1)
    wanted -= 2 / (m * n * variance) * (between[..., None] * towards_data).sum(1)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-10)


def test_two_sample_test_counts_every_division_of_six_points():
    """All 20 divisions of 3 + 3 points by brute force; the draws only sample them."""
    points = np.array([0.0, 0.3, 1.0, 1.1, 2.0, 2.2])[:, None]
    kernel = functools.partial(kernels.rbf_kernel, bandwidths=[1.0])

    def mmd2(chosen):
        others = [i for i in range(6) if i not in chosen]
        pair = points[list(chosen)], points[others]
        return float(kernels.mmd2_unbiased(*matrices(*pair, kernel)))

    every = [mmd2(chosen) for chosen in itertools.combinations(range(6), 3)]
    given = mmd2((0, 2, 3))
    wanted = np.mean(np.array(every) >= given - 1e-12)
    value, p = kernels.two_sample_test(
        points[[0, 2, 3]], points[[1, 4, 5]], kernel, permutations=4000
    )
    assert value == pytest.approx(given, abs=1e-12)
    assert p == pytest.approx(wanted, abs=0.03)


def test_two_sample_test_keeps_its_level_and_has_power():
    """Of 200 tests at 5 %, 10 ± 3 false alarms; a shift of one deviation is seen."""
    p = [
        kernels.two_sample_test(
            samples(seed, 20, 2), samples(1000 + seed, 25, 2), permutations=99
        )[1]
        for seed in range(200)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.095
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)  # uniform
    far = kernels.two_sample_test(samples(0, 50, 2), samples(1, 50, 2, 1.0))
    assert far[1] == pytest.approx(1 / 1001)
    assert far == kernels.two_sample_test(samples(0, 50, 2), samples(1, 50, 2, 1.0))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((1, 2)), np.zeros((9, 2)), "at least 2 points in each"),
        (np.zeros((9, 2)), np.zeros((0, 2)), "at least 2 points in each"),
        (np.zeros((9, 4, 4, 1)), np.zeros((9, 4, 4, 1)), "reshape"),
        (np.zeros((9, 2)), np.zeros((9, 3)), r"\(9, 2\) and \(9, 3\)"),
        (np.zeros((9, 2)), np.diag([np.nan, 1.0]), "1 of the 2 points of y hold NaN"),
        (np.full((9, 2), 1e200), np.ones((9, 2)), "kernel with finite values"),
    ],
)
def test_two_sample_test_refuses_what_it_cannot_judge(x, y, message):
    """Rather than p = 0, the surest rejection there is."""
    with pytest.raises(ValueError, match=message):
        kernels.two_sample_test(x, y, kernels.polynomial_kernel)


def test_too_few_points_are_refused_rather_than_nan():
    x, y = samples(0, 2, 2), samples(1, 2, 2)
    assert np.isfinite(kernels.mmd2_unbiased(*matrices(x, y)))
    for pair in ((x[1:], y), (x, y[1:])):
        with pytest.raises(ValueError, match=r"at least 2 points .* got 1"):
            kernels.mmd2_unbiased(*matrices(*pair))


def test_the_witness_points_to_where_each_sample_is_denser():
    x, y = samples(0, 200, 1, -2.0), samples(1, 200, 1, 2.0)
    values = kernels.witness(kernels.rbf_kernel, np.array([[-2.0], [0.0], [2.0]]), x, y)
    assert values[0] > 0.5
    assert abs(values[1]) < 0.1
    assert values[2] < -0.5


def test_the_median_bandwidth_is_the_median_distance():
    x, y = np.array([[0.0], [1.0]]), np.array([[3.0]])  # distances 1, 2, 3
    assert kernels.median_bandwidth(x, y) == pytest.approx(2.0)
    # One outlier does not make the others coincide.
    assert kernels.median_bandwidth(x, y * 1e4) == pytest.approx(3e4, rel=1e-3)


def test_the_median_bandwidth_where_most_points_coincide():
    """Distances 0 six times, 3 four times and 1, 2: the median of the latter six."""
    x, y = np.zeros((4, 1)), np.array([[3.0]])
    assert kernels.median_bandwidth(x, y) == pytest.approx(3.0)
    with pytest.raises(ValueError, match="median distance of two points is nan"):
        kernels.median_bandwidth(x, y * np.nan)
    with pytest.raises(ValueError, match="median distance"):
        kernels.median_bandwidth(x, x)


def test_rounding_is_no_bandwidth():
    """Copies of one point, as far apart as float32 rounds, among real ones."""
    real, fake = samples(0, 50, 16), samples(1, 1, 16)
    copies = np.repeat(fake, 150, axis=0) * (1.0 + 1e-7 * samples(2, 150, 16))
    among, across = pdist(real), cdist(real, fake)
    # The distances of two different points; 150 copies count 150 times.
    width = np.median(np.concatenate([among, np.repeat(across, 150)]))
    assert kernels.median_bandwidth(real, copies) == pytest.approx(width, rel=1e-5)
    mmd2, p_value = kernels.two_sample_test(copies, real, permutations=100)
    k_among, k_across = (np.exp(-(d**2) / (2 * width**2)) for d in (among, across))
    assert mmd2 == pytest.approx(1 - 2 * k_across.mean() + k_among.mean(), rel=1e-4)
    assert p_value < 0.05
