"""The draw scope: where a layer or a model finds the seed of its next random draw."""

import contextlib
import threading

# MirroredStrategy traces each replica in a thread of its own.
_local = threading.local()


class _Scope:
    def __init__(self, seed):
        self.seed = seed
        self.sites = 0


@contextlib.contextmanager
def draws(seed):
    """Gives every random draw inside the block its own stateless seed.

    The n-th draw of a block always gets the seed (`seed`, n): no state is kept, so a
    resumed run repeats the numbers of the uninterrupted one.

    Args:
        seed: integer tensor of shape (2,), for example `fold_in((seed, 0), step)`.

    Yields:
        An object whose `sites` counts the draws so far.

    Example:
        with backend.draws((seed, step)):
            z = backend.normal((64, 100))
            images = generator(z, training=True)  # its noise layers draw here too
    """
    outer = getattr(_local, "scope", None)
    _local.scope = _Scope(seed)
    try:
        yield _local.scope
    finally:
        _local.scope = outer


def drawing():
    """Whether a `draws` block is open, so that a draw would find its seed."""
    return getattr(_local, "scope", None) is not None


def next_seed():
    """`(seed, site)` of the next draw, or None outside every `draws` block."""
    scope = getattr(_local, "scope", None)
    if scope is None:
        return None
    scope.sites += 1
    return scope.seed, scope.sites
