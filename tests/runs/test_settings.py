import sys

import pytest
from absl import flags
from testing import flags_of_its_own

from gan_zoo.runs.settings import Settings, command_line

DEFAULT = Settings(dataset="mnist_sample", epochs=3, load={"labels": True})
PAPER = Settings(dataset="celeb_a", epochs=25, features=None)


def started(monkeypatch, *arguments, paper=PAPER, code=0):
    """What `start` is called with by a command line."""
    calls = []

    def start(settings, run_dir, **rest):
        calls.append((settings, run_dir, rest))
        return code

    monkeypatch.setattr(sys, "argv", ["recipes/some_gan.py", *arguments])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        command_line(start, DEFAULT, paper)
    assert (exit.value.code or 0) == code
    return calls[0]


def test_without_flags_the_default(monkeypatch):
    settings, run_dir, rest = started(monkeypatch)
    assert settings == DEFAULT
    assert run_dir == "runs/some_gan"
    assert rest == {"preset": "default", "export": True, "stop_after": None}


def test_flags_override_the_preset(monkeypatch):
    flags = ["--preset=paper", "--epochs=7", "--image_size=64", "--run_dir=x"]
    settings, run_dir, rest = started(monkeypatch, *flags, "--stop_after=5", code=130)
    wanted = Settings(dataset="celeb_a", epochs=7, image_size=64, features=None)
    assert (settings, run_dir) == (wanted, "x")
    assert (rest["preset"], rest["stop_after"]) == ("paper", 5)


def test_the_paper_s_settings_may_be_the_default_s(monkeypatch):
    settings, _, rest = started(monkeypatch, "--preset=paper", paper=None)
    assert (settings, rest["preset"]) == (DEFAULT, "paper")


def test_none_is_none_where_a_setting_may_be_that(monkeypatch):
    settings, _, _ = started(monkeypatch, "--features=none", "--strategy=none")
    assert settings.features is None
    assert settings.strategy == "none"


def test_flags_of_folders_are_arguments_of_load(monkeypatch):
    settings, _, _ = started(monkeypatch, "--splits=false", "--on_bad_file=skip")
    assert settings.load == {"labels": True, "splits": False, "on_bad_file": "skip"}
    settings, _, _ = started(monkeypatch, "--splits", "--preset=paper")
    assert settings.load == {"splits": True}


@pytest.mark.parametrize(
    ("flags", "features"),
    [
        (["--dataset=folder:photos"], None),
        (["--dataset=folder:photos", "--features=mnist"], "mnist"),
        (["--dataset=mnist"], "mnist"),
    ],
)
def test_digits_are_what_the_mnist_network_judges(monkeypatch, flags, features):
    settings, _, _ = started(monkeypatch, *flags)
    assert settings.features == features


def test_help_shows_each_flag(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["recipes/some_gan.py"])
    shown = []

    def start(*_, **__):
        shown.append(flags.FLAGS.main_module_help())  # what --help prints

    with flags_of_its_own(), pytest.raises(SystemExit):
        command_line(start, DEFAULT)
    assert "images per batch" in shown[0]
    assert "--preset" in shown[0]


def test_arguments_without_dashes_are_an_error(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["some_gan.py", "epochs=7"])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        command_line(lambda *_, **__: 0, DEFAULT)
    assert exit.value.code == 1
    assert "flags are --name=x" in capsys.readouterr().err
