import signal
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
    with pytest.raises(ValueError, match=r"modes, more_modes, got wgan, x\."):
        command.run(["kl_directions", "wgan", "x"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_folder_s_place_is_told_before_measuring(tmp_path):
    file = tmp_path / "file"
    file.touch()
    for place in (file, file / "deeper"):
        with pytest.raises(ValueError, match=f"a folder.*got {place}, which"):
            command.run(["modes"], place)


def test_the_help_names_every_demonstration_and_the_hours():
    for name in theory.DEMONSTRATIONS:
        assert name in command.__doc__
    assert "modes and more_modes take about an hour each" in command.__doc__


def in_a_process(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "gan_zoo.theory", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Where the tests run in the background, signals are ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize(
    ("out", "names", "told"),
    [
        ("folder", ["nothing"], "optimal_discriminator, gradients"),
        ("file", ["kl_directions"], "Expected a folder for the pictures"),
    ],
)
def test_on_the_command_line_mistakes_are_usage_errors(tmp_path, out, names, told):
    (tmp_path / "file").touch()
    process = in_a_process("--out", tmp_path / out, *names)
    said, _ = process.communicate()
    assert process.returncode == 1
    assert told in said
    assert "Traceback" not in said


def test_ctrl_c_says_how_to_go_on(tmp_path):
    folder = tmp_path / "out"
    process = in_a_process("--out", folder, "modes")
    said = ""
    while "0/" not in said:  # the progress bar: the first training begins
        said += (letter := process.stdout.read(1))
        assert letter, said
    process.send_signal(signal.SIGINT)
    said += process.communicate()[0]
    assert process.returncode == 130, said
    assert f"in {folder / 'modes.json'}" in said
