from gan_zoo.files import shown


def test_paths_inside_the_current_folder_are_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "runs" / "x") == "runs/x"
    assert shown("runs/x") == "runs/x"
    assert shown(tmp_path) == "."
    assert shown(tmp_path.parent / "other") == str(tmp_path.parent / "other")
