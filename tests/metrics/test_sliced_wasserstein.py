import keras
import numpy as np
import pytest
import scipy.stats
from features.feature_doubles import Flat, as_images

from gan_zoo.metrics import (
    PatchDistance,
    SlicedWasserstein,
    patch_distances,
    sliced_wasserstein,
)
from gan_zoo.metrics.sliced_wasserstein import laplacian_pyramid, patches


@pytest.fixture(scope="module")
def draw():
    return np.random.default_rng(0)


@pytest.mark.parametrize("n", [40, 50])
def test_in_one_dimension_it_is_the_exact_distance(draw, n):
    """Both directions, −1 and 1, give W₁ itself, for equal and unequal counts."""
    x, y = draw.normal(size=(40, 1)), draw.gamma(2, size=(n, 1))
    expected = scipy.stats.wasserstein_distance(x[:, 0], y[:, 0])
    assert sliced_wasserstein(x, y, 5) == pytest.approx(expected, rel=1e-12)


def test_by_hand():
    """x = {(0, 0), (2, 0)}, y = {(0, 0), (2, 1)}: sorted on each direction."""
    x, y = np.array([[0.0, 0], [2, 0]]), np.array([[0.0, 0], [2, 1]])
    theta = np.random.default_rng(3).normal(size=(2, 4))
    theta /= np.sqrt((theta**2).sum(0))
    each = [
        np.mean([abs(a - b) for a, b in zip(sorted(x @ t), sorted(y @ t), strict=True)])
        for t in theta.T
    ]
    assert sliced_wasserstein(x, y, 4, seed=3) == pytest.approx(np.mean(each))


def test_a_shift_costs_its_length_times_the_mean_projection(draw):
    """E |v · θ| on the circle is 2 |v| / π."""
    x = draw.normal(size=(30, 2))
    distance = sliced_wasserstein(x, x + [3.0, 4.0], 4000)
    assert distance == pytest.approx(2 * 5 / np.pi, rel=0.03)
    assert sliced_wasserstein(x, x[::-1]) == 0


@pytest.mark.parametrize(
    ("height", "width", "sides"), [(64, 32, [32, 16]), (35, 37, [35, 18])]
)
def test_a_pyramid_can_be_put_together_again(draw, height, width, sides):
    """Each level is what the blurred coarse one lacks, by OpenCV's pyrUp."""
    images = draw.normal(size=(2, height, width, 3)).astype("float32")
    levels = laplacian_pyramid(images)
    assert [min(level.shape[1:3]) for level in levels] == sides
    fine, coarse = levels
    spread = np.zeros_like(fine)
    spread[:, ::2, ::2] = coarse
    padded = np.pad(spread, ((0, 0), (2, 2), (2, 2), (0, 0)), "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), (1, 2))
    taps = np.array([1, 4, 6, 4, 1]) / 16
    blurred = np.einsum("nhwcij,i,j->nhwc", windows, 2 * taps, 2 * taps)
    np.testing.assert_allclose(fine + blurred, images, atol=1e-5)
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), (1, 2))
    halved = np.einsum("nhwcij,i,j->nhwc", windows, taps, taps)[:, ::2, ::2]
    np.testing.assert_allclose(coarse, halved, atol=1e-5)


def test_patches_are_windows_at_uniform_places():
    rows, columns = np.meshgrid(np.arange(9), np.arange(10), indexing="ij")
    images = np.tile(np.stack([rows, columns], -1), (40, 1, 1, 1)).astype("float32")
    found = patches(images, 0)
    assert found.shape == (40 * 128, 7, 7, 2)
    corners = found[:, 0, 0].astype(int)
    np.testing.assert_array_equal(
        found - corners[:, None, None], np.broadcast_to(images[0, :7, :7], found.shape)
    )
    # 3 × 4 places, all equally likely: 5120 / 12 of each, deviation 20.
    counts = np.bincount(corners @ [4, 1], minlength=12)
    assert len(counts) == 12
    assert abs(counts - 5120 / 12).max() < 80
    np.testing.assert_array_equal(patches(images[:3], 0), found[: 3 * 128])


