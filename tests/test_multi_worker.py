"""Two worker processes over the loopback interface, as TF_CONFIG sets them up."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
from testing import ROOT


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def start(folder, die_at=None):
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]
    processes = []
    for index in range(2):
        config = {
            "cluster": {"worker": workers},
            "task": {"type": "worker", "index": index},
        }
        command = [sys.executable, ROOT / "tests" / "worker.py", folder]
        if die_at and index == 1:
            command.append(str(die_at))
        processes.append(
            subprocess.Popen(
                command,
                env=os.environ | {"TF_CONFIG": json.dumps(config)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    return processes


def finish(processes, timeout):
    """Exit codes and error outputs; a process that hangs fails the test."""
    try:
        errors = [process.communicate(timeout=timeout)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [process.returncode for process in processes], errors


def weights(folder, index=0):
    with np.load(folder / f"weights-{index}.npz") as file:
        return [file[name] for name in file.files]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    subprocess.run(
        [sys.executable, ROOT / "tests" / "worker.py", folder],
        check=True,
        capture_output=True,
    )
    return weights(folder)


def test_two_workers_end_as_one_device(tmp_path, alone):
    codes, errors = finish(start(tmp_path), timeout=150)
    assert codes == [0, 0], errors
    for index in range(2):
        for a, b in zip(weights(tmp_path, index), alone, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)
    run = tmp_path / "run"
    assert len(list((run / "samples").glob("*.png"))) == 3
    assert {path.name for path in (run / "export").iterdir()} == {"1", "model.config"}
    assert (run / "model.keras").exists()


def test_a_killed_worker_ends_the_run_with_an_error_and_it_resumes(tmp_path, alone):
    codes, _ = finish(start(tmp_path, die_at=6), timeout=150)
    assert codes[1] == -9
    assert codes[0] not in (0, None)
    codes, errors = finish(start(tmp_path), timeout=150)
    assert codes == [0, 0], errors
    for a, b in zip(weights(tmp_path), alone, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
