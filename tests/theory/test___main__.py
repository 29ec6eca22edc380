import subprocess
import sys

import pytest

from gan_zoo import theory
from gan_zoo.theory import __main__ as command


def test_every_demonstration_measures_tells_and_draws():
    for module in theory.DEMONSTRATIONS.values():
        assert all(map(callable, (module.measure, module.summary, module.draw)))


def test_named_ones_are_drawn_and_told(tmp_path, capsys):
    command.run(["kl_directions"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kl_directions.png"]
    line = capsys.readouterr().out
    assert line.startswith(f"{tmp_path / 'kl_directions.png'}: from means")
    assert line.count("\n") == 1


def test_a_wrong_name_draws_nothing_and_lists_the_names(tmp_path):
    with pytest.raises(ValueError, match=r"dirac, modes, got wgan, x\."):
        command.run(["kl_directions", "wgan", "x"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_from_the_command_line_a_wrong_name_is_a_usage_error(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gan_zoo.theory", "--out", tmp_path, "nothing"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "optimal_discriminator, gradients" in done.stdout + done.stderr
