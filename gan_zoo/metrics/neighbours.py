"""Nearest neighbours among features, a block of distances at a time.

A block is computed as ‖a‖² − 2 a·b + ‖b‖², a matrix product in float64. Where its
rounding could change the result, the distance is computed again from the differences
a − b. Copies are therefore at distance 0 exactly, equal distances are equal, and no
result depends on the size of the blocks.
"""

import numpy as np

# Numbers in a block, 67 MB; two or three such arrays are in memory at a time.
BLOCK = 2**23


def nearest(queries, points, k=1, same=False, block=BLOCK):
    """The k nearest points of each query, by Euclidean distance.

    Args:
        queries: array (n, d).
        points: array (m, d).
        k: neighbours wanted.
        same: the queries are the points; none is its own neighbour then.
        block: numbers in a block of distances.

    Returns:
        Squared distances (n, k), float64, nearest first, and indices of points (n, k).

    Raises:
        ValueError: for fewer than k neighbours.
    """
    if not 1 <= k <= len(points) - same:
        raise ValueError(
            f"Expected k from 1 to {len(points) - same}, the neighbours that an image "
            f"has among {len(points)}, got k={k}. Pass more images or a smaller k."
        )
    squared = np.empty((len(queries), k))
    indices = np.empty((len(queries), k), int)
    for part in distance_blocks(queries, points, block):
        if same:
            own = np.arange(part.rows.start, part.rows.start + len(part.x))
            part.squared[own - part.rows.start, own] = np.inf
        few = np.argpartition(part.squared, k - 1, axis=1)[:, :k]  # (rows, k)
        exact = [_squared_distances(part.x, part.y[few[:, i]]) for i in range(k)]
        exact = np.stack(exact, axis=1)
        order = np.argsort(exact, axis=1, kind="stable")
        squared[part.rows] = np.take_along_axis(exact, order, axis=1)
        indices[part.rows] = np.take_along_axis(few, order, axis=1)
    return squared, indices


def distance_blocks(x, y, block=BLOCK):
    """All distances between x (n, d) and y (m, d), some rows of x at a time.

    Args:
        x: array (n, d).
        y: array (m, d).
        block: numbers in a block.

    Yields:
        `DistanceBlock`s.
    """
    # Distances do not depend on the origin; rounding is least around the mean.
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
        rows: slice of x that this is.
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
        self._doubt = own.max() + squares.max()
        self._doubt *= 2 * (y.shape[1] + 4) * np.finfo("float64").eps

    def at_most(self, bounds):
        """Whether each squared distance is <= `bounds`, (m,) or (r, 1)."""
        self._settle(bounds)
        return self.squared <= bounds

    def below(self, bounds):
        """Whether each squared distance is < `bounds`, (m,) or (r, 1)."""
        self._settle(bounds)
        return self.squared < bounds

    def _settle(self, bounds):
        """Computes distances exactly where rounding could have crossed a bound."""
        distances = self.squared - bounds
        np.abs(distances, out=distances)
        rows, columns = np.nonzero(distances <= self._doubt)
        step = max(1, BLOCK // self.y.shape[1])
        for i in range(0, len(rows), step):
            r, c = rows[i : i + step], columns[i : i + step]
            self.squared[r, c] = _squared_distances(self.x[r], self.y[c])


def all_finite(*arrays):
    """Whether no number is NaN or infinite, as features of a diverged generator are."""
    return all(np.isfinite(a).all() for a in arrays)


def _squared_distances(a, b):
    """‖a_i − b_i‖², row by row, in float64; the same with a and b exchanged."""
    return np.sum((a.astype("float64") - b) ** 2, axis=1)
