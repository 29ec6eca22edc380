"""What a model draws with: averaged or current weights, compiled, many rows."""

import contextlib

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import check_count
from gan_zoo.models.base.several_networks import SeveralNetworks


class SamplingModel(SeveralNetworks):
    """A model whose methods of tensors are compiled, and take any number of rows.

    They draw with `sampling_networks`: averaged weights where there are any.
    """

    @property
    def sampling_networks(self):
        """Dict of name to the network to draw with: the average where there is one.

        Inside `use_averages(False)` these are the networks as they are.
        """
        return self.networks | (self.averages if self._unsaved.averaged else {})

    def decay_after(self, steps, decay):
        """Decay of an average in the step after `steps` steps, float32 scalars."""
        # Less at first, so that the weights of before the training are soon forgotten.
        return ops.minimum(decay, (1.0 + steps) / (10.0 + steps))

    @contextlib.contextmanager
    def use_averages(self, averaged):
        """Scope in which samples are drawn with averaged or with current weights.

        Args:
            averaged: whether `sampling_networks` are the averages.
        """
        before = self._unsaved.averaged
        self._unsaved.averaged = averaged
        try:
            yield
        finally:
            self._unsaved.averaged = before

    def graph_of(self, method):
        """A method of tensors, compiled into a graph once and kept."""
        key = method, self._unsaved.averaged
        if key not in self._unsaved.compiled:
            self._unsaved.compiled[key] = backend.function(getattr(self, method))
        return self._unsaved.compiled[key]

    def in_batches(self, method, rows, batch_size, *, averaged=True, **same):
        """Results of a method for any number of rows, as a numpy array.

        Args:
            method: name of a method of tensors that works row by row.
            rows: dict of argument to array (n, ...), n rows each.
            batch_size: rows at a time.
            averaged: draw with averaged weights where there are any.
            **same: further arguments, the same for all rows.

        Returns:
            Array (n, ...).

        Raises:
            ValueError: when `batch_size` is no count.
        """
        check_count("batch_size", batch_size)
        count = len(next(iter(rows.values())))
        # One row tells the shape of no results; some layers refuse to take none.
        filled = rows if count else {k: _one_row(v) for k, v in rows.items()}
        results = None
        with self.use_averages(averaged):
            compiled = self.graph_of(method)
            for piece in pieces(count or 1, batch_size):
                batch = {k: ops.convert_to_tensor(v[piece]) for k, v in filled.items()}
                made = ops.convert_to_numpy(compiled(**batch, **same))
                if results is None:
                    results = np.zeros((count or 1, *made.shape[1:]), made.dtype)
                results[piece] = made
        return results[:count]


def _one_row(array):
    return np.zeros((1, *array.shape[1:]), array.dtype)


def pieces(count, size):
    """Slices that go through `count` rows, `size` at a time."""
    return [slice(start, start + size) for start in range(0, count, size)]
