import json
import os
import pathlib

import keras
import numpy as np
import pytest
import scipy.linalg
import tensorflow as tf
from features.feature_doubles import Flat, as_images, conv_network
from testing import golden

from gan_zoo.metrics import FrechetDistance, frechet_distance
from gan_zoo.metrics.frechet import mean_and_covariance


def statistics(samples):
    x = np.asarray(samples, "float64")
    return mean_and_covariance(len(x), x.sum(axis=0), x.T @ x)


def distance(x, y):
    return frechet_distance(*statistics(x), *statistics(y))


def gaussian(seed, n, d, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + shift


def measure(x, y, batch_size):
    metric = FrechetDistance(Flat(x.shape[1]))
    for i in range(0, max(len(x), len(y)), batch_size):
        metric.update_state(
            as_images(y[i : i + batch_size]), as_images(x[i : i + batch_size])
        )
    return float(metric.result())


def test_one_dimension_by_hand():
    # (3 - 1)^2 + (sqrt(9) - sqrt(4))^2
    assert frechet_distance([3.0], [[9.0]], [1.0], [[4.0]]) == pytest.approx(5.0)


def test_commuting_covariances_by_hand():
    # Both are diagonal in the basis (1, 1), (1, -1): eigenvalues (9, 1) and (4, 16).
    cov1, cov2 = [[5.0, 4.0], [4.0, 5.0]], [[10.0, -6.0], [-6.0, 10.0]]
    value = frechet_distance([0.0, 0.0], cov1, [3.0, 4.0], cov2)
    assert value == pytest.approx(25 + (3 - 2) ** 2 + (1 - 4) ** 2, rel=1e-12)


def test_degenerate_gaussians_are_points():
    zero = np.zeros((3, 3))
    assert frechet_distance([1, 2, 2], zero, [0, 0, 0], zero) == 9.0
    assert frechet_distance([0, 0, 0], np.eye(3), [0, 0, 0], zero) == 3.0


def test_mean_and_covariance_are_numpys():
    x = gaussian(0, 50, 4, shift=3.0)
    mean, covariance = statistics(x)
    np.testing.assert_allclose(mean, x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(x.T), rtol=1e-10, atol=1e-12)


SHIPPED = ("d64", "d128_N_lt_dim", "d32_wide_spectrum", "d16_identical")


@pytest.mark.parametrize("case", SHIPPED)
def test_equals_torch_fidelity_ttur_and_cleanfid(case):
    archive = np.load(golden("metrics_features_extract.npz"))
    result = json.loads(str(archive["results"]))[case]
    value = distance(archive[f"{case}/x"], archive[f"{case}/y"])
    # Where covariances are singular, the producers' own roots are of rounding errors.
    rel = 1e-10 if case in ("d64", "d16_identical") else 2e-7
    for producer in ("torch_fidelity_float64_features", "ttur_scipy_sqrtm", "cleanfid"):
        assert value == pytest.approx(result[f"fid_{producer}"], rel=rel, abs=1e-12)
    of_float32 = result["fid_torch_fidelity_float32_features"]
    assert value == pytest.approx(of_float32, rel=1e-6, abs=1e-12)


def test_golden_256_dimensions():
    archive = np.load(golden("metrics_features.npz"))
    results = json.loads(golden("metrics_features.json").read_text())["results"]
    value = distance(archive["d256/x"], archive["d256/y"])
    assert value == pytest.approx(results["d256"]["fid_ttur_scipy_sqrtm"], rel=1e-10)


def test_fewer_samples_than_dimensions_against_the_samples_themselves():
    # tr (Σ1 Σ2)^½ is the nuclear norm of X Yᵀ / sqrt((n-1)(m-1)), X and Y centred:
    # no covariance, no root, so no loss of digits.
    archive = np.load(golden("metrics_features_extract.npz"))
    for case in ("d128_N_lt_dim", "d32_wide_spectrum"):
        x = archive[f"{case}/x"].astype("float64")
        y = archive[f"{case}/y"].astype("float64")
        mean_term = np.sum((x.mean(0) - y.mean(0)) ** 2)
        x, y = x - x.mean(0), y - y.mean(0)
        x, y = x / np.sqrt(len(x) - 1), y / np.sqrt(len(y) - 1)
        between = np.linalg.svd(x @ y.T, compute_uv=False).sum()
        exact = mean_term + np.sum(x**2) + np.sum(y**2) - 2 * between
        value = distance(archive[f"{case}/x"], archive[f"{case}/y"])
        assert value == pytest.approx(exact, rel=1e-11)


def test_equals_scipys_matrix_root():
    for n, d in ((90, 12), (400, 150)):
        (mu1, cov1), (mu2, cov2) = (
            statistics(gaussian(1, n, d)),
            statistics(gaussian(2, n + 20, d, shift=0.5)),
        )
        root = scipy.linalg.sqrtm(cov1 @ cov2).real
        expected = np.sum((mu1 - mu2) ** 2) + np.trace(cov1 + cov2 - 2 * root)
        value = frechet_distance(mu1, cov1, mu2, cov2)
        assert value == pytest.approx(expected, rel=1e-9)


def test_large_variances_of_one_where_the_other_has_small_ones():
    # The product has no large eigenvalue that would betray the rounding.
    d, basis = 60, np.linalg.qr(np.random.default_rng(1).normal(size=(60, 60)))[0]
    a = np.logspace(6, -6, d)
    covariances = ((basis * each) @ basis.T for each in (a, a[::-1]))
    cov1, cov2 = ((c + c.T) / 2 for c in covariances)
    value = frechet_distance(np.zeros(d), cov1, np.zeros(d), cov2)
    expected = np.sum((np.sqrt(a) - np.sqrt(a[::-1])) ** 2)
    assert value == pytest.approx(expected, rel=1e-10)


def test_a_spectrum_of_twelve_decades_by_its_eigenvalues():
    d, rng = 40, np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
    a = np.logspace(0, -12, d)
    for b in (a[::-1], 2 * a, np.roll(a, 7)):
        covariances = ((basis * each) @ basis.T for each in (a, b))
        cov1, cov2 = ((c + c.T) / 2 for c in covariances)
        value = frechet_distance(np.zeros(d), cov1, np.zeros(d), cov2)
        expected = np.sum((np.sqrt(a) - np.sqrt(b)) ** 2)
        assert value == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("n", [10, 500])
def test_one_repeated_image_is_a_point(n):
    x = gaussian(3, n, 30, shift=0.3)
    same = np.repeat(x[:1], 50, axis=0)
    mean_term = np.sum((x.mean(axis=0) - x[0]) ** 2)
    expected = mean_term + np.trace(np.cov(x.T))
    assert distance(same, x) == pytest.approx(expected, rel=1e-7)
    assert distance(x, same) == pytest.approx(expected, rel=1e-7)
    assert distance(same, same) == pytest.approx(0, abs=1e-10)


def test_rounding_errors_that_are_no_covariance_stay_small():
    # Of sums over a constant side: diagonal almost 0, the rest not.
    errors = np.full((3, 3), 1e-16) - np.eye(3) * (1e-16 - 1e-30)
    value = frechet_distance(np.zeros(3), errors, np.zeros(3), np.eye(3))
    assert value == pytest.approx(3, rel=1e-9)


def test_identical_sets_are_at_zero():
    for samples in (gaussian(3, 200, 20), gaussian(4, 10, 30), np.ones((5, 3))):
        assert 0 <= distance(samples, samples) < 1e-8


def test_invariances():
    x, y = gaussian(5, 80, 6), gaussian(6, 90, 6, shift=1.0)
    value = distance(x, y)
    rotation = np.linalg.qr(np.random.default_rng(7).normal(size=(6, 6)))[0]
    assert distance(y, x) == pytest.approx(value, rel=1e-10)
    assert distance(x @ rotation, y @ rotation) == pytest.approx(value, rel=1e-10)
    assert distance(x + 7, y + 7) == pytest.approx(value, rel=1e-9)
    assert distance(3 * x, 3 * y) == pytest.approx(9 * value, rel=1e-10)
    assert distance(x[::-1], y) == pytest.approx(value, rel=1e-10)


def test_grows_as_a_generator_gets_worse():
    real = gaussian(8, 500, 5)
    noise = np.random.default_rng(9).normal(size=real.shape)
    values = [distance(real + scale * noise, real) for scale in (0.0, 0.5, 1.0, 2.0)]
    assert values == sorted(values)
    collapsed = np.repeat(real[:1], 500, axis=0)
    assert distance(collapsed, real) > np.trace(np.cov(real.T))


def test_not_a_number_stays_one():
    cov = np.eye(2)
    assert np.isnan(frechet_distance([np.nan, 0], cov, [0, 0], cov))
    assert np.isnan(frechet_distance([0, 0], np.full((2, 2), np.inf), [0, 0], cov))


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"got means \(2,\), \(3,\)"):
        frechet_distance(np.zeros(2), np.eye(2), np.zeros(3), np.eye(3))


