"""Why a run does not start, or go on: what a user's flags, data or disk caused."""

import contextlib


class Refusal(RuntimeError, ValueError, OSError):
    """Why a run does not start, or go on, in words that need no traceback.

    It is of each type that its causes have, so that callers of `run` may catch these.
    """


@contextlib.contextmanager
def refusing(*causes):
    """Scope of what a user's flags or data decide.

    Args:
        *causes: types of exceptions whose messages are meant for the user. Others come
            from faults in the code, and keep their traceback.

    Raises:
        Refusal: in place of one of these.
    """
    try:
        yield
    except Refusal:
        raise
    except causes as error:
        raise Refusal(str(error)) from error