def test_patches_are_normalised_per_channel_and_the_distance_is_times_1000():
    """The authors' finalize_descriptors, on the patches of a single level."""
    scale = np.array([1.0, 5.0], "float32")
    rng = np.random.default_rng(0)
    sides = [rng.normal(3, scale, (6, 9, 8, 2)).astype("float32") for _ in range(2)]
    rows = []
    for number, side in enumerate(sides):
        found = patches(side, (4, 0, number)).astype("float64")
        found -= found.mean(axis=(0, 1, 2))
        found /= found.std(axis=(0, 1, 2))
        rows.append(found.reshape(6 * 128, 7 * 7 * 2))
    expected = 1e3 * sliced_wasserstein(*rows, 32, (4, 0, 2))
    (distance,) = patch_distances(*sides, projections=32, seed=4).values()
    assert distance == pytest.approx(expected, rel=1e-5)


def test_only_the_level_that_differs_shows():
    """Noise of the same strength, but blurred in part: fine detail is missing."""
    rng = np.random.default_rng(1)
    real, again, fake = rng.normal(size=(3, 40, 32, 32, 3)).astype("float32")
    smooth = np.repeat(np.repeat(fake[:, ::2, ::2], 2, 1), 2, 2)
    same, other = (patch_distances(real, x, 64) for x in (again, smooth))
    assert list(same) == list(other) == [32, 16]
    assert other[32] > 1.5 * same[32]
    # Brightness and contrast are normalised away.
    brighter = patch_distances(real, 3 * again + 1, 64)
    assert brighter[32] == pytest.approx(same[32], rel=1e-3)
    assert patch_distances(np.zeros((2, 8, 8, 1)), np.zeros((2, 8, 8, 1)), 8) == {8: 0}


def test_metric_of_features_is_the_function():
    real, fake = np.random.default_rng(0).normal(size=(2, 30, 4)).astype("float32")
    values = []
    for size in (30, 8):
        metric = SlicedWasserstein(Flat(4), projections=16)
        for i in range(0, 30, size):
            some = slice(i, i + size)
            metric.update_state(as_images(real[some]), as_images(fake[some]))
        values.append(float(metric.result()))
    assert metric.name == "swd_flat"
    assert values[0] == values[1]
    assert values[0] == pytest.approx(sliced_wasserstein(real, fake, 16), rel=1e-6)
    assert metric.protocol().endswith("30 real, 30 fake; 16 directions")


def test_metric_of_patches_does_not_depend_on_order_or_batches():
    # Images that agree in their first pixels, as digits do.
    real, fake = (
        np.random.default_rng(0).normal(size=(2, 12, 33, 32, 1)).astype("float32")
    )
    real[:, :2], fake[:, :2] = -1, -1
    results = []
    for size, order in ((12, slice(None)), (5, slice(None, None, -1))):
        metric = PatchDistance((33, 32, 1))
        for i in range(0, 12, size):
            metric.update_state(real[order][i : i + size], fake[order][i : i + size])
        results.append(metric.result())
    assert results[0] == results[1]
    assert tuple(results[0]) == metric.result_names
    assert metric.result_names == ("swd_patches", "swd_patches_32", "swd_patches_16")
    mean = (results[0]["swd_patches_32"] + results[0]["swd_patches_16"]) / 2
    assert results[0]["swd_patches"] == pytest.approx(mean)
    assert "12 real, 12 fake; x 1e3, 128 patches of 7x7" in metric.protocol()
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == metric.get_config()


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 4\)"):
        sliced_wasserstein(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"at least 7 x 7.*\(2, 6, 8, 1\)"):
        patch_distances(np.zeros((2, 6, 8, 1)), np.zeros((2, 6, 8, 1)))
    with pytest.raises(ValueError, match=r"at least 7, got \(6, 8, 1\)"):
        PatchDistance((6, 8, 1))
    metric = PatchDistance((8, 8, 1))
    with pytest.raises(ValueError, match=r"\(8, 8, 1\), got"):
        metric.update_state(np.zeros((2, 9, 8, 1)), np.zeros((2, 9, 8, 1)))