def test_metric_on_golden_features():
    archive = np.load(golden("metrics_features_extract.npz"))
    expected = json.loads(str(archive["results"]))["d64"]["fid_ttur_scipy_sqrtm"]
    value = measure(archive["d64/x"], archive["d64/y"], 64)
    assert value == pytest.approx(expected, rel=1e-8)


def test_batch_size_and_order_do_not_matter():
    x, y = gaussian(10, 60, 4, 30.0), gaussian(11, 90, 4, 31.0)
    x, y = x.astype("float32"), y.astype("float32")
    once = measure(x, y, 90)
    assert once == pytest.approx(distance(x, y), rel=1e-9)
    assert measure(x, y, 7) == pytest.approx(once, rel=1e-9)
    assert measure(x[::-1], y, 16) == pytest.approx(once, rel=1e-9)


def resident_megabytes():
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")
def test_memory_does_not_grow_with_the_number_of_images():
    metric = FrechetDistance(Flat(64))
    update = tf.function(metric.update_state)
    rng = np.random.default_rng(0)
    for i in range(60):
        batch = as_images(rng.normal(size=(10_000, 64)).astype("float32"))
        update(batch, batch[::-1])
        if i == 9:
            before = resident_megabytes()
    # The other 50 batches' features would be 128 MB a side.
    assert resident_megabytes() - before < 40
    assert float(metric.result()) == pytest.approx(0, abs=1e-9)
    # At Inception's size, 50,000 images or any number: 67 MB.
    variables = FrechetDistance(Flat(2048)).variables
    megabytes = sum(np.prod(v.shape) for v in variables) * 8 / 1e6
    assert megabytes == pytest.approx(67.1, abs=0.1)


