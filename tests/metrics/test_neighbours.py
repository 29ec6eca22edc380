import numpy as np
import pytest
import scipy.spatial

from gan_zoo.metrics.neighbours import all_finite, distance_blocks, nearest


def normal(seed, n, d):
    return np.random.default_rng(seed).normal(size=(n, d)).astype("float32")


def grid(seed, n, d=2):
    """Whole numbers, so that distances tie and copies abound."""
    return np.random.default_rng(seed).integers(0, 6, (n, d)).astype("float32")


def squared(x, y):
    return scipy.spatial.distance.cdist(x, y, "sqeuclidean")


@pytest.mark.parametrize("block", [1, 500, 2**23])
def test_equals_all_distances_sorted(block):
    x, y = normal(0, 40, 7), normal(1, 60, 7)
    found, indices = nearest(x, y, 4, block=block)
    np.testing.assert_allclose(found, np.sort(squared(x, y), 1)[:, :4], rtol=1e-12)
    np.testing.assert_array_equal(indices, np.argsort(squared(x, y), 1)[:, :4])


def test_a_point_is_not_its_own_neighbour_and_a_copy_is():
    x = normal(0, 30, 5)
    x[7] = x[3]
    found, indices = nearest(x, x, 1, leave_one_out=True)
    assert (found[3], found[7]) == (0, 0)
    assert (indices[3], indices[7]) == (7, 3)
    assert found[[i for i in range(30) if i not in (3, 7)]].min() > 0
    assert not np.any(indices[:, 0] == np.arange(30))


def test_far_from_the_origin_nothing_is_lost():
    # ‖a‖² is 3e13, so that float64 leaves no digit of these distances without care.
    x = normal(0, 30, 3).astype("float64") + np.float64(3e6)
    found, _ = nearest(x, x, 3, leave_one_out=True)
    exact = np.sort(squared(x, x), 1)[:, 1:4]
    np.testing.assert_allclose(found, exact, rtol=1e-12)


@pytest.mark.parametrize("block", [1, 100, 2**23])
def test_ties_are_ties_whatever_the_block(block):
    x, y = grid(0, 50), grid(1, 40)
    exact = squared(x, y)
    bounds = np.sort(exact, axis=0)[5]  # distances that occur
    for part in distance_blocks(x, y, block):
        rows = exact[part.rows]
        np.testing.assert_array_equal(part.below(bounds), rows < bounds)
        np.testing.assert_array_equal(part.at_most(bounds), rows <= bounds)


def test_blocks_are_no_larger_than_asked_for():
    parts = list(distance_blocks(normal(0, 50, 3), normal(1, 40, 3), 200))
    assert max(part.squared.size for part in parts) == 200
    assert sum(len(part.squared) for part in parts) == 50


def test_too_few_points_are_named():
    x = normal(0, 3, 2)
    with pytest.raises(ValueError, match=r"k from 1 to 2, .* got k=3"):
        nearest(x, x, 3, leave_one_out=True)


def test_all_finite():
    assert all_finite(np.zeros(3), np.ones(2))
    assert not all_finite(np.zeros(3), np.array([np.nan]))
    assert not all_finite(np.array([np.inf]))
