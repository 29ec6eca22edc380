import json

import numpy as np
import pytest
import scipy.spatial
from features.feature_doubles import Flat, as_images
from testing import golden

from gan_zoo.metrics import (
    DensityCoverage,
    PrecisionRecall,
    density_and_coverage,
    precision_and_recall,
)

SHIPPED = ("d64", "d128_N_lt_dim", "d32_wide_spectrum", "d16_identical")


def normal(seed, n, d=2):
    return np.random.default_rng(seed).normal(size=(n, d)).astype("float32")


def compare_with_golden(arrays, results, case):
    fake, real = arrays[f"{case}/x"], arrays[f"{case}/y"]
    for k in (3, 5):
        torch_fidelity = results[case][f"prc_torch_fidelity_k{k}_x_generated_y_real"]
        prdc = results[case][f"prdc_k{k}_real_y_fake_x"]
        precision, recall = precision_and_recall(real, fake, k)
        # Equal counts; torch-fidelity divides them in float32.
        assert precision == pytest.approx(torch_fidelity["precision"], rel=1e-7)
        assert recall == pytest.approx(torch_fidelity["recall"], rel=1e-7)
        assert (precision, recall) == (prdc["precision"], prdc["recall"])
        density, coverage = density_and_coverage(real, fake, k)
        assert density == pytest.approx(prdc["density"], rel=1e-14)
        assert coverage == prdc["coverage"]


@pytest.mark.parametrize("case", SHIPPED)
def test_equals_torch_fidelity_and_prdc(case):
    arrays = np.load(golden("metrics_features_extract.npz"))
    compare_with_golden(arrays, json.loads(str(arrays["results"])), case)


def test_equals_them_in_256_dimensions():
    arrays = np.load(golden("metrics_features.npz"))
    results = json.loads(golden("metrics_features.json").read_text())["results"]
    compare_with_golden(arrays, results, "d256")


def test_by_hand():
    """k = 1; the real balls reach 1, 1 and 2 far, the fake ones all 5.5."""
    real = np.array([[0.0], [1.0], [3.0]])
    fake = np.array([[-1.0], [4.5], [10.0]])
    # −1 is at the rim of the ball around 0; 4.5 is in that around 3.
    assert precision_and_recall(real, fake, 1) == (2 / 3, 1)
    # The rim does not count; of 3 balls, that around 3 has a fake in it.
    assert density_and_coverage(real, fake, 1) == (1 / 3, 1 / 3)


@pytest.mark.parametrize("block", [1, 300, 2**23])
def test_equals_the_definition_where_distances_tie(block):
    draw = np.random.default_rng(0)
    real, fake = (draw.integers(0, 9, (n, 2)).astype("float32") for n in (60, 50))
    rr, ff, rf = (
        scipy.spatial.distance.cdist(a, b, "sqeuclidean")
        for a, b in ((real, real), (fake, fake), (real, fake))
    )
    # The point itself stands first.
    real_radii, fake_radii = np.sort(rr)[:, 3, None], np.sort(ff)[:, 3]
    expected = (rf <= real_radii).any(0).mean(), (rf <= fake_radii).any(1).mean()
    assert precision_and_recall(real, fake, 3, block) == expected
    inside = rf < real_radii
    expected = inside.sum() / (3 * 50), inside.any(1).mean()
    assert density_and_coverage(real, fake, 3, block) == expected


def test_an_outlier_fools_precision_and_not_density():
    """Fakes in the large ball of one far-off real image, as Naeem et al. warn."""
    real = np.concatenate([normal(0, 100), [[30.0, 0.0]]])
    fake = normal(1, 100) + [15.0, 0.0]
    precision, _ = precision_and_recall(real, fake, 5)
    density, coverage = density_and_coverage(real, fake, 5)
    assert precision > 0.95
    assert density < 0.25
    assert coverage < 0.05


def test_samples_of_the_data_have_density_one_and_the_coverage_of_the_paper():
    values = [
        density_and_coverage(normal(seed, 300), normal(seed + 99, 300), 5)
        for seed in range(20)
    ]
    density, coverage = np.mean(values, axis=0)
    assert density == pytest.approx(1, abs=0.03)
    # Expected after Naeem et al.: 1 − Π (N − i) / (M + N − i) over i = 1, ..., k.
    i = np.arange(1, 6)
    assert coverage == pytest.approx(1 - np.prod((300 - i) / (600 - i)), abs=0.01)


def test_a_diverged_generator_has_no_number():
    real, fake = normal(0, 20), normal(1, 20)
    fake[3] = np.nan
    assert np.isnan(precision_and_recall(real, fake)).all()
    assert np.isnan(density_and_coverage(real, fake)).all()


def test_wrong_input_is_named():
    x = normal(0, 5)
    with pytest.raises(ValueError, match=r"\(5, 2\) and \(5, 1\)"):
        precision_and_recall(x, x[:, :1])
    with pytest.raises(ValueError, match=r"k from 1 to 4, .* got k=5"):
        density_and_coverage(x, x)
    with pytest.raises(ValueError, match="got 0 and 0"):
        PrecisionRecall(Flat(2)).result()


@pytest.mark.parametrize(
    ("metric", "function", "names"),
    [
        (PrecisionRecall(Flat(2)), precision_and_recall, ("precision", "recall")),
        (DensityCoverage(Flat(2)), density_and_coverage, ("density", "coverage")),
    ],
)
def test_the_metric_is_the_function_of_all_images(metric, function, names):
    real, fake = normal(0, 30), normal(1, 30) * 2
    for i in range(0, 30, 8):
        metric.update_state(as_images(real[i : i + 8]), as_images(fake[i : i + 8]))
    result = metric.result()
    assert tuple(result) == metric.result_names == tuple(f"{n}_flat" for n in names)
    assert tuple(result.values()) == function(real, fake)
    assert metric.protocol().endswith(f"30 real, 30 fake; k = {metric.k}")


def test_comes_back_from_its_config():
    for cls in (PrecisionRecall, DensityCoverage):
        for name in (None, "mine"):
            metric = cls("mnist", k=4, max_images=11, name=name)
            again = cls.from_config(metric.get_config())
            assert again.get_config() == metric.get_config()
            assert again.result_names == metric.result_names
            assert (again.k, again.max_images) == (4, 11)
    assert again.result_names == ("mine_density", "mine_coverage")
