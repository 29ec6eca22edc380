"""The scope in which a function is differentiated for each row by itself."""

import contextlib
import threading

# MirroredStrategy traces each replica in a thread of its own.
_local = threading.local()


@contextlib.contextmanager
def row_by_row():
    """Says to what is called inside that its rows must not depend on each other."""
    outer = is_row_by_row()
    _local.inside = True
    try:
        yield
    finally:
        _local.inside = outer


def is_row_by_row():
    """Whether the gradient of each row by itself is being taken."""
    return getattr(_local, "inside", False)
