import numpy as np
import pytest
from PIL import Image

from gan_zoo.data import folders


def _save(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path)


@pytest.mark.parametrize("left", ["samples", "checkpoints", "export", "report.html"])
def test_the_folder_of_a_run_is_refused(tmp_path, left):
    run = tmp_path / "dcgan"
    _save(run / "samples" / "epoch-001.png")
    (run / left).mkdir(exist_ok=True)
    (run / "settings.json").write_text("{}")
    message = f"metrics REAL {run} --count"
    for path, kind in (
        (run, "the folder of a run"),
        (run / "samples", "the sample pictures of a run"),
        (tmp_path, "a folder of runs"),
    ):
        for opened in (folders.open_folder, folders.open_paired):
            with pytest.raises(ValueError, match=f"got {kind}") as caught:
                opened(path)
            assert message in str(caught.value)


@pytest.mark.parametrize(
    "place", ["checkpoints", "checkpoints/step-000000009", "phases/first/checkpoints"]
)
def test_checkpoints_are_refused_and_their_run_is_named(tmp_path, monkeypatch, place):
    run = tmp_path / "runs" / "dcgan"
    for folder in ("checkpoints", place):
        (run / folder).mkdir(parents=True, exist_ok=True)
    (run / "settings.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    message = r"got checkpoints of a run, \S+, which hold no images.* REAL runs/dcgan -"
    with pytest.raises(ValueError, match=message):
        folders.open_folder(f"runs/dcgan/{place}")
    _save(tmp_path / "photos" / "checkpoints" / "a.png")
    _save(tmp_path / "photos" / "checkpoints" / "b.png")
    assert len(folders.open_folder("photos/checkpoints")[0].sides[0]) == 1


def test_a_folder_of_images_with_settings_is_no_run(tmp_path):
    for i in range(3):
        _save(tmp_path / f"{i}.png")
    (tmp_path / "settings.json").write_text("{}")
    assert len(folders.open_folder(tmp_path)[0].sides[0]) == 2
