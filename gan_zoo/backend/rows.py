"""The scope in which a function is differentiated for each row by itself."""

import contextlib
import threading

# MirroredStrategy traces each replica in a thread of its own.
_local = threading.local()


@contextlib.contextmanager
def row_by_row():
    """Scope in which a network must compute each row independently of the others."""
    outer = is_row_by_row()
    _local.inside = True
    try:
        yield
    finally:
        _local.inside = outer


def is_row_by_row():
    """Whether the gradient of each row by itself is being taken."""
    return getattr(_local, "inside", False)