def test_reset_forgets():
    x, y = gaussian(12, 30, 4).astype("float32"), gaussian(13, 30, 4).astype("float32")
    metric = FrechetDistance(Flat(4))
    metric.update_state(as_images(y * 9), as_images(x))
    metric.reset_state()
    metric.update_state(as_images(y), as_images(x))
    assert float(metric.result()) == pytest.approx(distance(x, y), rel=1e-9)


def test_too_few_samples():
    metric = FrechetDistance(Flat(4))
    with pytest.raises(ValueError, match=r"at least 2 .* got 0"):
        metric.result()
    metric.update_state(np.zeros((1, 1, 1, 4)), np.zeros((3, 1, 1, 4)))
    with pytest.raises(ValueError, match="got 1"):
        metric.result()


def test_names_say_which_features():
    assert FrechetDistance("mnist").name == "frechet_mnist"
    assert FrechetDistance(conv_network("faces")).name == "frechet_faces"
    with pytest.raises(ValueError, match="2015 Inception"):
        FrechetDistance("mnist", name="fid")


def test_protocol_stands_beside_the_number():
    metric = FrechetDistance(conv_network())
    images = np.zeros((7, 8, 8, 3), "float32")
    metric.update_state(images, images[:6])
    assert metric.protocol() == (
        "frechet_tiny: tiny network (5-d, global average), input 8x8 RGB (grey "
        "repeated) in [-1, 1], resize antialiased bilinear; 7 real, 6 fake"
    )


@pytest.mark.parametrize("counts", [(5, 7), (7, 5), (2, 2)])
def test_protocol_says_when_the_images_are_too_few(counts):
    """Of n images the covariance has rank n - 1, here below the 5 features."""
    metric = FrechetDistance(conv_network())
    images = np.zeros((7, 8, 8, 3), "float32")
    metric.update_state(*(images[:count] for count in counts))
    assert metric.protocol().endswith(
        f"; {counts[0]} real, {counts[1]} fake; no more images than the 5 features, so "
        "that the covariance is singular and the distance far too large: use more "
        "images"
    )


def test_the_distance_of_too_few_images_is_too_large():
    """Both sides are of one distribution, and 20 images seem far apart."""
    x = np.random.default_rng(0).normal(size=(4000, 50))

    def distance(n):
        moments = [(s.mean(0), np.cov(s, rowvar=False)) for s in (x[:n], x[-n:])]
        return frechet_distance(*moments[0], *moments[1])

    assert distance(20) > 20 * distance(2000)


def test_config_round_trip():
    metric = FrechetDistance("mnist", name="d")
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(metric)
    )
    assert type(again) is FrechetDistance
    assert again.get_config() == {
        "features": "mnist",
        "name": "d",
        "statistics": None,
    }
    images = np.random.default_rng(0).uniform(-1, 1, (6, 28, 28, 1))
    for each in (metric, again):
        each.update_state(images, images[::-1] * 0.5)
    assert float(metric.result()) == float(again.result())


