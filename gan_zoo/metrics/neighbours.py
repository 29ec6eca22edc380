"""Nearest neighbours among features, a block of distances at a time.

A block is computed as ‖a‖² − 2 a·b + ‖b‖², a matrix product in float64. Where its
rounding could change the result, the distance is computed again from the differences
a − b. The distance of copies is therefore exactly 0, equal distances stay equal, and no
result depends on the size of the blocks.
"""

import numpy as np

# Distances in a block, 67 MB. Two or three such arrays are in memory at a time.
BLOCK = 2**23


def nearest(queries, points, k=1, leave_one_out=False, block=BLOCK):
    """Finds the k nearest points of each query, by Euclidean distance.

    Args:
        queries: array (n, d).
        points: array (m, d).
        k: number of neighbours.
        leave_one_out: True if the queries are the points. A point is then not its own
            neighbour.
        block: number of distances in a block.

    Returns:
        Squared distances (n, k), float64, nearest first, and indices of the points (n,
        k).

    Raises:
        ValueError: for fewer than k neighbours.
    """
    if not 1 <= k <= len(points) - leave_one_out:
        raise ValueError(
            f"Expected k from 1 to {len(points) - leave_one_out}, the number of "
            f"neighbours among {len(points)} images, got k={k}. Pass more images or a "
            "smaller k."
        )
    squared = np.empty((len(queries), k))
    indices = np.empty((len(queries), k), int)
    for part in distance_blocks(queries, points, block):
        if leave_one_out:
            own = np.arange(part.rows.start, part.rows.start + len(part.x))
            part.squared[own - part.rows.start, own] = np.inf
        candidates = np.argpartition(part.squared, k - 1, axis=1)[:, :k]  # (rows, k)
        exact = [_squared_distances(part.x, part.y[candidates[:, i]]) for i in range(k)]
        exact = np.stack(exact, axis=1)
        order = np.argsort(exact, axis=1, kind="stable")
        squared[part.rows] = np.take_along_axis(exact, order, axis=1)
        indices[part.rows] = np.take_along_axis(candidates, order, axis=1)
    return squared, indices


def distance_blocks(x, y, block=BLOCK):
    """All distances between x and y, for some rows of x at a time.

    Args:
        x: array (n, d).
        y: array (m, d).
        block: number of distances in a block.

    Yields:
        `DistanceBlock` objects.
    """
    # Distances do not depend on the origin. Around the mean, rounding errors are small.
    centre = y.mean(axis=0, dtype="float64")
    centred = y - centre
    squares = np.sum(centred**2, axis=1)
    step = max(1, block // max(y.shape))
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        yield DistanceBlock(rows, x[rows], y, centre, centred, squares)


class DistanceBlock:
    """Squared distances between some rows of x and all of y.

    Attributes:
        rows: slice of x.
        x: those rows, (r, d).
        y: (m, d).
        squared: squared distances (r, m), float64, up to rounding.
    """

    def __init__(self, rows, x, y, centre, centred, squares):
        self.rows, self.x, self.y = rows, x, y
        x = x - centre
        own = np.sum(x**2, axis=1)
        self.squared = (-2.0 * x) @ centred.T
        self.squared += own[:, None]
        self.squared += squares
        # Twice the largest error of the sums of d products.
        self._error_bound = own.max() + squares.max()
        self._error_bound *= 2 * (y.shape[1] + 4) * np.finfo("float64").eps

    def at_most(self, bounds):
        """Whether each squared distance is <= `bounds`, (m,) or (r, 1)."""
        self._recompute_near(bounds)
        return self.squared <= bounds

    def below(self, bounds):
        """Whether each squared distance is < `bounds`, (m,) or (r, 1)."""
        self._recompute_near(bounds)
        return self.squared < bounds

    def _recompute_near(self, bounds):
        """Computes distances again where rounding could have crossed a bound."""
        distances = self.squared - bounds
        np.abs(distances, out=distances)
        rows, columns = np.nonzero(distances <= self._error_bound)
        step = max(1, BLOCK // self.y.shape[1])
        for i in range(0, len(rows), step):
            r, c = rows[i : i + step], columns[i : i + step]
            self.squared[r, c] = _squared_distances(self.x[r], self.y[c])


def all_finite(*arrays):
    """Whether all numbers are finite. Those of a diverged generator are not."""
    return all(np.isfinite(a).all() for a in arrays)


def _squared_distances(a, b):
    """‖a_i − b_i‖², row by row, in float64. It is symmetric in a and b."""
    return np.sum((a.astype("float64") - b) ** 2, axis=1)
