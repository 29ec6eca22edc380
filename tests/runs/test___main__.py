import json
import runpy
import sys

import pytest
from testing import flags_of_its_own


def command(monkeypatch, *arguments):
    """Exit code of `python -m gan_zoo.runs` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["gan_zoo.runs", *map(str, arguments)])
    with flags_of_its_own(), pytest.raises(SystemExit) as exit:
        runpy.run_module("gan_zoo.runs", run_name="__main__")
    return exit.value.code or 0


def finished(folder):
    folder.mkdir()
    settings = {"preset": "default", "dataset": "mnist_sample", "batch_size": 4}
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "results.json").write_text("{}")
    (folder / "metrics.csv").write_text("epoch,step,seconds,d_loss\n1,9,2.5,0.123456\n")
    return folder


def test_each_run_folder_becomes_a_file(tmp_path, monkeypatch, capsys):
    folders = [finished(tmp_path / name) for name in ("lsgan_mnist", "vae_mnist")]
    out = tmp_path / "recipes" / "reference"
    assert command(monkeypatch, *folders, f"--out={out}") == 0
    printed = capsys.readouterr().out.split()
    assert printed == [str(out / f"{folder.name}.csv") for folder in folders]
    settings, *table = (out / "lsgan_mnist.csv").read_text().splitlines()
    assert json.loads(settings.removeprefix("# "))["batch_size"] == 4
    assert table == ["epoch,step,d_loss", "1,9,0.1235"]


@pytest.mark.parametrize(
    ("folders", "message"),
    [([], "folders of one or more finished runs"), (["nothing"], "has no settings")],
)
def test_what_cannot_be_done_is_said(tmp_path, monkeypatch, capsys, folders, message):
    assert command(monkeypatch, *(tmp_path / name for name in folders)) == 1
    assert message in capsys.readouterr().err