def test_config_of_a_users_network_refuses_to_guess_the_weights():
    metric = FrechetDistance(conv_network())
    again = FrechetDistance.from_config(metric.get_config())
    assert again.name == "frechet_tiny"
    assert again.get_config() == metric.get_config()
    images = np.zeros((2, 8, 8, 3), "float32")
    with pytest.raises(ValueError, match="'tiny' was not saved with the metric"):
        again.update_state(images, images)


def test_statistics_of_a_file_stand_for_the_real_images(tmp_path):
    path = tmp_path / "stats.npz"
    np.savez(path, mu=[3.0], sigma=[[9.0]])
    metric = FrechetDistance(Flat(1), statistics=path)
    fake = np.array([[-1.0], [3.0]], "float32")  # mean 1, variance 8
    metric.update_state(as_images(100 * fake), as_images(fake))
    # (3 - 1)² + (√9 - √8)²
    assert float(metric.result()) == pytest.approx(4 + (3 - 8**0.5) ** 2, rel=1e-12)
    assert metric.protocol() == (
        "frechet_flat: pixels as they are; real statistics of stats.npz (number of "
        "images unknown), 2 fake"
    )
    assert metric.name == FrechetDistance(Flat(1)).name
    with pytest.raises(ValueError, match=r"Expected mu \(2,\) and sigma \(2, 2\)"):
        FrechetDistance(Flat(2), statistics=path)


def test_saved_statistics_give_the_distance_of_the_images(tmp_path):
    x, y = gaussian(14, 30, 4).astype("float32"), gaussian(15, 40, 4).astype("float32")
    path = tmp_path / "stats.npz"
    metric = FrechetDistance(Flat(4))
    metric.update_state(as_images(y), as_images(x))
    metric.save_statistics(path)
    with np.load(path) as held:
        np.testing.assert_allclose(held["mu"], y.mean(axis=0, dtype="float64"))
        np.testing.assert_allclose(held["sigma"], np.cov(y.T.astype("float64")))
    again = FrechetDistance(Flat(4), statistics=str(path))
    update = tf.function(again.update_state)
    for start in range(0, 30, 10):
        update(as_images(x[:10]), as_images(x[start : start + 10]))
    assert float(again.result()) == pytest.approx(float(metric.result()), rel=1e-12)
    assert sum(v.shape == (4, 4) for v in again.variables) == 1  # of the fakes alone
    with pytest.raises(ValueError, match=r"at least 2 .* got 0"):
        FrechetDistance(Flat(4)).save_statistics(path)


def test_a_file_of_statistics_that_changes_is_read_again(tmp_path):
    path = tmp_path / "stats.npz"
    images = np.random.default_rng(0).normal(size=(9, 1, 1, 1)).astype("float32")
    metric, distances = None, []
    for mean in (0.0, 3.0):
        np.savez(path, mu=np.full(1, mean), sigma=np.eye(1))
        metric = metric or FrechetDistance(Flat(1), statistics=path)
        metric.begin()
        metric.update_state(images, images)
        distances.append(float(metric.result()))
    fresh = FrechetDistance(Flat(1), statistics=path)
    fresh.update_state(images, images)
    assert distances[1] == float(fresh.result()) > distances[0]


def test_too_few_images_are_logged_once(caplog):
    metric = FrechetDistance(Flat(4))
    images = np.random.default_rng(0).normal(size=(4, 1, 1, 4)).astype("float32")
    for _ in range(2):
        metric.update_state(images, images)
        metric.result()
    (record,) = caplog.records
    assert "frechet_flat: 4 images; no more images than the 4" in record.message


def test_a_metric_with_statistics_loads_where_the_file_is_missing(tmp_path):
    path = tmp_path / "stats.npz"
    np.savez(path, mu=np.zeros(64), sigma=np.eye(64))
    metric = FrechetDistance("mnist", statistics=path)
    config = metric.get_config()
    assert config["statistics"] == str(path)
    images = np.random.default_rng(0).uniform(-1, 1, (6, 28, 28, 1))
    again = FrechetDistance.from_config(config)
    for each in (metric, again):
        each.update_state(images, images)
    assert float(metric.result()) == float(again.result())
    path.unlink()
    missing = FrechetDistance.from_config(config)
    assert missing.get_config() == config
    with pytest.raises(FileNotFoundError, match=r"at .*stats\.npz, got none"):
        missing.update_state(images, images)
    with pytest.raises(FileNotFoundError, match=r"at .*stats\.npz, got none"):
        FrechetDistance("mnist", statistics=path)
