import sys

import pytest
from absl import flags
from testing import flags_of_its_own

from gan_zoo.runs import Recipe
from gan_zoo.runs.refusal import Refusal
from gan_zoo.runs.settings import Settings, command_line

DEFAULT = Settings(dataset="mnist_sample", epochs=3, load={"labels": True})
PAPER = Settings(dataset="celeb_a", epochs=25, features=None)


RECIPE = Recipe(None, DEFAULT, PAPER)


def started(monkeypatch, *arguments, recipes=(RECIPE,), code=0):
    """What `start` is called with by a command line, but for the recipe."""
    return started_recipe(monkeypatch, *arguments, recipes=recipes, code=code)[1:]


def started_recipe(monkeypatch, *arguments, recipes, code=0):
    calls = []

    def start(recipe, settings, run_dir, **rest):
        calls.append((recipe, settings, run_dir, rest))
        return code

    monkeypatch.setattr(sys, "argv", ["recipes/some_gan.py", *arguments])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        command_line(start, recipes)
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
    recipe = Recipe(None, DEFAULT)
    settings, _, rest = started(monkeypatch, "--preset=paper", recipes=[recipe])
    assert (settings, rest["preset"]) == (DEFAULT, "paper")


TWO = [
    Recipe(None, DEFAULT, PAPER, model="GAN"),
    Recipe(None, Settings(epochs=8), model="LSGAN", name="ls"),
]


@pytest.mark.parametrize(
    ("flags", "place", "epochs", "run_dir"),
    [
        ([], 0, 3, "runs/some_gan"),
        (["--model=GAN", "--preset=paper"], 0, 25, "runs/some_gan"),
        (["--model=LSGAN"], 1, 8, "runs/ls"),
        (["--model=lsgan", "--preset=paper"], 1, 8, "runs/ls"),
        (["--model=LSGAN", "--epochs=2", "--run_dir=x"], 1, 2, "x"),
    ],
)
def test_one_script_s_models(monkeypatch, flags, place, epochs, run_dir):
    recipe, settings, folder, _ = started_recipe(monkeypatch, *flags, recipes=TWO)
    assert recipe.model == TWO[place].model
    assert recipe.name == ("some_gan", "ls")[place]
    assert (settings.epochs, folder) == (epochs, run_dir)


def test_a_model_that_the_script_does_not_have(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["recipes/some_gan.py", "--model=WGAN"])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        command_line(lambda *_, **__: 0, TWO)
    assert exit.value.code
    assert "<GAN|LSGAN>" in capsys.readouterr().err


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


@pytest.mark.parametrize("recipes", [[RECIPE], TWO])
def test_help_shows_each_flag(monkeypatch, recipes):
    monkeypatch.setattr(sys, "argv", ["recipes/some_gan.py"])
    shown = []

    def start(*_, **__):
        shown.append(flags.FLAGS.main_module_help())  # what --help prints

    with flags_of_its_own(), pytest.raises(SystemExit):
        command_line(start, recipes)
    assert "images per batch" in shown[0]
    assert "--preset" in shown[0]
    assert ("--model" in shown[0]) == (recipes is TWO)


def test_arguments_without_dashes_are_an_error(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["some_gan.py", "epochs=7"])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        command_line(lambda *_, **__: 0, [RECIPE])
    assert exit.value.code == 1
    assert "flags are --name=x" in capsys.readouterr().err


def ended(monkeypatch, error):
    """What the command line of a recipe that raises this ends with."""

    def start(*_, **__):
        raise error

    monkeypatch.setattr(sys, "argv", ["some_gan.py"])
    with flags_of_its_own(), pytest.raises(BaseException) as caught:  # noqa: PT011
        command_line(start, [RECIPE])
    return caught.value


@pytest.mark.parametrize("error", [Refusal("Why."), FloatingPointError("Why.")])
def test_what_is_expected_ends_in_its_words(monkeypatch, error):
    end = ended(monkeypatch, error)
    assert isinstance(end, SystemExit)
    assert end.code == "Why."  # which Python prints, with exit code 1


def test_ctrl_c_before_training_needs_no_traceback(monkeypatch, capsys):
    assert ended(monkeypatch, KeyboardInterrupt()).code == 130
    assert "The same command starts again" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ValueError("x"), OSError("x"), KeyError("x")])
def test_a_fault_of_the_code_keeps_its_traceback(monkeypatch, error):
    assert ended(monkeypatch, error) is error
