"""A run's folder: one process at a time, one set of settings, files written whole."""

import contextlib
import fcntl
import json
import os
import shutil
import time

from gan_zoo.files import write_whole
from gan_zoo.runs.refusal import Refusal

# Settings that may change when a run is taken up again: the numbers stay the same.
_MAY_CHANGE = ("data_dir", "strategy", "checkpoint_seconds")


@contextlib.contextmanager
def only_process(run_dir):
    """Holds the folder's lock, which the system frees however the process ends.

    If an error ends the block before anything was trained, a new folder forgets its
    settings. The command can then be corrected and given again.

    Args:
        run_dir: the run folder; made when it is not there.

    Raises:
        Refusal: when another process holds it, or the folder cannot be written.
    """
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        lock = open(run_dir / ".lock", "a+")  # noqa: SIM115 closed below
    except OSError as error:
        raise Refusal(
            f"The run folder {run_dir} cannot be written ({error.strerror}). Pass "
            "another one with --run_dir."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refusal(
                f"Process {lock.read().strip()} is working in {run_dir}. Wait for it, "
                "or pass another folder with --run_dir."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        for folder in (run_dir, *run_dir.glob("phases/*")):
            for leftover in folder.glob("checkpoints/.*"):  # of a killed process
                shutil.rmtree(leftover, ignore_errors=True)
        settings = run_dir / "settings.json"
        new = not settings.exists()
        try:
            yield
        except Exception:
            if new and not any(run_dir.glob("**/checkpoints/step-*")):
                settings.unlink(missing_ok=True)
            raise


def remember(run_dir, settings, may_change=()):
    """Writes settings.json, or compares it with the one that is there.

    Args:
        run_dir: the run folder.
        settings: dict of what the run's numbers depend on, for JSON.
        may_change: names of further settings that may differ from last time.

    Raises:
        Refusal: when the folder belongs to a run with other settings.
    """
    path = run_dir / "settings.json"
    now = json.loads(json.dumps(settings))
    if path.exists():
        then = json.loads(path.read_text())
        changed = [
            f"--{name}: {then.get(name)!r} then, {now[name]!r} now"
            for name in now
            if name not in (*_MAY_CHANGE, *may_change) and then.get(name) != now[name]
        ]
        if changed:
            raise Refusal(
                f"{run_dir} holds a run with other settings ({'; '.join(changed)}). "
                "Repeat them to go on, or pass another folder with --run_dir."
            )
    now["started"] = time.strftime("%Y-%m-%d %H:%M:%S")
    write_whole(path, json.dumps(now, indent=1))
