import json

import numpy as np
import pytest
from features.feature_doubles import Flat, as_images
from testing import golden

from gan_zoo.metrics import KernelDistance, kernel_distances
from gan_zoo.objectives import kernels

CASES = ("d64", "d256", "d128_N_lt_dim", "d32_wide_spectrum", "d16_identical")


def recorded(case):
    """Arrays and other projects' results; of 256 dimensions they do not ship."""
    if case == "d256":
        results = golden("metrics_features.json").read_text()
        arrays = np.load(golden("metrics_features.npz"))
        return arrays, json.loads(results)["results"][case]
    arrays = np.load(golden("metrics_features_extract.npz"))
    return arrays, json.loads(str(arrays["results"]))[case]


def test_by_hand():
    """d = 1: k(a, b) = (ab + 1)³; x = {0, 1}, y = {1, 2}."""
    x, y = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    # Within x: k(0, 1) = 1; within y: k(1, 2) = 27; between: (1 + 1 + 8 + 27) / 4.
    expected = 1 + 27 - 2 * 37 / 4
    np.testing.assert_allclose(kernel_distances(x, y, 3, 2), expected)


@pytest.mark.parametrize("case", CASES)
def test_equals_torch_fidelity_subset_by_subset(case):
    arrays, results = recorded(case)
    size = results["kid_subset_size"]
    values = kernel_distances(arrays[f"{case}/x"], arrays[f"{case}/y"], 10, size)
    np.testing.assert_allclose(values, arrays[f"{case}/kid_per_subset"], rtol=1e-8)
    reported = results[f"kid_torch_fidelity_10_subsets_of_{size}_rng2020"]
    mean, std = values.mean(), values.std()
    assert mean == pytest.approx(
        reported["kernel_inception_distance_mean"], rel=1e-8, abs=1e-10
    )
    assert std == pytest.approx(reported["kernel_inception_distance_std"], rel=1e-8)


def test_a_subset_of_everything_is_the_unbiased_mmd():
    x, y = np.random.default_rng(0).normal(size=(2, 12, 5))
    matrices = kernels.kernel_matrices(kernels.polynomial_kernel, x, y)
    expected = float(kernels.mmd2_unbiased(*matrices))
    np.testing.assert_allclose(kernel_distances(x, y, 2, 12), expected, rtol=1e-9)


def test_wrong_input_is_named():
    x = np.zeros((4, 3))
    with pytest.raises(ValueError, match=r"\(4, 3\) and \(4, 2\)"):
        kernel_distances(x, x[:, :2])
    with pytest.raises(ValueError, match=r"from 2 to 4 images.*subset_size=5"):
        kernel_distances(x, x, subset_size=5)


def test_the_metric_is_the_function_of_all_images():
    real, fake = np.random.default_rng(0).normal(size=(2, 30, 4)).astype("float32")
    metric = KernelDistance(Flat(4), subsets=5)
    for i in range(0, 30, 8):
        metric.update_state(as_images(real[i : i + 8]), as_images(fake[i : i + 8]))
    result = metric.result()
    assert tuple(result) == metric.result_names == ("kernel_flat", "kernel_flat_std")
    # All 30 are in each subset: one value, whatever the order.
    expected = kernel_distances(real, fake, 1, 30)
    assert result["kernel_flat"] == pytest.approx(expected[0], rel=1e-9)
    assert np.isnan(result["kernel_flat_std"])  # the deviation of one value
    assert "every subset is all images" in metric.undefined["kernel_flat_std"]
    assert metric.protocol().endswith(
        "30 real, 30 fake; all images at once, since a subset would be all of them"
    )


@pytest.mark.parametrize(
    ("fakes", "options", "taken"),
    [
        (
            31,
            {},
            "30, each with all real images",
        ),  # the smaller side is whole, the larger is drawn from
        (30, {"subset_size": 29}, "29"),
        (
            200,
            {"max_images": 100, "subset_size": 50},
            "30, each with all real images",
        ),
    ],
)
def test_there_is_a_spread_where_subsets_differ(fakes, options, taken):
    rows = np.random.default_rng(0).normal(size=(30 + fakes, 4)).astype("float32")
    metric = KernelDistance(Flat(4), subsets=5, **options)
    metric.update_state(as_images(rows[:30]), as_images(rows[30:]))
    assert metric.result()["kernel_flat_std"] > 1e-6
    assert not metric.undefined
    assert metric.protocol().endswith(f"5 subsets of {taken}")


def test_images_that_are_not_kept_do_not_count():
    rows = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
    metric = KernelDistance(Flat(4), max_images=10)
    metric.update_state(as_images(rows[:20]), as_images(rows[20:]))
    assert np.isnan(metric.result()["kernel_flat_std"])
    assert metric.undefined


def test_the_order_of_images_does_not_matter():
    real, fake = np.random.default_rng(0).normal(size=(2, 30, 4)).astype("float32")
    values = []
    for order in (np.arange(30), np.random.default_rng(1).permutation(30)):
        metric = KernelDistance(Flat(4), subsets=5, subset_size=10)
        metric.update_state(as_images(real[order]), as_images(fake[order]))
        values.append(metric.result()["kernel_flat"])
    assert values[0] == values[1]


def test_comes_back_from_its_config():
    metric = KernelDistance("mnist", subsets=7, subset_size=9, max_images=11)
    config = KernelDistance.from_config(metric.get_config()).get_config()
    assert config == metric.get_config()
    assert (config["subsets"], config["max_images"]) == (7, 11)
